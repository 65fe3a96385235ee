"""The words of a question that carry its meaning."""

import re

from rag.text.packs import joined

WORD = re.compile(r"\w+")
STOP_WORDS = joined("stop_words")


def content_words(text: str) -> list[str]:
    """List the words that are no stop words, lower-cased, in order and once each.

    An acronym that is spelled like a stop word (CET, IT, CE) counts where it is written as an acronym.
    """
    found = WORD.findall(text)
    shouts = not any(word.islower() for word in found)
    kept = (w for w in found if (not shouts and len(w) > 1 and w.isupper()) or w.casefold() not in STOP_WORDS)
    return list(dict.fromkeys(w.casefold() for w in kept if len(w) > 1 or w.isdigit()))


def words(text: str) -> list[str]:
    """List the words that carry the meaning of a question; all of them if none does."""
    return content_words(text) or list(dict.fromkeys(word.casefold() for word in WORD.findall(text)))
