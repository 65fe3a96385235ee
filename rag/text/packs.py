"""What the program knows of each language: one folder a language, with a `pack.toml` of its word lists and patterns.

Texts mix languages (an English letter in a French article), so most of what is known is applied to all texts alike:
`joined` and `pattern` give the lists and patterns of all languages together.
"""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from rag.text.folding import fold
from rag.text.language import LANGUAGES, Language


@cache
def pack(language: Language) -> dict[str, Any]:
    """Read the pack of a language: word lists as strings of words, patterns as regular expressions."""
    path = Path(__file__).parent / language / "pack.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def joined(name: str) -> frozenset[str]:
    """Return the words of a list in all languages."""
    return frozenset(word for language in LANGUAGES for word in pack(language)[name].split())


def folded(name: str) -> frozenset[str]:
    """Return the words of a list in all languages, without case and accents."""
    return frozenset(map(fold, joined(name)))


def numbered(name: str) -> dict[str, str]:
    """Give each word of an ordered list the number of its place: "avril" and "april" are both `months 4`."""
    return {
        fold(word): f"{name} {place}"
        for language in LANGUAGES
        for place, words in enumerate(pack(language)[name].split("|"), 1)
        for word in words.split()
    }


def pattern(name: str, form: str = "{}") -> re.Pattern[str]:
    """Compile what any language has under a name, put into `form`; upper and lower case are alike."""
    return re.compile(form.format("|".join(pack(language)[name] for language in LANGUAGES)), re.IGNORECASE)
