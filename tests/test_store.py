"""The index: identity by content, atomic changes, projections that are rebuilt and never trusted blindly."""

import os
import shutil
from collections.abc import Iterator
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest
from langchain_core.documents import Document as LangChainDocument

from rag import store as store_module
from rag.embeddings import Embedder
from rag.indexing import index_paths
from rag.retriever import HybridRetriever
from rag.schema import RagError
from rag.settings import Settings
from rag.store import PassageStore
from tests.conftest import ROOT, NewStore


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "conges.txt").write_text("Chaque salarié dispose de vingt-cinq jours de congés payés par an.")
    (documents / "remote.md").write_text("# Remote work\n\nEmployees may work from home two days a week.")
    return documents


def first_source(store: PassageStore, question: str) -> str:
    return HybridRetriever(store=store).rank(question).candidates[0].passage.source


def test_add_unchanged_replace_remove(new_store: NewStore, folder: Path) -> None:
    assert index_paths(new_store(), [folder]).added == ["conges.txt", "remote.md"]
    assert index_paths(new_store(), [folder]).unchanged == ["conges.txt", "remote.md"]

    (folder / "conges.txt").write_text("Chaque salarié dispose de trente jours de congés payés par an.")
    assert index_paths(new_store(), [folder]).updated == ["conges.txt"]
    texts = [c.passage.text for c in HybridRetriever(store=new_store()).rank("jours de congés").candidates]
    assert any("trente" in text for text in texts)
    assert not any("vingt-cinq" in text for text in texts)

    store = new_store()
    with store.writing():
        assert store.database.remove("conges.txt")
        store.publish_if_stale()
    assert [d.source for d in new_store().database.documents()] == ["remote.md"]
    rows = store.database.rows("SELECT (SELECT count(*) FROM passages), (SELECT count(DISTINCT passage) FROM vectors)")
    assert rows == [(1, 1)]


def test_same_content_twice_is_one_document(new_store: NewStore, folder: Path) -> None:
    shutil.copy(folder / "conges.txt", folder / "copie.txt")
    summary = index_paths(new_store(), [folder])
    assert summary.unchanged == ["copie.txt (same content as conges.txt)"]
    assert len(new_store().database.documents()) == 2


def test_a_file_that_takes_another_s_content_loses_its_own(new_store: NewStore, folder: Path) -> None:
    index_paths(new_store(), [folder])
    shutil.copy(folder / "remote.md", folder / "conges.txt")
    index_paths(new_store(), [folder])
    assert [d.source for d in new_store().database.documents()] == ["remote.md"]


def test_a_moved_file_keeps_its_passages(new_store: NewStore, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index_paths(new_store(), [folder])
    monkeypatch.setattr(Embedder, "encode_passages", lambda *_: pytest.fail("embedded again"))
    (folder / "conges.txt").rename(folder / "vacances.txt")
    assert index_paths(new_store(), [folder]).updated == ["vacances.txt (was conges.txt)"]
    assert [d.source for d in new_store().database.documents()] == ["remote.md", "vacances.txt"]


def test_pipes_and_unreadable_names_are_skipped(new_store: NewStore, folder: Path) -> None:
    os.mkfifo(folder / "pipe.txt")
    (folder / "bad\udcff.txt").write_text("Du texte.")
    summary = index_paths(new_store(), [folder])
    assert summary.added == ["conges.txt", "remote.md"]
    assert len(summary.skipped) == 2


def test_an_emptied_index_takes_new_settings(new_store: NewStore, folder: Path) -> None:
    store = new_store()
    index_paths(store, [folder])
    for document in store.database.documents():
        store.database.remove(document.source)
    other = Settings(index=store.folder, query_prefix="query: ")
    assert index_paths(PassageStore(other), [folder]).added == ["conges.txt", "remote.md"]
    with pytest.raises(RagError, match="--rebuild"):
        first_source(store, "work from home")


def test_same_name_in_two_folders_of_one_run_is_said(new_store: NewStore, folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "conges.txt").write_text("Autre texte sur les congés.")
    summary = index_paths(new_store(), [folder, other])
    assert len(summary.skipped) == 1
    assert "same name" in summary.skipped[0]


def test_nothing_is_embedded_when_nothing_changed(
    new_store: NewStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index_paths(new_store(), [folder])
    monkeypatch.setattr(Embedder, "encode_passages", lambda *_: pytest.fail("embedded again"))
    index_paths(new_store(), [folder])


@pytest.mark.parametrize("harm", ["flip", "truncate", "delete"])
@pytest.mark.parametrize("pattern", ["*.faiss", "meta.json", "*.term", "*.store"])
def test_damaged_projections_are_noticed_and_rebuilt_without_embedding(
    new_store: NewStore, folder: Path, monkeypatch: pytest.MonkeyPatch, harm: str, pattern: str
) -> None:
    index_paths(new_store(), [folder])
    monkeypatch.setattr(Embedder, "encode_passages", lambda *_: pytest.fail("embedded again"))
    (path,) = new_store().folder.rglob(pattern)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.unlink()
    if harm != "delete":
        path.write_bytes(data if harm == "flip" else data[: len(data) // 2])
    store = new_store()
    assert store.stale()
    assert first_source(store, "work from home") == "remote.md"
    assert new_store().stale() is None


def test_other_settings_never_mix_vectors(new_store: NewStore, folder: Path) -> None:
    store = new_store()
    index_paths(store, [folder])
    other = Settings(index=store.folder, query_prefix="query: ")
    with pytest.raises(RagError, match="--rebuild"):
        PassageStore(other).check_settings()
    with pytest.raises(RagError, match="--rebuild"):
        index_paths(PassageStore(other), [folder])
    PassageStore(other).rebuild(lambda *_: None)
    PassageStore(other).check_settings()
    assert first_source(PassageStore(other), "work from home") == "remote.md"


def test_damaged_database_is_one_sentence(new_store: NewStore, folder: Path) -> None:
    store = new_store()
    index_paths(store, [folder])
    path = store.database.path
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    path.write_bytes(b"not a database, but long enough to look at" * 100)
    with pytest.raises(RagError, match="damaged"):
        new_store().database.documents()


def test_full_disk_loses_nothing(new_store: NewStore, folder: Path) -> None:
    index_paths(new_store(), [folder])
    store = new_store()
    pages = store.database.rows("PRAGMA page_count")[0][0]
    store.database.rows(f"PRAGMA max_page_count = {pages}")
    (folder / "new.txt").write_text("Une phrase de plus sur le préavis. " * 60)
    with pytest.raises(RagError, match="disk is full"):
        index_paths(store, [folder])
    assert [d.source for d in new_store().database.documents()] == ["conges.txt", "remote.md"]
    assert first_source(new_store(), "work from home") == "remote.md"


def hold_lock(index: Path, held: Event, release: Event) -> None:
    with PassageStore(Settings(index=index), create=True).writing():
        held.set()
        release.wait(30)


@pytest.fixture
def other_writer(new_store: NewStore) -> Iterator[None]:
    context = get_context("spawn")
    held, release = context.Event(), context.Event()
    process = context.Process(target=hold_lock, args=(new_store().folder, held, release))
    process.start()
    assert held.wait(60)
    yield
    release.set()
    process.join()


def test_a_second_writer_is_told_and_readers_read_on(
    new_store: NewStore, folder: Path, monkeypatch: pytest.MonkeyPatch, other_writer: None
) -> None:
    monkeypatch.setattr(store_module, "WRITER_WAITS", 0.2)
    with pytest.raises(RagError, match="another process"):
        index_paths(new_store(), [folder])
    assert HybridRetriever(store=new_store()).rank("work from home").candidates == []


def test_is_a_langchain_vector_store(embedder: Embedder, tmp_path: Path) -> None:
    settings = Settings(index=tmp_path / "index")
    texts = ["Le préavis est de trois mois.", "The canteen opens at noon."]
    store = PassageStore.from_texts(texts, embedder, [{"source": "a"}, {"source": "b"}], settings=settings)
    found = store.as_retriever(search_kwargs={"k": 1}).invoke("When can I have lunch?")
    assert [d.metadata["source"] for d in found] == ["b"]
    assert isinstance(found[0], LangChainDocument)
    assert store.get_by_ids([found[0].id or ""])[0].page_content == texts[1]
    (other,) = store.add_documents([LangChainDocument("Autre chose sur les primes.", metadata={"source": "c"})])
    assert store.get_by_ids([other])[0].metadata["source"] == "c"
    assert store.delete([other])
    assert store.get_by_ids([other]) == []
    assert len(store.similarity_search("primes", k=5)) == 2


def test_reader_sees_what_another_store_publishes(new_store: NewStore, folder: Path) -> None:
    index_paths(new_store(), [folder])
    reader = new_store()
    assert first_source(reader, "work from home") == "remote.md"
    (folder / "cantine.txt").write_text("La cantine ouvre à midi et sert des repas chauds.")
    index_paths(new_store(), [folder])
    assert first_source(reader, "quand ouvre la cantine ?") == "cantine.txt"


def test_root_has_an_empty_index_folder() -> None:
    assert (ROOT / "index" / ".gitignore").read_text() == "*\n!.gitignore\n"
