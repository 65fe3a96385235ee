"""A text as it is searched: what is equal to a reader is equal, on the side of the question and of the documents.

What is stored stays as it is; only copies are made for search.
"""

import re
import unicodedata
from collections.abc import Iterable

from rag.text.language import LANGUAGES
from rag.text.packs import pack
from rag.text.structure import Span

# Signs that are not seen (Unicode's default-ignorable code points that turn up in documents).
UNSEEN = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
GROUPED = re.compile(r"(?<![\w.,])\d{1,3}(?:[ \u00a0\u202f'’.,]\d{3})+(?![\w])")
DAY_AND_MONTH = re.compile(r"(?<![\w/.])(0?[1-9]|[12]\d|3[01])/(0?[1-9]|1[0-2])(?:/(\d{4}|\d{2}))?(?![\w/])")
PACKS = [pack(language) for language in LANGUAGES]
NAMES = [known.words["months"].split("|") for known in PACKS if known.day_first]
MONTHS = list(zip(*NAMES, strict=True))  # of each month, its name in each language


def plain(text: str) -> str:
    """Compose accents and leave out what is not seen."""
    return unicodedata.normalize("NFC", UNSEEN.sub("", text))


def plain_with(text: str, spans: Iterable[Span]) -> tuple[str, list[Span]]:
    """Make a text plain and tell where its spans, in order and apart, are then."""
    written, moved, at = "", list[Span](), 0
    for start, end in spans:
        written += plain(text[at:start])
        inner = plain(text[start:end])
        moved.append((len(written), len(written) + len(inner)))
        written += inner
        at = end
    return written + plain(text[at:]), moved


def searchable(text: str) -> str:
    """Write a text in one form: "145 000" as 145000, "31/10" as "31 octobre"."""
    ungrouped = GROUPED.sub(lambda number: re.sub(r"\D", "", number[0]), plain(text))
    return DAY_AND_MONTH.sub(_named, ungrouped)


def _named(date: re.Match[str]) -> str:
    return " ".join(filter(None, (date[1].lstrip("0"), *MONTHS[int(date[2]) - 1], date[3])))
