"""Words as search sees them: stems, folded accents, word beginnings; the same for every engine."""

import re
import threading
from functools import lru_cache

from Stemmer import Stemmer

from rag.text.folding import base_letters
from rag.text.searchable import searchable

PREFIX_LENGTH = 5
WORD = re.compile(r"[^\W_]+")
STEMMERS = {"fr": Stemmer("french"), "en": Stemmer("english")}
STEMS = tuple(STEMMERS)
# `begin` holds the first letters of each word: French and English share roots (automation,
# automatisation), and so do the forms of a stem (truncation as in McNamee & Mayfield 2004).
FORMS = (*STEMS, "plain", "begin")

Tokens = dict[str, set[str]]

_stemming = threading.Lock()  # a stemmer works in a buffer of its own


def analyze(text: str) -> dict[str, list[str]]:
    """Return the words of a text in each form, in order."""
    words = [_forms(word) for word in WORD.findall(searchable(text))]
    return {name: [forms[place] for forms in words] for place, name in enumerate(FORMS)}


def tokens(text: str) -> Tokens:
    """Return the different words of a text in each form."""
    return {name: set(words) for name, words in analyze(text).items()}


@lru_cache(maxsize=100_000)
def _forms(word: str) -> tuple[str, ...]:
    word = word.casefold()
    with _stemming:
        stems = [stemmer.stemWord(word) for stemmer in STEMMERS.values()]
    plain = base_letters(word)
    return (*map(base_letters, stems), plain, plain[:PREFIX_LENGTH])
