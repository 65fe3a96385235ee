"""What can be compared exactly in two sentences besides numbers: dates, names, denials, opposite words."""

import re
from collections.abc import Callable
from functools import cache

from rag.text.folding import fold
from rag.text.language import LANGUAGES
from rag.text.numbers import AMBIGUOUS
from rag.text.packs import folded, numbered, pack, pattern
from rag.text.words import STOP_WORDS

MONTHS = numbered("months")
DAYS = numbered("days")
PLAIN = re.compile(r"[^\W\d_]+")
WORD = re.compile(r"[^\W_]+(?:[+&'’.-][^\W_]+)*\+?")
ELISION = pattern("elision", "^(?:{})")
POSSESSIVE = pattern("possessive", "(?:{})$")
FOLLOWED = re.compile(r" [^\W\d_a-zà-ÿ]")
NEGATION = pattern("negation")
# « ne … que » limits, « non seulement », "not only" and "no longer just" add: none of them denies.
NO_DENIAL = pattern("no_denial")
DENYING = folded("denying")  # words that leave open whether something is denied
CLAUSE = pattern("conjunction", r"[,;:—–()]|[.!?](?=\s)|{}")
# Who stands for somebody named before: « Il invite chacun… » may support a sentence that names him.
PRONOUN = re.compile(rf"\b(?:{'|'.join(sorted(folded('pronoun')))})\b", re.IGNORECASE)


def dates(text: str) -> set[str]:
    """Find the months and days of the week that a text names, in one form for both languages."""
    found: set[str] = set()
    for match in WORD.finditer(text):
        word = fold(match[0])
        name = MONTHS.get(word) or DAYS.get(word)
        sure = (
            word not in AMBIGUOUS
            or re.match(r"\s*\d", text[match.end() :])
            or re.search(r"\d\s*$", text[: match.start()])
        )
        if name and sure:
            found.add(name)
    return found


def names(text: str, known: Callable[[str], bool] = lambda word: True) -> list[str]:
    """Find the proper names of a sentence word by word: capitals that no beginning of a sentence explains.

    The first words of sentences count where another capital follows, or `known` does not know them as common words.
    """
    found: list[str] = []
    begins = True
    for match in WORD.finditer(text):
        word = match[0]
        inner = any(c.isupper() for c in word[1:]) or word.endswith("+")
        plain = ELISION.sub("", word)
        is_capital = plain[:1].isupper() and (
            not begins or inner or FOLLOWED.match(text, match.end()) or not known(plain)
        )
        if is_capital and plain.casefold() not in STOP_WORDS and fold(plain) not in MONTHS and fold(plain) not in DAYS:
            found.append(POSSESSIVE.sub("", plain))
        rest = text[match.end() :].lstrip(" \u00a0\u202f")
        begins = rest[:1] in '.!?:«“"•(' or (rest[:1] in "»”" and rest[1:2] in ".!?")
    return [name for name in found if len(name) > 1]


def denies(text: str) -> bool | None:
    """Tell whether a clause denies something; None where its words leave that open."""
    if any(fold(word) in DENYING for word in PLAIN.findall(text)):
        return None
    left, limited = NO_DENIAL.subn(" ", text)
    if NEGATION.search(left):
        return True
    return None if limited else False


def clauses(text: str) -> list[str]:
    """Split a sentence into clauses, roughly: names joined by "and" come apart too, which does no harm here."""
    return [clause for clause in CLAUSE.split(text) if any(map(str.isalpha, clause))]


@cache
def _opposites() -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    sides: dict[str, tuple[frozenset[str], frozenset[str]]] = {}
    pairs = [pack(language).opposites for language in LANGUAGES]
    for name in dict.fromkeys(name for pair in pairs for name in pair):
        both = zip(*(pair[name] for pair in pairs if name in pair), strict=True)
        left, right = (frozenset(map(fold, " ".join(side).split())) for side in both)
        for word in left:
            sides.setdefault(word, (left, right))
        for word in right:
            sides.setdefault(word, (right, left))
    return sides


def opposite(claim: str, evidence: str) -> tuple[str, str] | None:
    """Find a word of a claim whose opposite stands in the evidence where no word of its own side does."""
    held = {fold(word) for word in PLAIN.findall(evidence)}
    for word in (fold(word) for word in PLAIN.findall(claim)):
        if word in _opposites() and word not in held:
            same, other = _opposites()[word]
            against = other & held
            if against and not same & held:
                return word, min(against)
    return None
