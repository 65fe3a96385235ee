"""The nouns of the project, all frozen: a document, its passages, what is asked, what is quoted."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from rag.text.language import Language
from rag.text.structure import Mark, Part, Span


@dataclass(frozen=True)
class Attachment:
    """Hold a file that was inside another one."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Document:
    """Hold a whole source: its exact text, and where its pages begin (character offsets).

    `blank` are the numbers of pages on which a loader found no text, `recognized` those whose picture it read,
    `attachments` the files inside it, which are documents of their own, `uncomputed` the cells that hold no value; they
    are told once, and not stored. `parts` are the stretches of the text that are no mere prose; None where nobody has
    looked for them.
    """

    source: str
    title: str
    kind: str
    text: str
    pages: tuple[int, ...] = ()
    blank: tuple[int, ...] = ()
    recognized: tuple[int, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    uncomputed: tuple[str, ...] = ()
    parts: tuple[Part, ...] | None = None


@dataclass(frozen=True)
class Passage:
    """Hold a run of whole sentences of a document: `text` is the document's text from `start` to `end`.

    `spans` are its sentences, `marks` what each of them is, and `pages` where the document's pages begin, as offsets
    into the document; `id` is the index's own number.
    """

    source: str
    title: str
    start: int
    end: int
    heading: str
    language: Language
    text: str
    spans: tuple[Span, ...]
    pages: tuple[int, ...] = ()
    marks: tuple[Mark, ...] = ()
    id: int = 0

    def between(self, start: int, end: int) -> str:
        """Read from one offset of the document to another, both inside the passage."""
        return self.text[start - self.start : end - self.start]

    def mark(self, number: int) -> Mark:
        """Say what a sentence is; prose where nobody has looked."""
        return self.marks[number] if number < len(self.marks) else Mark()

    @property
    def sentences(self) -> list[str]:
        """List the sentences as they stand in the source."""
        return [self.between(start, end) for start, end in self.spans]


@dataclass(frozen=True)
class Quote:
    """Point to words of a passage, by their offsets in the document."""

    passage: Passage
    start: int
    end: int

    @property
    def text(self) -> str:
        """Read the words as they stand in the source."""
        return self.passage.between(self.start, self.end)


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


def page_at(pages: Sequence[int], offset: int) -> int | None:
    """Return the number, from 1, of the page that holds a character, if the document has pages."""
    return max(1, bisect_right(pages, offset)) if pages else None
