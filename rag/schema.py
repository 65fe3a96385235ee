"""The nouns of the project, all frozen."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from langchain_core.documents import Document as Passage

LIKE_A_MARK = re.compile(r"\[(?=\d)")


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


class Verdict(StrEnum):
    """Name what checking a sentence against the span it cites came to."""

    SUPPORTED = "supported"
    PARTLY = "partly"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True)
class Statement:
    """Hold a piece of an answer: a sentence with what it cites, or words of the program's own, which cite nothing.

    `before` is what stands between it and the piece before it; `reason` says why it is not wholly supported.
    """

    text: str
    citations: tuple[int, ...] = ()
    verdict: Verdict | None = None
    reason: str = ""
    before: str = " "


@dataclass(frozen=True)
class Answer:
    """Hold an answer as it is shown, what it stands on, and what was searched.

    `model` is the language model that wrote it, or None for quotations; `notice` tells the person what went
    otherwise than planned; `destination` is the host that the question, `sent_turns` earlier turns and `sent_passages`
    passages were sent to, if they left the machine.
    `removed` counts sentences that were not supported and are not shown. Where an answer is streamed, only the
    last one is `final`.
    """

    statements: tuple[Statement, ...]
    citations: tuple[Citation, ...]
    refused: bool
    language: str
    searched: str
    passages: tuple[Passage, ...]
    confidence: float
    seconds: dict[str, float]
    model: str | None = None
    notice: str = ""
    destination: str = ""
    sent_turns: int = 0
    sent_passages: int = 0
    tokens: int = 0
    removed: int = 0
    final: bool = True

    @property
    def text(self) -> str:
        """Give the answer as a person reads it, marks included."""
        pieces = (
            f"{s.before}{without_marks(s.text)}{''.join(f' [{number}]' for number in s.citations)}"
            for s in self.statements
        )
        return "".join(pieces).strip()


def without_marks(text: str) -> str:
    """Keep a bracketed number of a source from being read as a mark: a word joiner, which is not seen, goes in."""
    return LIKE_A_MARK.sub("[\u2060", text)


class RagError(Exception):
    """Say in one sentence what went wrong and what to do; shown to people as it is."""


__all__ = [
    "Answer",
    "Citation",
    "Document",
    "Passage",
    "Question",
    "RagError",
    "Statement",
    "Turn",
    "Verdict",
    "page_at",
]
