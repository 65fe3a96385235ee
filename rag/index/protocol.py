"""The seam between what asks and what stores: any engine that keeps `Index` serves the program."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Literal, Protocol

from rag.index.embeddings import Embedder
from rag.schema import (
    EVERYTHING,
    Counts,
    Document,
    Entry,
    Found,
    Origin,
    Passage,
    Query,
    Restriction,
    Scope,
    Vectors,
)
from rag.text.language import Language
from rag.text.weights import Word

Stage = Literal["reading", "embedding", "publishing"]
# What happens to which source, its number from 1, how many there are.
Progress = Callable[[Stage, str, int, int], None]
Embedded = tuple[Passage, Vectors]  # a passage, and a unit row for each of its sentences
Embed = Callable[[Document], list[Embedded]]


class Index(Protocol):
    """Store documents and find their passages.

    What tells of documents takes a scope, and behaves as if those outside did not exist. Changes
    are made inside `writing()`; `search` sees them once they are published.
    """

    @property
    def embedder(self) -> Embedder:
        """Return the model that made the vectors, and makes those of queries."""
        ...

    @property
    def version(self) -> int:
        """Count the changes since the index was made."""
        ...

    def search(self, query: Query, k: int, only: Scope = EVERYTHING) -> list[Found]:
        """Find the k best passages by words, and as many by vectors.

        They come in no order, with all that ranks them.
        """
        ...

    def weigh(self, text: str, language: Language) -> list[Word]:
        """Turn a text into words, weighed by how rare they are."""
        ...

    def read(self, source: str, start: int, end: int, only: Scope = EVERYTHING) -> str:
        """Read a span of a stored text; empty where it is not."""
        ...

    def document(self, source: str, only: Scope = EVERYTHING) -> Document | None:
        """Read one document with its text."""
        ...

    def passages(self, source: str, only: Scope = EVERYTHING) -> list[Found]:
        """Read the passages of a document in order, without scores."""
        ...

    def documents(self, only: Scope = EVERYTHING) -> list[Entry]:
        """List all documents by source."""
        ...

    def find(self, *, source: str = "", sha256: str = "", only: Scope = EVERYTHING) -> Entry | None:
        """Find a document by its source or its content's hash."""
        ...

    def counts(self, only: Scope = EVERYTHING) -> Counts:
        """Count documents and passages."""
        ...

    def restrictions(self) -> list[Restriction]:
        """List what is shown to some groups only."""
        ...

    def writing(self) -> AbstractContextManager[object]:
        """Be the one writer.

        Raises `RagError` where another one does not finish in time.
        """
        ...

    def add(self, document: Document, origin: Origin, passages: Iterable[Embedded]) -> None:
        """Add a document, or replace the one of the same source.

        One that is replaced keeps its labels.
        """
        ...

    def rename(self, document: int, source: str, path: Path) -> None:
        """Give a document another source: its file was moved."""
        ...

    def remove(self, source: str) -> bool:
        """Remove a document with all it brought, if it is there."""
        ...

    def label(self, source: str, labels: Iterable[str]) -> None:
        """Give a document these labels and no others."""
        ...

    def restrict(self, restriction: Restriction) -> None:
        """Show something to some groups only; no groups: to all."""
        ...

    def publish(self) -> None:
        """Let readers see the changes."""
        ...

    def check(self) -> str | None:
        """Say what `publish` would repair, or None.

        Raises `RagError` where the documents are damaged.
        """
        ...

    def check_settings(self) -> None:
        """Compare what shaped the index with today's settings.

        Raises `RagError`, naming the command that rebuilds it, rather than mix vectors.
        """
        ...

    def is_outdated(self) -> bool:
        """Return whether an earlier version of the program made it.

        With the settings that it came with: others are the user's own, and stay.
        """
        ...

    def renew(self, embed: Embed, progress: Progress) -> None:
        """Make the passages of all documents anew.

        Readers see the old ones until the end; an interrupted run goes on the next time.
        """
        ...

    def backup(self, path: Path) -> None:
        """Write all that the index holds to one file, as it is at one moment, while others ask."""
        ...
