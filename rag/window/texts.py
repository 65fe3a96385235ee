"""Every word of the window, in French and in English: the sentences of `texts.toml`, their places filled."""

import tomllib
from pathlib import Path

from rag.text.language import Language

TEXTS: dict[str, dict[Language, str]] = tomllib.loads(
    Path(__file__).with_name("texts.toml").read_text(encoding="utf-8")
)


def text(key: str, language: Language, **values: object) -> str:
    """Return a text of the window in a language, or in English, its places filled."""
    words = TEXTS[key].get(language, TEXTS[key]["en"])
    return words.format(**values) if values else words


def number(value: int, language: Language) -> str:
    """Write a number with the language's thousands separator."""
    return f"{value:,}".replace(",", "\u202f") if language == "fr" else f"{value:,}"
