"""What can be compared exactly in two sentences: numbers, dates, names, negations, opposite words.

French and English write them differently (6 800,50 = 6,800.50; avril = April; milliard = billion): here they are
brought to one form.
"""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from rag.lexical import STOP_WORDS
from rag.lexicon import fold

OPPOSITES = Path(__file__).with_name("opposites.tsv")
NUMBER = re.compile(r"\d+(?:[ \u00a0\u202f'’.,]\d{3}(?!\d))*(?:[.,]\d+)?")
AFTER_NUMBER = re.compile(r"[ \u00a0\u202f-]*(%|[^\W\d_]+)?")
GROUPS = re.compile(r"[ \u00a0\u202f'’]")
SCALES = {
    **dict.fromkeys(["k", "mille", "millier", "milliers", "thousand", "thousands"], 1e3),
    **dict.fromkeys(["m", "million", "millions"], 1e6),
    **dict.fromkeys(["md", "mds", "milliard", "milliards", "bn", "billion", "billions"], 1e9),
}
PERCENT = frozenset(["%", "pour", "pourcent", "percent", "per"])
NUMERALS = {
    word: int(value)
    for value, *words in map(
        str.split,
        """2 deux two|3 trois three|4 quatre four|5 cinq five|6 six|7 sept seven|8 huit eight|9 neuf nine|
        10 dix ten|11 onze eleven|12 douze twelve dozen douzaine|13 treize thirteen|14 quatorze fourteen|
        15 quinze fifteen quinzaine|16 seize sixteen|20 vingt twenty vingtaine|30 trente thirty trentaine|
        40 quarante forty|50 cinquante fifty|60 soixante sixty|100 cent hundred centaine|
        1000 mille thousand millier""".split("|"),
    )
    for word in words
}


def _numbered(kind: str, words: str) -> dict[str, str]:
    """Give each word the number of its place; words of one place are separated by a space."""
    return {word: f"{kind} {n}" for n, place in enumerate(words.split("|"), 1) for word in place.split()}


MONTHS = _numbered(
    "month",
    "janvier january|fevrier february|mars march|avril april|mai may|juin june|juillet july|aout august|"
    "septembre september|octobre october|novembre november|decembre december",
)
DAYS = _numbered(
    "day",
    "lundi monday|mardi tuesday|mercredi wednesday|jeudi thursday|vendredi friday|samedi saturday|dimanche sunday",
)
AMBIGUOUS = frozenset(["may", "mars", "march", "neuf", "second"])  # months or numbers, and common words too
PLAIN = re.compile(r"[^\W\d_]+")
WORD = re.compile(r"[^\W_]+(?:[+&'’.-][^\W_]+)*\+?")
FOLLOWED = re.compile(r" [^\W\d_a-zà-ÿ]")
NEGATION = re.compile(
    r"\b(?:not|never|no|none|nobody|nothing|neither|nor|without|cannot|sans|aucune?|jamais|rien|ni|non|pas)\b|n['’]t\b|"
    r"\bn(?:e\b|['’])[^.,;!?]{1,40}?\b(?:plus|guère|personne)\b",
    re.IGNORECASE,
)
# « ne … que » limits, « non seulement », "not only" and "no longer just" add: none of them denies.
NO_DENIAL = re.compile(
    r"\bn(?:e\b|['’])[^.,;!?]{1,40}?\bqu(?:e\b|['’])|\bnon[ -]?seulement\b|"
    r"\bnot (?:only|just|so much)\b|\bpas (?:seulement|que|tant)\b|"
    r"\bsans doute\b|\bno doubt\b|\bplus ou moins\b",
    re.IGNORECASE,
)
CLAUSE = re.compile(
    r"[,;:—–()]|[.!?](?=\s)|\b(?:et|and|mais|but|while|tandis que|alors que|whereas|instead of|au lieu de)\b",
    re.IGNORECASE,
)
# Who stands for somebody named before: « Il invite chacun… » may support a sentence that names him.
PRONOUN = re.compile(
    r"\b(?:il|elle|ils|elles|lui|son|sa|ses|leurs?|he|she|they|him|her|his|their|je|i|my)\b", re.IGNORECASE
)
DENYING = frozenset(
    fold(word)
    for word in "refuse refuser manque manquer éviter évite cesser cesse arrêter interdit impossible incapable échoue "
    "renonce renoncer lack lacks fail fails avoid avoids stop stops unable impossible deny denies refuses refused "
    "peu rarement hardly rarely barely seldom absence loin".split()
)


def numbers(text: str) -> list[frozenset[str]]:
    """Give each number of a text as the set of its possible readings; `%` counts as part of it."""
    found: list[frozenset[str]] = []
    for match in NUMBER.finditer(text):
        after = AFTER_NUMBER.match(text, match.end())
        unit = (after[1] or "").casefold() if after else ""
        scale = SCALES.get(unit, 1.0) if unit != "m" or text[match.end() :].lstrip()[:1] == "M" else 1.0
        percent = "%" if unit in PERCENT else ""
        found.append(frozenset(f"{value * scale:g}{percent}" for value in _readings(match[0])))
    folded = [fold(word) for word in WORD.findall(text)]
    for before, word in zip(["", *folded], folded, strict=False):
        if before in ("pour", "per"):
            continue
        if word in NUMERALS and word not in AMBIGUOUS:
            found.append(frozenset([f"{NUMERALS[word]:g}"]))
    return found


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


def dates(text: str) -> set[str]:
    """Give the months and days of the week that a text names, in one form for both languages."""
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
    """Give the proper names of a sentence word by word: capitals that no beginning of a sentence explains.

    The first words of sentences count where another capital follows, or `known` does not know them as common words.
    """
    found: list[str] = []
    begins = True
    for match in WORD.finditer(text):
        word = match[0]
        inner = any(c.isupper() for c in word[1:]) or word.endswith("+")
        plain = re.sub(r"^(?:[cdjlmnst]|qu)['’]", "", word, flags=re.IGNORECASE)
        is_capital = plain[:1].isupper() and (
            not begins or inner or FOLLOWED.match(text, match.end()) or not known(plain)
        )
        if is_capital and plain.casefold() not in STOP_WORDS and fold(plain) not in MONTHS and fold(plain) not in DAYS:
            found.append(re.sub(r"['’]s$", "", plain))
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


@cache
def _opposites() -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    sides: dict[str, tuple[frozenset[str], frozenset[str]]] = {}
    for line in OPPOSITES.read_text(encoding="utf-8").splitlines():
        left, right = (frozenset(map(fold, side.split())) for side in line.split("\t"))
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
