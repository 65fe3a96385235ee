"""LangChain's own suites over our adapters, and what they do with documents of the index."""

from pathlib import Path

import pytest
from langchain_core.documents import Document as LangChainDocument
from langchain_core.retrievers import BaseRetriever
from langchain_core.vectorstores import VectorStore
from langchain_tests.integration_tests import RetrieversIntegrationTests, VectorStoreIntegrationTests

from rag.answering import Answering
from rag.index import open_index
from rag.index.embeddings import Embedder
from rag.index.langchain import PassageRetriever, PassageStore
from rag.settings import Settings
from tests.conftest import SEEDS


def test_texts_become_documents_with_passages(embedder: Embedder, tmp_path: Path) -> None:
    settings = Settings(index=tmp_path / "index")
    texts = ["Le préavis est de trois mois.", "The canteen opens at noon."]
    store = PassageStore.from_texts(texts, embedder, [{"from": "a"}, {"from": "b"}], settings=settings)
    found = store.as_retriever(search_kwargs={"k": 1}).invoke("When can I have lunch?")
    assert [d.metadata["from"] for d in found] == ["b"]
    assert store.get_by_ids([found[0].id or ""])[0].page_content == texts[1]
    (other,) = store.add_documents([LangChainDocument("Autre chose sur les primes.", metadata={"from": "c"})])
    assert store.get_by_ids([other])[0].metadata == {"from": "c"}
    assert store.delete([other])
    assert store.get_by_ids([other]) == []
    assert len(store.similarity_search("primes", k=5)) == 2


def test_an_id_that_begins_like_another_is_its_own(embedder: Embedder, tmp_path: Path) -> None:
    store = PassageStore(open_index(Settings(index=tmp_path / "index"), embedder, create=True))
    store.add_texts(["Un texte.", "Un autre."], ids=["doc", "doc#1"])
    store.delete(["doc#1"])
    assert [d.id for d in store.get_by_ids(["doc", "doc#1"])] == ["doc"]


def test_passages_of_files_tell_where_they_stand(seeds_index: Path, embedder: Embedder) -> None:
    store = PassageStore(open_index(Settings(index=seeds_index), embedder))
    (found,) = store.similarity_search("Quels outils pour les juristes ?", k=1)
    assert store.get_by_ids([found.id or "", "nowhere#5"]) == [found]
    text = (SEEDS / found.metadata["source"]).read_text(encoding="utf-8")
    assert text[found.metadata["start"] : found.metadata["end"]] == found.page_content


@pytest.mark.slow
@pytest.mark.anyio
class TestPassageStore(VectorStoreIntegrationTests):
    @pytest.fixture
    def vectorstore(self, tmp_path: Path, embedder: Embedder) -> VectorStore:
        return PassageStore(open_index(Settings(index=tmp_path / "index"), embedder, create=True))


@pytest.mark.slow
@pytest.mark.anyio
class TestPassageRetriever(RetrieversIntegrationTests):
    @pytest.fixture(autouse=True)
    def ranked(self, answering: Answering) -> None:
        self.answering = answering

    @property
    def retriever_constructor(self) -> type[BaseRetriever]:
        return PassageRetriever

    @property
    def retriever_constructor_params(self) -> dict[str, object]:
        return {"rank": lambda query: self.answering.rank(query).found}

    @property
    def retriever_query_example(self) -> str:
        return "Quels outils pour les juristes ?"
