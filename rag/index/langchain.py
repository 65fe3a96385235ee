"""LangChain's `VectorStore` and `BaseRetriever` over the index, for those who build chains of their own.

A text that LangChain adds is a document whose source is its id and which keeps LangChain's metadata. Passages of other
documents are named by their source and where they start, and tell where they stand.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document as LangChainDocument
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever
from langchain_core.vectorstores import VectorStore

from rag.index import open_index
from rag.index.embeddings import Embedder
from rag.index.preparation import embedded_passages, prepare
from rag.index.protocol import Index
from rag.schema import Document, Found, Origin, Passage, Query, page_at
from rag.settings import Settings
from rag.text.language import detect_language

KEPT = ("source", "title", "start", "end", "heading", "language")
LEAST = 20  # passages that are searched at least


class PassageStore(VectorStore):
    """Hold texts as documents of an index, which are added and deleted whole."""

    def __init__(self, index: Index) -> None:
        self.index = index

    @property
    def embeddings(self) -> Embeddings:
        """Return the embedding model."""
        return self.index.embedder

    def add_texts(
        self,
        texts: Iterable[str],
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: Sequence[str | None] | None = None,
        **kwargs: Any,
    ) -> list[str]:
        """Add each text as a document, in place of the one with its id; return the ids."""
        listed = list(texts)
        names = [name or str(uuid4()) for name in ids or [None] * len(listed)]
        with self.index.writing():
            prepare(self.index)
            for text, name, metadata in zip(listed, names, metadatas or [{}] * len(listed), strict=True):
                digest = hashlib.sha256(f"{name}\0{text}".encode()).hexdigest()  # two ids may hold the same text
                document = Document(name, str(metadata.get("title") or name), "text", text)
                origin = Origin(Path(name), digest, len(text.encode()), json.dumps(metadata))
                self.index.add(document, origin, embedded_passages(document, self.index.embedder))
            self.index.publish()
        return names

    def delete(self, ids: list[str] | None = None, **kwargs: Any) -> bool:
        """Delete the documents of the ids, or all if none are given; tell whether all of them were there."""
        names = [entry.source for entry in self.index.documents()] if ids is None else ids
        with self.index.writing():
            were_there = [self.index.remove(name) or self.index.remove(_source(name)) for name in names]
            self.index.publish()
        return all(were_there)

    def get_by_ids(self, ids: Sequence[str], /) -> list[LangChainDocument]:
        """Read passages by id, in the order asked for; those that are not there are left out."""
        found: list[LangChainDocument] = []
        for name in ids:
            passages = self.index.passages(name) or self.index.passages(_source(name))
            found += [d for d in (self._to_langchain(f.passage) for f in passages) if d.id == name][:1]
        return found

    def similarity_search(self, query: str, k: int = 4, **kwargs: Any) -> list[LangChainDocument]:
        """Find the k passages nearest to a question by their vectors alone."""
        return [passage for passage, _ in self.similarity_search_with_score(query, k)]

    def similarity_search_with_score(
        self, query: str, k: int = 4, **kwargs: Any
    ) -> list[tuple[LangChainDocument, float]]:
        """Find the k passages nearest to a question, with the cosine of each one's nearest sentence."""
        found = self.index.search(Query(query, detect_language(query)), max(k, LEAST))
        best = sorted(found, key=lambda f: -f.sentence)[:k]
        return [(self._to_langchain(f.passage), f.sentence) for f in best]

    @classmethod
    def from_texts(
        cls, texts: list[str], embedding: Embeddings, metadatas: list[dict[str, Any]] | None = None, **kwargs: Any
    ) -> Self:
        """Make a store in the folder `settings.index` and add texts to it."""
        if not isinstance(embedding, Embedder):
            raise TypeError("the store records the prefixes of its model: give it a rag.index.embeddings.Embedder")
        settings = kwargs.get("settings") or Settings.from_env()
        store = cls(open_index(settings, embedding, create=True))
        store.add_texts(texts, metadatas, ids=kwargs.get("ids"))
        return store

    def _to_langchain(self, passage: Passage) -> LangChainDocument:
        entry = self.index.find(source=passage.source)
        if entry and entry.origin.metadata:
            return LangChainDocument(
                id=entry.source, page_content=passage.text, metadata=json.loads(entry.origin.metadata)
            )
        return to_langchain(passage)


class PassageRetriever(BaseRetriever):
    """Retrieve passages in the order of `rank`, a function from a query to what was found, best first."""

    rank: Callable[[Query], Sequence[Found]]
    k: int = 10

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun, k: int | None = None
    ) -> list[LangChainDocument]:
        found = self.rank(Query(query, detect_language(query)))
        return [to_langchain(f.passage, score=f.score) for f in found[: k or self.k]]


def to_langchain(passage: Passage, **scores: float) -> LangChainDocument:
    """Turn a passage into LangChain's form, with where it stands as metadata."""
    metadata = {key: getattr(passage, key) for key in KEPT} | {"page": page_at(passage.pages, passage.start)}
    name = f"{passage.source}#{passage.start}"
    return LangChainDocument(id=name, page_content=passage.text, metadata=metadata | scores)


def _source(name: str) -> str:
    return name.rpartition("#")[0] or name
