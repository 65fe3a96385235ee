"""An index that an earlier version wrote opens, keeps every document and is brought up to date, also in several goes.

The fixture was written by commit cec5e9d: two files of a folder and one upload whose file lives nowhere else.
"""

import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from rag.index import preparation
from rag.index.embedded.catalog import Catalog
from rag.index.embedded.index import DATABASE, EmbeddedIndex
from rag.index.embedded.migrations import STEPS
from rag.index.embeddings import Embedder
from rag.index.preparation import embedded_passages, prepare
from rag.index.protocol import Embedded, Progress
from rag.problems import RagError
from rag.schema import Document, Query
from rag.settings import Settings

WRITTEN = Path(__file__).parent / "data" / "index-cec5e9d" / DATABASE
SOURCES = ["conges.txt", "remote.md", "upload.txt"]


@pytest.fixture
def old(tmp_path: Path) -> Settings:
    folder = tmp_path / "index"
    folder.mkdir()
    shutil.copy(WRITTEN, folder)
    return Settings(index=folder)


def quiet(*_: object) -> None:
    """Take no notice of progress."""


def best_source(index: EmbeddedIndex, question: str) -> str:
    return max(index.search(Query(question, "fr"), 10), key=lambda f: f.sentence).passage.source


def test_an_old_index_keeps_its_documents_and_answers(old: Settings, embedder: Embedder) -> None:
    index = EmbeddedIndex(old, embedder)
    assert [entry.source for entry in index.documents()] == SOURCES
    with index.writing():
        prepare(index, quiet)
        index.publish()
    assert index.check() is None
    assert best_source(index, "Quelle indemnité pour le télétravail ?") == "upload.txt"
    assert best_source(EmbeddedIndex(old, embedder), "Combien de jours de congés payés ?") == "conges.txt"


def stopping_after(documents: int) -> Progress:
    seen: list[str] = []

    def progress(stage: str, source: str, number: int, total: int) -> None:
        seen.append(source)
        if len(seen) > documents:
            raise KeyboardInterrupt

    return progress


def test_embedding_anew_goes_on_where_it_was_interrupted(
    old: Settings, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Vectors of an earlier model of ours: the same folder with other weights.
    Catalog(old.index / DATABASE).put({"embedding model": f"{embedder.name} 0123456789ab"})
    index = EmbeddedIndex(old, embedder)
    assert index.is_outdated()
    before = [entry.passages for entry in index.documents()]
    for done in (1, 1):  # interrupted twice, each time after one more document
        with pytest.raises(KeyboardInterrupt), index.writing():
            prepare(index, stopping_after(done))
        assert index.is_outdated()
        assert [entry.passages for entry in index.documents()] == before

    sources: list[str] = []

    def counting(document: Document, embedder: Embedder) -> list[Embedded]:
        sources.append(document.source)
        return embedded_passages(document, embedder)

    monkeypatch.setattr(preparation, "embedded_passages", counting)
    with index.writing():
        prepare(index, quiet)
        index.publish()
    assert sources == SOURCES[1:]
    assert not index.is_outdated()
    assert [entry.source for entry in index.documents()] == SOURCES
    assert best_source(index, "Quelle indemnité pour le télétravail ?") == "upload.txt"


def test_settings_of_one_s_own_are_never_changed_silently(old: Settings, embedder: Embedder) -> None:
    Catalog(old.index / DATABASE).put({"embedding model": "some/other-model"})
    index = EmbeddedIndex(old, embedder)
    assert not index.is_outdated()
    with pytest.raises(RagError, match="--rebuild"), index.writing():
        prepare(index, quiet)
    assert [entry.source for entry in index.documents()] == SOURCES


def test_a_newer_index_and_a_foreign_file_are_named(old: Settings, embedder: Embedder, tmp_path: Path) -> None:
    catalog = Catalog(old.index / DATABASE)
    catalog.rows(f"PRAGMA user_version = {len(STEPS) + 1}")
    with pytest.raises(RagError, match="newer version"):
        EmbeddedIndex(old, embedder).documents()
    other = replace(old, index=tmp_path / "other")
    other.index.mkdir()
    with sqlite3.connect(other.index / DATABASE) as connection:
        connection.execute("CREATE TABLE guests (name TEXT)")
    with pytest.raises(RagError, match="another version"):
        EmbeddedIndex(other, embedder).documents()
