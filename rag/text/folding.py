"""One form for words that differ in case and accents only."""

import unicodedata
from functools import lru_cache

# Letters that Unicode does not take apart.
LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th"})


@lru_cache(maxsize=100_000)
def fold(text: str) -> str:
    """Lower the case and strip the accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


def base_letters(word: str) -> str:
    """Return a lower-case word without accents and ligatures."""
    if word.isascii():
        return word
    apart = unicodedata.normalize("NFKD", word.translate(LETTERS))
    bare = (c for c in apart if not unicodedata.combining(c) and not c.isspace())
    return unicodedata.normalize("NFC", "".join(bare))
