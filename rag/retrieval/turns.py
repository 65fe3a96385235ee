"""What kind of turn a person takes: a question to the documents, small talk, or a question about the documents.

Told by the nearest of a few examples in the language packs, by the cosine of the embedding model.
"""

import threading
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from rag.index.embeddings import Embedder
from rag.schema import Vectors
from rag.text.language import LANGUAGES, Language
from rag.text.packs import joined, pack
from rag.text.words import content_words

Kind = Literal["search", "talk", "collection"]
TALK = ("greeting", "thanks", "farewell", "identity", "abilities")
COLLECTION = ("documents", "topics", "summary")
SEARCH = "search"
ASKING = joined("summary_words")
LONGEST = 12  # words; a longer turn has something to ask
NEAR = 0.83  # a cosine from which an example speaks for a turn (`evals`: conversations)


@dataclass(frozen=True)
class Turn:
    """Hold the name of a kind of example, and the language of it: a few words tell theirs badly."""

    name: str
    language: Language

    @property
    def kind(self) -> Kind:
        """Tell what kind of answer the turn gets."""
        return "talk" if self.name in TALK else "collection" if self.name in COLLECTION else "search"


class Turns:
    """Know the kinds of turns by their examples."""

    def __init__(self, embedder: Embedder) -> None:
        self.embedder = embedder
        self._lock = threading.Lock()

    @cached_property
    def _examples(self) -> tuple[list[Turn], Vectors]:
        named = [
            (Turn(name, language), text)
            for language in LANGUAGES
            for name, texts in pack(language)["turns"].items()
            for text in texts
        ]
        return [turn for turn, _ in named], self.embedder.encode_queries([_bare(text) for _, text in named])

    def nearest(self, text: str, language: Language) -> Turn:
        """Find the kind of turn whose example a text is nearest to; a long text, or one near to none, is a search."""
        if len(text.split()) > LONGEST:
            return Turn(SEARCH, language)
        with self._lock:
            turns, vectors = self._examples
        cosines = vectors @ self.embedder.encode_queries([_bare(text)])[0]
        best = int(np.argmax(cosines))
        return turns[best] if cosines[best] >= NEAR and turns[best].name != SEARCH else Turn(SEARCH, language)

    def topic(self, text: str) -> str:
        """Return the words of a turn that do not merely ask for a summary: what it is about."""
        return " ".join(word for word in content_words(text) if word not in ASKING)


def _bare(text: str) -> str:
    return text.casefold().strip(" \u00a0!?.…,;")
