"""The seam between what asks and what stores: any engine that keeps `Index` serves the whole program."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from rag.index.analysis import Word, tokens
from rag.schema import Document, Passage
from rag.text.language import Language

Vectors = NDArray[np.float32]
Stage = Literal["reading", "embedding", "publishing"]
Progress = Callable[[Stage, str, int, int], None]  # what happens to which source, its number from 1, how many there are


@dataclass(frozen=True)
class Query:
    """Hold the words that are searched, and their language."""

    text: str
    language: Language


@dataclass(frozen=True)
class Found:
    """Hold a passage that was found: its sentences' vectors (unit rows) and how well it fits the query.

    `cosines` are those of its sentences, `whole` is that of the passage, `lexical` its BM25 score (0 where no word
    matches). `head` is how its document begins. `score` is what it is ranked by.
    """

    passage: Passage
    vectors: Vectors
    cosines: Vectors
    whole: float
    lexical: float
    head: str
    score: float = 0.0

    @cached_property
    def tokens(self) -> list[dict[str, set[str]]]:
        """Analyze each sentence once, for all who compare it with the question."""
        return [tokens(text) for text in self.passage.sentences]

    @property
    def sentence(self) -> float:
        """Return the cosine of the best sentence."""
        return float(self.cosines.max())


@dataclass(frozen=True)
class Origin:
    """Hold where a document came from: its file, the hash and the size in bytes of its content.

    `metadata` is the JSON that LangChain gave with a text.
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


@dataclass(frozen=True)
class Counts:
    """Hold how much an index holds."""

    documents: int
    passages: int


class Index(Protocol):
    """Hold documents and find their passages.

    Changes are made inside `writing()`, and are seen by `search` once they are published.
    """

    @property
    def version(self) -> int:
        """Count the changes since the index was made."""
        ...

    def search(self, query: Query, k: int) -> list[Found]:
        """Find the k best passages by words and as many by vectors, in no order, with all that ranks them."""
        ...

    def weigh(self, text: str, language: Language) -> list[Word]:
        """Turn a text into its words, each weighed by how rare it is in the index."""
        ...

    def read(self, source: str, start: int, end: int) -> str:
        """Read a span of a document's stored text; empty if the document is not there."""
        ...

    def document(self, source: str) -> Document | None:
        """Read one document with its text."""
        ...

    def passages(self, source: str) -> list[Found]:
        """Read all passages of a document in order, with their vectors and no scores."""
        ...

    def documents(self) -> list[Entry]:
        """List all documents by source."""
        ...

    def find(self, *, source: str = "", sha256: str = "") -> Entry | None:
        """Find a document by its source or by the hash of its content."""
        ...

    def counts(self) -> Counts:
        """Count documents and passages."""
        ...

    def writing(self) -> AbstractContextManager[None]:
        """Be the one writer; raise `RagError` where another one does not finish in time."""
        ...

    def prepare(self, progress: Progress) -> None:
        """Make the index ready for changes: check its settings, bring an earlier version's up to date."""
        ...

    def add(self, document: Document, origin: Origin) -> None:
        """Add a document, or replace the one of the same source."""
        ...

    def rename(self, document: int, source: str, path: Path) -> None:
        """Give a document another source: its file was moved."""
        ...

    def remove(self, source: str) -> bool:
        """Remove a document and all that it brought; tell whether it was there."""
        ...

    def publish(self) -> None:
        """Let readers see the changes."""
        ...

    def check(self) -> str | None:
        """Say what `publish` would repair, or None; raise `RagError` where the documents are damaged."""
        ...

    def backup(self, path: Path) -> None:
        """Write all that the index holds to one file, as it is at one moment, while others ask."""
        ...
