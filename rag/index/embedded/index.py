"""The index of one machine: SQLite holds the truth, FAISS and Tantivy are made from it."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from rag.documents.splitter import MAX_PASSAGE
from rag.index.embedded import projections
from rag.index.embedded.backup import write_backup
from rag.index.embedded.catalog import Catalog
from rag.index.embedded.projections import Projections
from rag.index.embedded.renewal import renew
from rag.index.embeddings import FORMER_DEFAULTS, Embedder
from rag.index.protocol import Embed, Embedded, Progress
from rag.problems import RagError
from rag.schema import (
    EVERYTHING,
    Counts,
    Document,
    Entry,
    Found,
    Origin,
    Query,
    Restriction,
    Scope,
)
from rag.settings import Settings
from rag.text.language import Language
from rag.text.searchable import plain
from rag.text.weights import Word, weigh

WRITER_WAITS = 30.0  # seconds
DATABASE = "documents.sqlite"
DIMENSION = "dimension"
MODEL = "embedding model"
STRUCTURE = "1"  # counts the ways in which texts were taken apart: another one is another index


class EmbeddedIndex:
    """Hold documents in one folder; many processes may read while one writes."""

    def __init__(
        self,
        settings: Settings,
        embedder: Embedder | None = None,
        create: bool = False,
        writer_waits: float = WRITER_WAITS,
    ) -> None:
        self.folder = settings.index
        self.embedder = embedder or Embedder(settings)
        if not create and not (self.folder / DATABASE).exists():
            raise RagError("index.none", folder=self.folder)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RagError("index.folder", folder=self.folder, detail=error.strerror) from error
        self.catalog = Catalog(self.folder / DATABASE)
        self._lock = FileLock(self.folder / "writer.lock")
        self._writer_waits = writer_waits
        self._opening = threading.Lock()
        self._projections: Projections | None = None

    # What is asked

    @property
    def version(self) -> int:
        """Count the changes since the index was made."""
        return self.catalog.version

    def search(self, query: Query, k: int, only: Scope = EVERYTHING) -> list[Found]:
        """Find the k best passages by words, and those of the 2 k nearest sentences."""
        published = self.projections()
        vector = self.embedder.encode_queries([plain(query.text)])[0]
        documents = None if only == EVERYTHING else self.catalog.ids(only)
        among = None if documents is None else self.catalog.vectors_of(documents)
        words = weigh(query.text, query.language, published.lexical)
        lexical = dict(published.lexical.search(words, k, documents))
        nearest = published.nearest(vector, 2 * k, among)
        owners = self.catalog.owners([i for i, _ in nearest]).values()
        ids = list(dict.fromkeys([*lexical, *owners]))
        found = []
        for passage, rows, head in self.catalog.passages(ids).values():
            mean = rows.mean(axis=0)
            whole = float(mean @ vector) / max(1e-6, float(np.linalg.norm(mean)))
            bm25 = lexical.get(passage.id, 0.0)
            found.append(Found(passage, rows, rows @ vector, whole, bm25, head))
        return found

    def weigh(self, text: str, language: Language) -> list[Word]:
        """Turn a text into words, weighed by how rare they are."""
        return weigh(text, language, self.projections().lexical)

    def read(self, source: str, start: int, end: int, only: Scope = EVERYTHING) -> str:
        """Read a span of a stored text; empty where it is not."""
        return self.catalog.read(source, start, end, only)

    def document(self, source: str, only: Scope = EVERYTHING) -> Document | None:
        """Read one document with its text."""
        return self.catalog.document(source, only)

    def passages(self, source: str, only: Scope = EVERYTHING) -> list[Found]:
        """Read the passages of a document in order, without scores."""
        return [
            Found(passage, rows, np.zeros(len(rows), np.float32), 0.0, 0.0, head)
            for passage, rows, head in self.catalog.passages_of(source, only)
        ]

    def documents(self, only: Scope = EVERYTHING) -> list[Entry]:
        """List all documents by source."""
        return self.catalog.documents(only)

    def find(self, *, source: str = "", sha256: str = "", only: Scope = EVERYTHING) -> Entry | None:
        """Find a document by its source or its content's hash."""
        return self.catalog.find(source=source, sha256=sha256, only=only)

    def counts(self, only: Scope = EVERYTHING) -> Counts:
        """Count documents and passages."""
        return self.catalog.counts(only)

    def restrictions(self) -> list[Restriction]:
        """List what is shown to some groups only."""
        return self.catalog.restrictions()

    # What is changed; the caller is the writer, unless it says otherwise

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the one writer: wait for another one to finish, or say that there is one."""
        try:
            with self._lock.acquire(timeout=self._writer_waits):
                yield
        except Timeout as error:
            raise RagError("index.writer", folder=self.folder) from error

    def add(self, document: Document, origin: Origin, passages: Iterable[Embedded]) -> None:
        """Add a document, or replace the one of the same source."""
        if self.counts().passages == 0:  # an empty index takes today's settings
            self.catalog.put(self._whole_shape())
        self.catalog.add(document, origin, passages)

    def rename(self, document: int, source: str, path: Path) -> None:
        """Give a document another source: its file was moved."""
        self.catalog.rename(document, source, path)

    def remove(self, source: str) -> bool:
        """Remove a document and all that it brought; tell whether it was there."""
        return self.catalog.remove(source)

    def label(self, source: str, labels: Iterable[str]) -> None:
        """Give a document these labels and no others."""
        self.catalog.label(source, labels)

    def restrict(self, restriction: Restriction) -> None:
        """Show something to some groups only; no groups: to all."""
        self.catalog.restrict(restriction)

    def publish(self) -> None:
        """Bring FAISS and Tantivy up to date with the documents, where they are not."""
        if projections.diagnose(self.catalog, self.folder):
            self._projections = projections.publish(self.catalog, self.folder, self._dimension())

    def check(self) -> str | None:
        """Say what `publish` would repair, or None; raise `RagError` where the documents are damaged."""
        if problems := self.catalog.problems():
            raise RagError("index.documents_damaged", detail="; ".join(problems))
        return projections.diagnose(self.catalog, self.folder)

    def backup(self, path: Path) -> None:
        """Write all that the index holds to one file, as it is at one moment, while others ask."""
        write_backup(self.catalog, path)

    def renew(self, embed: Embed, progress: Progress) -> None:
        """Make the passages of all documents anew; readers see the old until the end."""
        renew(self.catalog, self._whole_shape(), embed, progress)

    # What shapes the index

    def is_outdated(self) -> bool:
        """Tell whether an earlier version of the program made the index, with the settings that it came with."""
        name, *rest = (self.catalog.get(MODEL) or "").split(" ")
        is_ours = name in (Settings.embedding_model, *FORMER_DEFAULTS) and len(rest) <= 1  # else prefixes set by hand
        return is_ours and self.embedder.is_default and self._difference() is not None

    def check_settings(self) -> None:
        """Compare what shaped the index with today's settings.

        Raises `RagError`, naming the command that rebuilds the index, rather than mix vectors.
        """
        if difference := self._difference():
            key, made, now = difference
            raise RagError("index.settings", folder=self.folder, key=key, made=made, now=now)

    def _difference(self) -> tuple[str, str | None, str] | None:
        """Name a setting that the index was made with differently: its name, its value then, its value now."""
        if self.counts().passages == 0:
            return None
        stored = ((key, self.catalog.get(key), value) for key, value in self._shape().items())
        return next((setting for setting in stored if setting[1] != setting[2]), None)

    def _shape(self) -> dict[str, str]:
        return {MODEL: self.embedder.fingerprint, "passage size": str(MAX_PASSAGE), "structure": STRUCTURE}

    def _whole_shape(self) -> dict[str, str]:
        return {**self._shape(), DIMENSION: str(self.embedder.dimension)}

    def _dimension(self) -> int:
        return int(self.catalog.get(DIMENSION) or self.embedder.dimension)

    # The projections

    def projections(self) -> Projections:
        """Open the newest published state, made anew where it is stale or damaged."""
        with self._opening:
            current = self._projections
            if current is None or current.version != self.version:
                current = self._reopen(current)
            self._projections = current
            return current

    def _reopen(self, current: Projections | None) -> Projections:
        self.check_settings()  # another process may have rebuilt the index with other settings
        published = projections.open_published(self.catalog, self.folder)
        if published and published.version == self.version:
            return published
        try:
            with self._lock.acquire(timeout=0):
                return projections.publish(self.catalog, self.folder, self._dimension())
        except (Timeout, OSError):
            # Another process is in the middle of indexing, or we may only read: what is published serves until then.
            return current or published or projections.build_in_memory(self.catalog, self._dimension())
