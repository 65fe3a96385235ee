"""The passages of all documents, behind LangChain's `VectorStore`: the database and its two projections."""

import hashlib
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from filelock import FileLock, Timeout
from langchain_core.embeddings import Embeddings
from langchain_core.vectorstores import VectorStore

from rag import projections
from rag.database import Database
from rag.embeddings import Embedder
from rag.language import detect_language
from rag.projections import Projections
from rag.records import NewPassage, Progress, StoredPassage
from rag.schema import Document, Passage, RagError
from rag.settings import Settings
from rag.splitter import MAX_PASSAGE, passages

WRITER_WAITS = 30.0  # seconds
TELLING = 300  # characters of a passage that tell its language
DATABASE = "documents.sqlite"
DIMENSION = "dimension"
REBUILD = "python -m rag index --rebuild"


class PassageStore(VectorStore):
    """Hold the passages of documents; many processes may read while one writes."""

    def __init__(self, settings: Settings, embedder: Embedder | None = None, create: bool = False) -> None:
        self.folder = settings.index
        self.embedder = embedder or Embedder(settings)
        if not create and not (self.folder / DATABASE).exists():
            raise RagError(f"there is no index in {self.folder}; make one with: python -m rag index")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RagError(f"the folder {self.folder} for the index cannot be made ({error.strerror})") from error
        self.database = Database(self.folder / DATABASE)
        self._lock = FileLock(self.folder / "writer.lock")
        self._opening = threading.Lock()
        self._projections: Projections | None = None

    @property
    def embeddings(self) -> Embeddings:
        """Give the embedding model."""
        return self.embedder

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the one writer: wait for another one to finish, or say that there is one."""
        try:
            with self._lock.acquire(timeout=WRITER_WAITS):
                yield
        except Timeout as error:
            raise RagError(
                f"another process is changing the index {self.folder}; try again when it has finished"
            ) from error

    def check_settings(self) -> None:
        """Compare what shaped the index with today's settings.

        Raises `RagError`, naming the command that rebuilds the index, rather than mix vectors.
        """
        if self.database.count("passages") == 0:
            return
        for key, value in self._shape().items():
            if (stored := self.database.get(key)) != value:
                made = f"the index {self.folder} was made with {key} {stored!r}, not {value!r}"
                raise RagError(f"{made}; rebuild it with: {REBUILD}")

    def prepare(self) -> None:
        """Check the settings before writing; an empty index takes today's. The caller is the writer."""
        self.check_settings()
        if self.database.count("passages") == 0:
            self.database.put({**self._shape(), DIMENSION: str(self.embedder.dimension)})

    def _shape(self) -> dict[str, str]:
        return {"embedding model": self.embedder.fingerprint, "passage size": str(MAX_PASSAGE)}

    def add_document(self, document: Document, path: Path, sha256: str, size: int) -> list[int]:
        """Split, embed and store one document, and give the ids of its passages. The caller is the writer."""
        return self.database.add(document, path, sha256, size, self._embed(document))

    def _embed(self, document: Document) -> list[NewPassage]:
        split = list(passages(document.text))
        vectors = self.embedder.encode_passages([document.text[a:b] for _, spans in split for a, b in spans])
        new: list[NewPassage] = []
        first = 0
        for heading, spans in split:
            start, end = spans[0][0], spans[-1][1]
            text, rows = document.text[start:end], vectors[first : first + len(spans)]
            new.append(NewPassage(start, end, heading, detect_language(text[:TELLING]), text, spans, rows))
            first += len(spans)
        return new

    def publish(self) -> Projections:
        """Bring the projections up to date with the documents. The caller is the writer."""
        self._projections = projections.publish(self.database, self.folder, self._dimension())
        return self._projections

    def stale(self) -> str | None:
        """Tell why the published projections do not show today's documents, or None if they do."""
        return projections.diagnose(self.database, self.folder)

    def publish_if_stale(self) -> None:
        """Publish where the projections are not those of the documents. The caller is the writer."""
        if self.stale():
            self.publish()

    def remove(self, source: str) -> bool:
        """Remove a document and publish; tell whether it was there."""
        with self.writing():
            was_there = self.database.remove(source)
            self.publish_if_stale()
        return was_there

    def problem(self) -> str | None:
        """Say what `publish_if_stale` would repair, or None; raise `RagError` where the documents are damaged."""
        if problems := self.database.problems():
            raise RagError(
                "the documents themselves are damaged: " + "; ".join(problems) + "; delete the folder and index again"
            )
        return self.stale()

    def rebuild(self, progress: Progress) -> None:
        """Split and embed all stored documents again with today's settings; readers see the old state until the end."""
        with self.writing():
            documents = self.database.stored_texts()

            def anew() -> Iterator[tuple[int, list[NewPassage]]]:
                for number, (identifier, document) in enumerate(documents, 1):
                    progress("embedding", document.source, number, len(documents))
                    yield identifier, self._embed(document)

            passages = list(anew())  # all of it before the transaction: readers and their connections do not wait
            self.database.replace_passages(passages, {**self._shape(), DIMENSION: str(self.embedder.dimension)})
            self.publish()

    def projections(self) -> Projections:
        """Give the projections of the newest published state, rebuilding them where they are stale or damaged."""
        with self._opening:
            current = self._projections
            version = self.database.version
            if current is None or current.version != version:
                current = self._reopen(current)
            self._projections = current
            return current

    def _reopen(self, current: Projections | None) -> Projections:
        self.check_settings()  # another process may have rebuilt the index with other settings
        published = projections.open_published(self.database, self.folder)
        if published and published.version == self.database.version:
            return published
        try:
            with self._lock.acquire(timeout=0):
                return projections.publish(self.database, self.folder, self._dimension())
        except (Timeout, OSError):
            # Another process is in the middle of indexing, or we may only read: what is published serves until then.
            return current or published or projections.build_in_memory(self.database, self._dimension())

    def _dimension(self) -> int:
        return int(self.database.get(DIMENSION) or self.embedder.dimension)

    def passages(self, ids: Sequence[int]) -> dict[int, StoredPassage]:
        """Read passages by id."""
        return self.database.passages(ids)

    # LangChain's interface

    def add_texts(
        self,
        texts: Iterable[str],
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        **kwargs: Any,
    ) -> list[str]:
        """Add each text as a document, `source` and `title` from its metadata; give the ids of its passages."""
        added: list[str] = []
        with self.writing():
            self.prepare()
            for number, text in enumerate(texts):
                metadata = metadatas[number] if metadatas else {}
                data = text.encode()
                sha256 = hashlib.sha256(data).hexdigest()
                source = str(metadata.get("source") or (ids[number] if ids else f"text-{sha256[:16]}"))
                if same := self.database.document("sha256", sha256):
                    added += map(str, self.database.passage_ids(same.id))
                    continue
                document = Document(source, str(metadata.get("title") or source), "text", text)
                added += map(str, self.add_document(document, Path(source), sha256, len(data)))
            self.publish()
        return added

    def delete(self, ids: list[str] | None = None, **kwargs: Any) -> bool:
        """Delete passages by id, or all documents if no ids are given; tell whether all ids were there."""
        with self.writing():
            known = self.database.delete_passages([int(i) for i in ids if i.isdigit()] if ids is not None else None)
            self.publish_if_stale()
        return ids is None or known == len(set(ids))

    def get_by_ids(self, ids: Sequence[str], /) -> list[Passage]:
        """Read passages by id, in the order asked for; those that are not there are left out."""
        found = self.passages([int(i) for i in ids if i.isdigit()])
        return [to_passage(found[int(i)]) for i in ids if i.isdigit() and int(i) in found]

    def similarity_search(self, query: str, k: int = 4, **kwargs: Any) -> list[Passage]:
        """Find the k passages nearest to a question by their vectors alone."""
        return [passage for passage, _ in self.similarity_search_with_score(query, k)]

    def similarity_search_with_score(self, query: str, k: int = 4, **kwargs: Any) -> list[tuple[Passage, float]]:
        """Find the k passages nearest to a question, with the cosine of each one's nearest sentence."""
        nearest = self.projections().nearest(self.embedder.encode_queries([query])[0], 20 * k)
        owners = self.database.owners([i for i, _ in nearest])
        best: dict[int, float] = {}
        for vector, cosine in nearest:
            if vector in owners:
                best.setdefault(owners[vector][0], cosine)
        found = self.passages(list(best)[:k])
        return [(to_passage(found[i]), cosine) for i, cosine in best.items() if i in found]

    @classmethod
    def from_texts(
        cls, texts: list[str], embedding: Embeddings, metadatas: list[dict[str, Any]] | None = None, **kwargs: Any
    ) -> Self:
        """Make a store in the folder `settings.index` and add texts to it."""
        if not isinstance(embedding, Embedder):
            raise TypeError("the store records the prefixes of its model: give it a rag.embeddings.Embedder")
        store = cls(kwargs.get("settings") or Settings.from_env(), embedding, create=True)
        store.add_texts(texts, metadatas)
        return store


def to_passage(stored: StoredPassage, **scores: float) -> Passage:
    """Turn a stored passage into LangChain's form."""
    metadata = {key: getattr(stored, key) for key in ("source", "title", "start", "end", "page", "heading", "language")}
    return Passage(id=str(stored.id), page_content=stored.text, metadata=metadata | scores)
