"""The numbers of a text, in one form for both languages: 6 800,50 = 6,800.50; milliard = billion; vingt-trois = 23."""

import re

from text_to_num import alpha2digit

from rag.text.folding import fold
from rag.text.language import LANGUAGES, Language
from rag.text.packs import folded, pack, pattern

NUMBER = re.compile(r"\d+(?:[ \u00a0\u202f'’.,]\d{3}(?!\d))*(?:[.,]\d+)?")
AFTER_NUMBER = re.compile(r"[ \u00a0\u202f-]*(%|[^\W\d_]+)?")
GROUPS = re.compile(r"[ \u00a0\u202f'’]")
LETTERS = re.compile(r"[^\W\d_]+")
SCALES = {
    **dict.fromkeys(folded("thousand"), 1e3),
    **dict.fromkeys(folded("million"), 1e6),
    **dict.fromkeys(folded("billion"), 1e9),
}
PERCENT = folded("percent") | {"%"}
PER_CENT = pattern("per_cent", r"\b(?:{})\b")
COLLECTIVE = {
    fold(word): float(value)
    for language in LANGUAGES
    for word, value in (entry.split("=") for entry in pack(language).words["collective"].split())
}
AMBIGUOUS = folded("ambiguous")  # numbers, months and common words alike
FROM = 1.9  # the least number written in a word that counts: "un" and "one" are articles
DIGITS = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)?(?!\w)")  # no ordinals, which end in letters


def numbers(text: str, language: Language) -> list[frozenset[str]]:
    """Read each number of a text as the set of its possible readings; `%` counts as part of it.

    Numbers in words are read by text2num in the text's language.
    """
    text = PER_CENT.sub("%", text)
    found: list[frozenset[str]] = []
    rest, at = "", 0
    for match in NUMBER.finditer(text):
        after = AFTER_NUMBER.match(text, match.end())
        unit = fold(after[1] or "") if after else ""
        scale = SCALES.get(unit, 1.0) if unit != "m" or text[match.end() :].lstrip()[:1] == "M" else 1.0
        percent = "%" if unit in PERCENT else ""
        found.append(frozenset(f"{value * scale:g}{percent}" for value in _readings(match[0])))
        stop = after.end() if after and (unit in SCALES or percent) else match.end()
        rest += text[at : match.start()] + " , "
        at = stop
    return [*found, *_in_words(rest + text[at:], language)]


def _in_words(text: str, language: Language) -> list[frozenset[str]]:
    words = LETTERS.findall(text)
    for before, word in zip(["", *words], words, strict=False):
        if fold(word) in AMBIGUOUS and not _is_numeral(before, language):
            text = re.sub(rf"\b{word}\b", ",", text, count=1)
    read = alpha2digit(text, language, FROM)
    found = []
    for match in DIGITS.finditer(read):
        percent = "%" if re.match(r"[ \u00a0]*(?:%|percent\b)", read[match.end() :]) else ""
        found.append(frozenset(f"{value:g}{percent}" for value in _readings(match[0])))
    return [*found, *(frozenset([f"{COLLECTIVE[w]:g}"]) for w in map(fold, words) if w in COLLECTIVE)]


def _is_numeral(word: str, language: Language) -> bool:
    return bool(word) and alpha2digit(word, language, FROM).isdigit()


def _readings(digits: str) -> set[float]:
    """Read digits in every way that is possible: three digits after one sign may be thousands or decimals."""
    plain = GROUPS.sub("", digits)
    groups = re.split(r"[.,]", plain)
    if len(groups) == 1:
        return {float(plain)}
    decimals = float(f"{''.join(groups[:-1])}.{groups[-1]}")
    thousands = float("".join(groups))
    if len(groups[-1]) != 3 or groups[0] in ("", "0") or len(set(re.findall(r"[.,]", plain))) == 2:
        return {decimals}
    return {thousands} if len(groups) > 2 or groups[-1] == "000" else {decimals, thousands}
