"""What the database takes and gives: rows with names."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from rag.embeddings import Vectors

Stage = Literal["reading", "embedding", "publishing"]
Progress = Callable[[Stage, str, int, int], None]  # what happens to which source, its number from 1, how many there are


@dataclass(frozen=True)
class NewPassage:
    """Hold a passage to be stored: its span, and one vector for each of its sentences."""

    start: int
    end: int
    heading: str
    language: str
    text: str
    spans: Sequence[tuple[int, int]]
    vectors: Vectors


@dataclass(frozen=True)
class StoredPassage:
    """Hold a passage as it is stored, with what it needs of its document."""

    id: int
    document: int
    source: str
    title: str
    start: int
    end: int
    heading: str
    language: str
    text: str
    page: int | None

    def between(self, start: int, end: int) -> str:
        """Give the words from one offset of the document to another, both inside the passage."""
        return self.text[start - self.start : end - self.start]


@dataclass(frozen=True)
class StoredDocument:
    """Hold what is listed of a document."""

    id: int
    source: str
    path: str
    sha256: str
    title: str
    kind: str
    size: int
    added: str
    passages: int
