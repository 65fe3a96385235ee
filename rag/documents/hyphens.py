"""Hyphens at the ends of lines: closed where they only part a word, kept where the word has one of its own."""

import re
from collections import Counter
from collections.abc import Sequence

from rag.text.folding import fold
from rag.text.language import LANGUAGES
from rag.text.lexicon import translations
from rag.text.packs import joined

# What hangs on a verb in French ("Demandez-le", "peut-on"), and first parts that keep their hyphen.
ENCLITIC, PREFIX = joined("enclitic"), joined("prefix")
WORD = re.compile(r"[^\W_]+(?:[-’'][^\W_]+)*")


def closed(text: str, pages: Sequence[int], mark: str) -> tuple[str, list[int]]:
    """Replace each mark of a hyphen at a line's end, and the line end; return the text and the pages' offsets."""
    spelled = Counter(fold(word) for word in WORD.findall(text))
    starts = list(pages)
    result, at = "", 0
    for found in re.finditer(rf"(?:{mark}|(?<=\d)-(?=\n\d))\n*[ ]?", text):
        before = re.search(r"(?:[^\W_]+-)*[^\W_]*$", text[max(0, found.start() - 40) : found.start()])
        after = re.match(r"[^\W_]*(?:-[^\W_]+)*", text[found.end() : found.end() + 40])
        hyphen = "-" if before and after and _keeps(before[0], after[0], spelled) else ""
        result += text[at : found.start()] + hyphen
        at = found.end()
        gone = found.end() - found.start() - len(hyphen)
        starts = [start - gone if pages[n] >= found.end() else start for n, start in enumerate(starts)]
    return result + text[at:], starts


def _keeps(first: str, second: str, spelled: Counter[str]) -> bool:
    """Tell whether a word has a hyphen of its own: by the document, then by the lexicon and what is usual."""
    is_named = first[-1:].isdigit() or second[:1].isdigit() or second[:1].isupper()
    if not first or not second or is_named or "-" in first + second:
        return True
    parted, whole = spelled[fold(f"{first}-{second}")], spelled[fold(first + second)]
    if parted != whole:
        return parted > whole
    if any(translations((first + second).lower(), language) for language in LANGUAGES):
        return False
    return first.lower() in PREFIX or second.lower() in ENCLITIC
