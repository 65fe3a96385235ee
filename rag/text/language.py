"""Which languages there are, and which of them a text is written in."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import TypeAlias

from py3langid.langid import MODEL_FILE, LanguageIdentifier

FOLDER = Path(__file__).with_name("languages")
PACK = "pack.toml"
Language: TypeAlias = str  # an ISO 639-1 code, which is the name of a folder

QUOTED = re.compile(r"«[^»]*»|“[^”]*”|\"[^\"]*\"")
# Names, acronyms and digits say nothing about the language of the sentence around them.
NAME = re.compile(r"(?<=\s)[A-ZÀ-Þ][\w.+-]*|\d+")


def _order(language: Language) -> tuple[int, Language]:
    pack = tomllib.loads((FOLDER / language / PACK).read_text(encoding="utf-8"))
    return pack["order"], language


CODES = [path.parent.name for path in FOLDER.glob(f"*/{PACK}")]
LANGUAGES: tuple[Language, ...] = tuple(sorted(CODES, key=_order))


@cache
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(list(LANGUAGES))
    return identifier


def detect_language(text: str) -> Language:
    """Return the language of a text's own words.

    Quotations and names count only if nothing else is left.
    """
    own_words = NAME.sub(" ", QUOTED.sub(" ", text))
    is_telling = any(map(str.isalpha, own_words))
    return str(_identifier().classify(own_words if is_telling else text)[0])


def other_languages(language: Language) -> tuple[Language, ...]:
    """Return the languages that questions are translated into for search."""
    return tuple(other for other in LANGUAGES if other != language)
