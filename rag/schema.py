"""The nouns of the project, all frozen: a document, its passages, what is asked, what is quoted."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rag.text.analysis import Tokens, tokens
from rag.text.language import Language
from rag.text.structure import Mark, Part, Span

Vectors = NDArray[np.float32]
Kind = Literal["search", "talk", "collection"]  # of a turn


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
class Found:
    """Hold a passage that was found, and how well it fits the query.

    `vectors` are those of its sentences (unit rows), `cosines` theirs with the query, `whole` is
    the cosine of the passage, `lexical` its BM25 score (0 where no word matches). `head` is how
    its document begins. `score` is what it is ranked by.
    """

    passage: Passage
    vectors: Vectors
    cosines: Vectors
    whole: float
    lexical: float
    head: str
    score: float = 0.0

    @cached_property
    def tokens(self) -> list[Tokens]:
        """Analyze each sentence once, for all who compare it with the question."""
        return [tokens(text) for text in self.passage.sentences]

    @property
    def sentence(self) -> float:
        """Return the cosine of the best sentence."""
        return float(self.cosines.max())


@dataclass(frozen=True)
class Query:
    """Hold the words that are searched, and their language."""

    text: str
    language: Language


@dataclass(frozen=True)
class Origin:
    """Hold where a document came from.

    `path` is its file, `sha256` and `size` (bytes) are those of its content, `metadata` is the
    JSON that LangChain gave with a text.
    """

    path: Path
    sha256: str
    size: int
    metadata: str = ""


@dataclass(frozen=True)
class Entry:
    """Hold what is listed of a document."""

    id: int
    source: str
    title: str
    kind: str
    origin: Origin
    added: str
    passages: int
    labels: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Counts:
    """Hold how much an index holds."""

    documents: int
    passages: int


@dataclass(frozen=True)
class Restriction:
    """Show a document, a folder or a label to some groups only."""

    kind: Literal["source", "folder", "label"]
    name: str
    groups: frozenset[str]

    def applies_to(self, entry: Entry) -> bool:
        """Return whether a document is under the restriction."""
        names = {"source": {entry.source}, "folder": folders(entry.source), "label": entry.labels}
        return self.name in names[self.kind]


@dataclass(frozen=True)
class Scope:
    """Limit what is searched and shown, before anything is ranked.

    A document is chosen where `sources`, `folders` or `labels` name it; where all are empty, each
    is. Of the chosen, those under restrictions are shown to whoever belongs to a group of every
    one of them; `groups` of None sees all.
    """

    sources: frozenset[str] = frozenset()
    folders: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()
    groups: frozenset[str] | None = None

    def admits(self, entry: Entry, restrictions: Sequence[Restriction]) -> bool:
        """Return whether a document is inside, given all restrictions."""
        named = (
            entry.source in self.sources
            or not self.folders.isdisjoint(folders(entry.source))
            or not self.labels.isdisjoint(entry.labels)
        )
        chooses = bool(self.sources or self.folders or self.labels)
        own = [r for r in restrictions if r.applies_to(entry)]
        shown = self.groups is None or all(not r.groups.isdisjoint(self.groups) for r in own)
        return shown and (named or not chooses)


EVERYTHING = Scope()


def folders(source: str) -> frozenset[str]:
    """List the folders that a source is in, the outer ones too."""
    return frozenset(map(str, PurePosixPath(source).parents)) - {".", "/"}


@dataclass(frozen=True)
class Turn:
    """Hold one earlier exchange of a conversation.

    `kind` is that of its answer (`Answer.to_dict`), where whoever asks has kept it.
    """

    question: str
    answer: str
    kind: Kind | None = None


@dataclass(frozen=True)
class Question:
    """Hold what a person asks, with the conversation so far, oldest turn first.

    `only` limits the documents that may answer.
    """

    text: str
    history: tuple[Turn, ...] = ()
    only: Scope = EVERYTHING


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
