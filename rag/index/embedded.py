"""The index of one machine: SQLite holds the truth, FAISS and Tantivy are made from it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from rag.documents.splitter import MAX_PASSAGE, passages
from rag.index import projections
from rag.index.analysis import Word
from rag.index.catalog import Catalog, Embedded
from rag.index.embeddings import FORMER_DEFAULTS, Embedder
from rag.index.projections import Projections
from rag.index.protocol import Counts, Entry, Found, Origin, Progress, Query
from rag.index.renewal import renew
from rag.problems import RagError
from rag.schema import Document, Passage
from rag.settings import Settings
from rag.text.language import Language, detect_language
from rag.text.searchable import plain, plain_with

WRITER_WAITS = 30.0  # seconds
TELLING = 300  # characters of a passage that tell its language
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

    def search(self, query: Query, k: int) -> list[Found]:
        """Find the k best passages by words, and those of the 2 k nearest sentences, with all that ranks them."""
        published = self.projections()
        vector = self.embedder.encode_queries([plain(query.text)])[0]
        lexical = dict(published.lexical.search(published.lexical.parse(query.text, query.language), k))
        near = self.catalog.owners([i for i, _ in published.nearest(vector, 2 * k)])
        found = []
        for passage, rows, head in self.catalog.passages(list(dict.fromkeys([*lexical, *near.values()]))).values():
            mean = rows.mean(axis=0)
            whole = float(mean @ vector) / max(1e-6, float(np.linalg.norm(mean)))
            found.append(Found(passage, rows, rows @ vector, whole, lexical.get(passage.id, 0.0), head))
        return found

    def weigh(self, text: str, language: Language) -> list[Word]:
        """Turn a text into its words, each weighed by how rare it is in the index."""
        return self.projections().lexical.parse(text, language)

    def read(self, source: str, start: int, end: int) -> str:
        """Read a span of a document's stored text; empty if the document is not there."""
        return self.catalog.read(source, start, end)

    def document(self, source: str) -> Document | None:
        """Read one document with its text."""
        return self.catalog.document(source)

    def passages(self, source: str) -> list[Found]:
        """Read all passages of a document in order, with their vectors and no scores."""
        read = self.catalog.passages_of(source)
        return [Found(p, rows, np.zeros(len(rows), np.float32), 0.0, 0.0, head) for p, rows, head in read]

    def documents(self) -> list[Entry]:
        """List all documents by source."""
        return self.catalog.documents()

    def find(self, *, source: str = "", sha256: str = "") -> Entry | None:
        """Find a document by its source or by the hash of its content."""
        return self.catalog.find(source=source, sha256=sha256)

    def counts(self) -> Counts:
        """Count documents and passages."""
        return self.catalog.counts()

    # What is changed; the caller is the writer, unless it says otherwise

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the one writer: wait for another one to finish, or say that there is one."""
        try:
            with self._lock.acquire(timeout=self._writer_waits):
                yield
        except Timeout as error:
            raise RagError("index.writer", folder=self.folder) from error

    def prepare(self, progress: Progress = lambda *_: None) -> None:
        """Bring an index of an earlier version up to date, and check the settings; an empty index takes today's."""
        if self.is_outdated():
            renew(self.catalog, self._whole_shape(), self._embed, progress)
        self.check_settings()
        if self.counts().passages == 0:
            self.catalog.put(self._whole_shape())

    def add(self, document: Document, origin: Origin) -> None:
        """Split, embed and store one document, in place of the one of the same source."""
        self.catalog.add(document, origin, self._embed(document))

    def rename(self, document: int, source: str, path: Path) -> None:
        """Give a document another source: its file was moved."""
        self.catalog.rename(document, source, path)

    def remove(self, source: str) -> bool:
        """Remove a document and all that it brought; tell whether it was there."""
        return self.catalog.remove(source)

    def publish(self) -> None:
        """Bring FAISS and Tantivy up to date with the documents, where they are not."""
        if projections.diagnose(self.catalog, self.folder):
            self._projections = projections.publish(self.catalog, self.folder, self._dimension())

    def check(self) -> str | None:
        """Say what `publish` would repair, or None; raise `RagError` where the documents are damaged."""
        if problems := self.catalog.problems():
            raise RagError("index.documents_damaged", detail="; ".join(problems))
        return projections.diagnose(self.catalog, self.folder)

    def rebuild(self, progress: Progress) -> None:
        """Split and embed all documents again with today's settings; readers see the old state until the end."""
        renew(self.catalog, self._whole_shape(), self._embed, progress)
        self.publish()

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

    def _embed(self, document: Document) -> list[Embedded]:
        new: list[Passage] = []
        for cut in passages(document.text, parts=document.parts):
            start, end = cut.spans[0][0], cut.spans[-1][1]
            text = document.text[start:end]
            language = detect_language(text[:TELLING])
            place = document.source, document.title, start, end, cut.heading, language
            new.append(Passage(*place, text, cut.spans, marks=cut.marks))
        # The model reads what a person sees: without soft hyphens, with accents composed.
        inside = [[(a - p.start, b - p.start) for a, b in p.spans] for p in new]
        seen = [plain_with(p.text, spans) for p, spans in zip(new, inside, strict=True)]
        vectors = self.embedder.encode_sentences([text for text, _ in seen], [spans for _, spans in seen])
        return list(zip(new, vectors, strict=True))

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
