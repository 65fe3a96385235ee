"""The words of a question that carry its meaning."""

import re

from rag.text.packs import joined

WORD = re.compile(r"\w+")
STOP_WORDS = joined("stop_words")


def words(text: str) -> list[str]:
    """List the words that carry the meaning of a question, lower-cased, in order and once each; all if none does."""
    found = list(dict.fromkeys(word.casefold() for word in WORD.findall(text)))
    return [w for w in found if w not in STOP_WORDS and (len(w) > 1 or w.isdigit())] or found
