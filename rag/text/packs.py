"""What the program knows of each language: a pack, read from the language's folder in `languages/`.

`pack.toml` holds word lists and patterns, `answers.toml` what the program says. Texts mix languages
(an English letter in a French article), so most of what is known is applied to all texts alike:
`joined` and `pattern` give the lists and patterns of all languages together.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any

from rag.text.folding import fold
from rag.text.language import FOLDER, LANGUAGES, PACK, Language

ANSWERS = "answers.toml"


@dataclass(frozen=True)
class Pack:
    """Hold what the program knows of one language; the English pack explains each field."""

    order: int
    name: str
    stemmer: str
    recognition: str
    singular: list[int]
    day_first: bool
    words: dict[str, str]
    patterns: dict[str, str]
    opposites: dict[str, tuple[str, str]]
    turns: dict[str, list[str]]
    sentences: dict[str, Any]


@cache
def pack(language: Language) -> Pack:
    """Return the pack of a language."""
    return Pack(**_read(language, PACK), sentences=_read(language, ANSWERS))


def _read(language: Language, name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / language / name).read_text(encoding="utf-8"))


def joined(name: str) -> frozenset[str]:
    """Return the words of a list in all languages."""
    return frozenset(word for lang in LANGUAGES for word in pack(lang).words[name].split())


def folded(name: str) -> frozenset[str]:
    """Return the words of a list, without case and accents."""
    return frozenset(map(fold, joined(name)))


def numbered(name: str) -> dict[str, str]:
    """Return the place of each word of an ordered list.

    "avril" and "april" are both `months 4`.
    """
    return {
        fold(word): f"{name} {place}"
        for language in LANGUAGES
        for place, words in enumerate(pack(language).words[name].split("|"), 1)
        for word in words.split()
    }


def alternatives(name: str) -> str:
    """Return a pattern of all languages as one, to stand in a group."""
    return "|".join(filter(None, (pack(language).patterns[name] for language in LANGUAGES)))


def pattern(name: str, form: str = "{}") -> re.Pattern[str]:
    """Compile a pattern of all languages, put into `form`; case does not matter."""
    return re.compile(form.replace("{}", alternatives(name)), re.IGNORECASE)
