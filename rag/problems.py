"""What can go wrong, told to people: each problem has a code, and one sentence for each language in `problems.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a command that only asks a server need not load what tells languages apart
    from rag.text.language import Language

CATALOGUE = Path(__file__).with_name("problems.toml")


class RagError(Exception):
    """Say in one sentence what went wrong and what to do; shown to people as it is.

    `code` names the sentence in the catalogue, `values` fill its places. As a string it is the English sentence.
    """

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values

    def __str__(self) -> str:
        return self.told("en")

    def told(self, language: Language) -> str:
        """Say it in a language, or in English where it has no sentence yet."""
        told = sentences()[self.code]
        return told.get(language, told["en"]).format(**self.values)


@cache
def sentences() -> dict[str, dict[Language, str]]:
    """Read the sentences of all problems, by code and language."""
    catalogue: dict[str, dict[Language, str]] = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))
    return catalogue


class CommandError(RagError):
    """Say in one English sentence what is wrong with a command or a setting: only who starts the program sees it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence

    def told(self, language: Language) -> str:
        """Say it; the command line speaks English."""
        return self.sentence
