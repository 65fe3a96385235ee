"""Words in the other languages, for the lexical search: an aligned lexicon, and a glossary of working life.

The lexicon was learned from parallel texts (`models/lexicon/`); those texts hardly speak
of hiring and layoffs, so a language's `glossary.tsv` adds what HR people say: an English word, then
its words in that language.
"""

import gzip
from functools import cache
from math import sqrt
from pathlib import Path

from rag.text.folding import fold
from rag.text.language import FOLDER, Language

LEXICON = Path(__file__).resolve().parents[2] / "models" / "lexicon" / "lexicon.tsv.gz"
GLOSSARY = "glossary.tsv"
PIVOT = "en"  # the language that glossaries start from
LIKELY = 0.5  # the probability given to an entry of the glossary

Lexicon = dict[tuple[Language, str], dict[str, float]]


def translations(word: str, language: Language) -> dict[str, float]:
    """List the likely translations of a word and how far each can be trusted, from 0 to 1."""
    return {other: sqrt(probability) for other, probability in _lexicon().get((language, fold(word)), {}).items()}


@cache
def _lexicon() -> Lexicon:
    found: Lexicon = {}
    with gzip.open(LEXICON, "rt", encoding="utf-8") as lines:
        for line in lines:
            language, word, other, probability = line.rstrip("\n").split("\t")
            found.setdefault((language, word), {})[other] = float(probability)
    for glossary in sorted(FOLDER.glob(f"*/{GLOSSARY}")):
        for line in glossary.read_text(encoding="utf-8").splitlines():
            english, *words = line.split("\t")
            for word in words:
                _add(found, PIVOT, english, word)
                _add(found, glossary.parent.name, word, english)
    return found


def _add(lexicon: Lexicon, language: Language, word: str, other: str) -> None:
    known = lexicon.setdefault((language, fold(word)), {})
    known[fold(other)] = max(LIKELY, known.get(fold(other), 0.0))
