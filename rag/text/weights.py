"""The words of a question: the forms that match each, its weight, and how a text covers them."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import log
from typing import Protocol

from rapidfuzz import process
from rapidfuzz.distance import OSA

from rag.text.analysis import FORMS, PREFIX_LENGTH, STEMS, Tokens, analyze
from rag.text.language import Language, other_language
from rag.text.lexicon import translations
from rag.text.searchable import searchable
from rag.text.words import words

EXACT = (*STEMS, "plain")
BOOSTS = {**dict.fromkeys(EXACT, 1.0), "begin": 0.5}  # what a match counts for, by form
CORRECTED = 0.7  # of a match with a word spelled nearly alike, for words that the documents lack
MIN_CORRECTED, LONG = 4, 8  # letters: from these on, one and two may be wrong
TRANSLATED = 0.8  # of a match with a certain translation

Forms = dict[str, dict[str, float]]


class Vocabulary(Protocol):
    """Count the words of the passages that an engine holds."""

    @property
    def count(self) -> int:
        """Return the number of passages."""
        ...

    def frequency(self, form: str, token: str) -> int:
        """Return the number of passages that hold a token."""
        ...

    def terms(self, form: str, prefix: str) -> Iterable[str]:
        """Return the tokens that begin with a prefix."""
        ...


@dataclass(frozen=True)
class Word:
    """Hold a word of a question, its weight and its forms.

    The weight is the inverse document frequency. A form comes with its strength: 1 for the word
    itself, less for a likely spelling or a translation.
    """

    text: str
    weight: float
    forms: Forms

    def strength(self, tokens: Tokens) -> float:
        """Return how well a text matches the word, from 0 to 1."""
        matches = (
            strength * BOOSTS[name]
            for name, forms in self.forms.items()
            for token, strength in forms.items()
            if token in tokens[name]
        )
        return max(matches, default=0.0)


def weigh(text: str, language: Language, vocabulary: Vocabulary) -> list[Word]:
    """Return the words of a question, each weighed by its rarity."""
    return [_word(word, language, vocabulary) for word in words(searchable(text))]


def coverage(query: list[Word], tokens: Tokens) -> float:
    """Return the share of a question's words, by weight, in a text."""
    total = sum(word.weight for word in query)
    return sum(word.weight * word.strength(tokens) for word in query) / total if total else 0.0


def _word(word: str, language: Language, vocabulary: Vocabulary) -> Word:
    forms: Forms = {name: {} for name in FORMS}
    spellings = {word: 1.0}
    if not _frequency(word, vocabulary):
        spellings |= _corrections(word, vocabulary)
    for spelling, strength in spellings.items():
        _add(forms, FORMS, spelling, strength)
    translated = translations(word, language)
    for translation, trust in translated.items():
        _add(forms, (other_language(language), "plain"), translation, TRANSLATED * trust)
    frequency = max(_frequency(spelling, vocabulary) for spelling in spellings) or max(
        (_frequency(translation, vocabulary) for translation in translated), default=0
    )
    rarity = log(1 + (vocabulary.count - frequency + 0.5) / (frequency + 0.5))
    return Word(word, rarity, forms)


def _add(forms: Forms, names: Iterable[str], spelling: str, strength: float) -> None:
    """Add a spelling to some of the forms of a word."""
    analyzed = analyze(spelling)
    for name in names:
        for token in analyzed[name][:1]:
            if name != "begin" or len(token) == PREFIX_LENGTH:
                forms[name][token] = max(strength, forms[name].get(token, 0.0))


def _corrections(word: str, vocabulary: Vocabulary) -> dict[str, float]:
    """Return the words of the passages that are spelled nearly alike."""
    plain = "".join(analyze(word)["plain"][:1])  # nothing for "____"
    if len(plain) < MIN_CORRECTED or not plain.isalpha():
        return {}
    terms = list(vocabulary.terms("plain", plain[0]))
    distance = 1 if len(plain) < LONG else 2
    near = process.extract(plain, terms, scorer=OSA.distance, score_cutoff=distance, limit=2)
    return {term: CORRECTED for term, _, _ in near}


def _frequency(word: str, vocabulary: Vocabulary) -> int:
    """Return the number of passages that hold a word, or a form of it."""
    analyzed = analyze(word)
    return max(vocabulary.frequency(name, "".join(analyzed[name][:1])) for name in EXACT)
