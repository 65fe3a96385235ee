"""French or English: which of the two a text is written in."""

import re
from functools import cache
from typing import Literal, get_args

from py3langid.langid import MODEL_FILE, LanguageIdentifier

Language = Literal["fr", "en"]  # each has a folder beside this file
LANGUAGES: tuple[Language, ...] = get_args(Language)

QUOTED = re.compile(r"«[^»]*»|“[^”]*”|\"[^\"]*\"")
# Names, acronyms and digits say nothing about the language of the sentence around them.
NAME = re.compile(r"(?<=\s)[A-ZÀ-Þ][\w.+-]*|\d+")


@cache
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(list(LANGUAGES))
    return identifier


def detect_language(text: str) -> Language:
    """Tell the language of a text's own words: quotations and names count only if nothing else is left."""
    own_words = NAME.sub(" ", QUOTED.sub(" ", text))
    code = _identifier().classify(own_words if any(map(str.isalpha, own_words)) else text)[0]
    return "en" if code == "en" else "fr"


def other_language(language: Language) -> Language:
    """Return the language that questions are translated into for search."""
    return "en" if language == "fr" else "fr"
