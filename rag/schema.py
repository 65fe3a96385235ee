"""The nouns of the project, all frozen."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from langchain_core.documents import Document as Passage


@dataclass(frozen=True)
class Document:
    """Hold a whole source: its exact text, and where its pages begin (character offsets)."""

    source: str
    title: str
    kind: str
    text: str
    pages: tuple[int, ...] = ()


def page_at(pages: Sequence[int], offset: int) -> int | None:
    """Give the number, from 1, of the page that holds a character, if the document has pages."""
    return max(1, bisect_right(pages, offset)) if pages else None


@dataclass(frozen=True)
class Turn:
    """Hold one earlier exchange of a conversation."""

    question: str
    answer: str


@dataclass(frozen=True)
class Question:
    """Hold what a person asks, with the conversation so far, oldest turn first."""

    text: str
    history: tuple[Turn, ...] = ()


@dataclass(frozen=True)
class Citation:
    """Point to an exact span of a source: `text[start:end] == quote`."""

    number: int
    source: str
    title: str
    start: int
    end: int
    page: int | None
    quote: str


@dataclass(frozen=True)
class Answer:
    """Hold an answer as it is shown, what it stands on, and what was searched."""

    text: str
    citations: tuple[Citation, ...]
    refused: bool
    language: str
    searched: str
    passages: tuple[Passage, ...]
    confidence: float
    model: str | None
    seconds: dict[str, float]


class RagError(Exception):
    """Say in one sentence what went wrong and what to do; shown to people as it is."""


__all__ = ["Answer", "Citation", "Document", "Passage", "Question", "RagError", "Turn", "page_at"]
