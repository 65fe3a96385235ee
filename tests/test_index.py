"""The index: identity by content, atomic changes, projections that are rebuilt and never trusted blindly."""

import os
import shutil
from collections.abc import Iterator
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from rag.index.embedded.index import EmbeddedIndex
from rag.index.embeddings import Embedder
from rag.index.preparation import renew
from rag.indexing import Outcome, What, index_paths
from rag.problems import RagError
from rag.retrieval.ranking import Ranker
from rag.schema import Counts, Query
from rag.settings import Settings
from rag.text.language import detect_language
from tests.conftest import ROOT, NewIndex


def forbid_embedding(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let whatever embeds passages fail, by whatever name; questions may be embedded."""
    names = [n for n in vars(Embedder) if n.startswith(("encode_", "embed_")) and "quer" not in n]
    assert len(names) >= 3
    for name in names:
        monkeypatch.setattr(Embedder, name, lambda *_: pytest.fail("embedded again"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "conges.txt").write_text("Chaque salarié dispose de vingt-cinq jours de congés payés par an.")
    (documents / "remote.md").write_text("# Remote work\n\nEmployees may work from home two days a week.")
    return documents


def first_source(index: EmbeddedIndex, question: str) -> str:
    return Ranker(index).rank(Query(question, detect_language(question))).found[0].passage.source


def sources(outcomes: list[Outcome], what: What) -> list[str]:
    return [outcome.source for outcome in outcomes if outcome.what == what]


def test_add_unchanged_replace_remove(new_index: NewIndex, folder: Path) -> None:
    assert sources(index_paths(new_index(), [folder]), "added") == ["conges.txt", "remote.md"]
    assert sources(index_paths(new_index(), [folder]), "unchanged") == ["conges.txt", "remote.md"]

    (folder / "conges.txt").write_text("Chaque salarié dispose de trente jours de congés payés par an.")
    assert sources(index_paths(new_index(), [folder]), "updated") == ["conges.txt"]
    texts = [f.passage.text for f in new_index().search(Query("jours de congés", "fr"), 10)]
    assert any("trente" in text for text in texts)
    assert not any("vingt-cinq" in text for text in texts)

    index = new_index()
    with index.writing():
        assert index.remove("conges.txt")
        index.publish()
    assert [d.source for d in new_index().documents()] == ["remote.md"]
    assert new_index().counts() == Counts(1, 1)
    assert new_index().check() is None


def test_same_content_twice_is_one_document(new_index: NewIndex, folder: Path) -> None:
    shutil.copy(folder / "conges.txt", folder / "copie.txt")
    outcomes = index_paths(new_index(), [folder])
    assert Outcome("copie.txt", "unchanged", of="conges.txt") in outcomes
    assert len(new_index().documents()) == 2


def test_a_file_that_takes_another_s_content_loses_its_own(new_index: NewIndex, folder: Path) -> None:
    index_paths(new_index(), [folder])
    shutil.copy(folder / "remote.md", folder / "conges.txt")
    index_paths(new_index(), [folder])
    assert [d.source for d in new_index().documents()] == ["remote.md"]


def test_a_moved_file_keeps_its_passages(new_index: NewIndex, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index_paths(new_index(), [folder])
    forbid_embedding(monkeypatch)
    (folder / "conges.txt").rename(folder / "vacances.txt")
    assert Outcome("vacances.txt", "updated", of="conges.txt", moved=True) in index_paths(new_index(), [folder])
    assert [d.source for d in new_index().documents()] == ["remote.md", "vacances.txt"]


def test_pipes_and_unreadable_names_are_skipped(new_index: NewIndex, folder: Path) -> None:
    os.mkfifo(folder / "pipe.txt")
    (folder / "bad\udcff.txt").write_text("Du texte.")
    outcomes = index_paths(new_index(), [folder])
    assert sources(outcomes, "added") == ["conges.txt", "remote.md"]
    assert {o.why.code for o in outcomes if o.why} == {"file.not_there", "file.name"}


def test_an_emptied_index_takes_new_settings(new_index: NewIndex, folder: Path) -> None:
    index = new_index()
    index_paths(index, [folder])
    for document in index.documents():
        index.remove(document.source)
    other = Settings(index=index.folder, query_prefix="query: ")
    assert sources(index_paths(EmbeddedIndex(other), [folder]), "added") == ["conges.txt", "remote.md"]
    with pytest.raises(RagError, match="--rebuild"):
        first_source(index, "work from home")


@pytest.mark.parametrize("at_once", [True, False])
def test_files_of_one_name_in_two_folders_are_two_documents(new_index: NewIndex, tmp_path: Path, at_once: bool) -> None:
    index = new_index()
    paths = [tmp_path / city / "horaires.txt" for city in ("paris", "lyon")]
    for path, hour in zip(paths, ("7 h 30", "9 heures"), strict=True):
        path.parent.mkdir()
        path.write_text(f"Les bureaux ouvrent à {hour}.")
    for _ in range(2):  # a second time changes nothing
        for group in [paths] if at_once else [[path.parent] for path in paths]:
            index_paths(index, group)
        assert [entry.source for entry in index.documents()] == ["horaires.txt", "lyon/horaires.txt"]
    paths[1].write_text("Les bureaux ouvrent à 10 heures.")
    assert [(o.source, o.what) for o in index_paths(index, paths[1:])] == [("lyon/horaires.txt", "updated")]
    paths[0].unlink()
    moved = tmp_path / "horaires.txt"
    moved.write_text("Les bureaux ouvrent à midi.")
    assert [(o.source, o.what) for o in index_paths(index, [moved])] == [("horaires.txt", "updated")]


def test_nothing_is_embedded_when_nothing_changed(
    new_index: NewIndex, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index_paths(new_index(), [folder])
    forbid_embedding(monkeypatch)
    index_paths(new_index(), [folder])


@pytest.mark.parametrize("harm", ["flip", "truncate", "delete"])
@pytest.mark.parametrize("pattern", ["*.faiss", "meta.json", "*.term", "*.store"])
def test_damaged_projections_are_noticed_and_rebuilt_without_embedding(
    new_index: NewIndex, folder: Path, monkeypatch: pytest.MonkeyPatch, harm: str, pattern: str
) -> None:
    index_paths(new_index(), [folder])
    forbid_embedding(monkeypatch)
    (path,) = new_index().folder.rglob(pattern)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.unlink()
    if harm != "delete":
        path.write_bytes(data if harm == "flip" else data[: len(data) // 2])
    index = new_index()
    assert index.check()
    assert first_source(index, "work from home") == "remote.md"
    assert new_index().check() is None


def test_other_settings_never_mix_vectors(new_index: NewIndex, folder: Path) -> None:
    index = new_index()
    index_paths(index, [folder])
    other = Settings(index=index.folder, query_prefix="query: ")
    with pytest.raises(RagError, match="--rebuild"):
        EmbeddedIndex(other).check_settings()
    with pytest.raises(RagError, match="--rebuild"):
        index_paths(EmbeddedIndex(other), [folder])
    index = EmbeddedIndex(other)
    with index.writing():
        renew(index, lambda *_: None)
        index.publish()
    EmbeddedIndex(other).check_settings()
    assert first_source(EmbeddedIndex(other), "work from home") == "remote.md"


def test_damaged_database_is_one_sentence(new_index: NewIndex, folder: Path) -> None:
    index = new_index()
    index_paths(index, [folder])
    path = index.catalog.path
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    path.write_bytes(b"not a database, but long enough to look at" * 100)
    with pytest.raises(RagError, match="damaged"):
        new_index().documents()


def test_full_disk_loses_nothing(new_index: NewIndex, folder: Path) -> None:
    index_paths(new_index(), [folder])
    index = new_index()
    pages = index.catalog.rows("PRAGMA page_count")[0][0]
    index.catalog.rows(f"PRAGMA max_page_count = {pages}")
    (folder / "new.txt").write_text("Une phrase de plus sur le préavis. " * 60)
    with pytest.raises(RagError, match="disk is full"):
        index_paths(index, [folder])
    assert [d.source for d in new_index().documents()] == ["conges.txt", "remote.md"]
    assert first_source(new_index(), "work from home") == "remote.md"


def hold_lock(index: Path, held: Event, release: Event) -> None:
    with EmbeddedIndex(Settings(index=index), create=True).writing():
        held.set()
        release.wait(30)


@pytest.fixture
def other_writer(new_index: NewIndex) -> Iterator[None]:
    context = get_context("spawn")
    held, release = context.Event(), context.Event()
    process = context.Process(target=hold_lock, args=(new_index().folder, held, release))
    process.start()
    assert held.wait(60)
    yield
    release.set()
    process.join()


def test_a_second_writer_is_told_and_readers_read_on(
    new_index: NewIndex, folder: Path, embedder: Embedder, other_writer: None
) -> None:
    impatient = EmbeddedIndex(Settings(index=new_index().folder), embedder, create=True, writer_waits=0.2)
    with pytest.raises(RagError, match="another process"):
        index_paths(impatient, [folder])
    assert new_index().search(Query("work from home", "en"), 10) == []


def test_reader_sees_what_another_store_publishes(new_index: NewIndex, folder: Path) -> None:
    index_paths(new_index(), [folder])
    reader = new_index()
    assert first_source(reader, "work from home") == "remote.md"
    (folder / "cantine.txt").write_text("La cantine ouvre à midi et sert des repas chauds.")
    index_paths(new_index(), [folder])
    assert first_source(reader, "quand ouvre la cantine ?") == "cantine.txt"


def test_root_has_an_empty_index_folder() -> None:
    assert (ROOT / "index" / ".gitignore").read_text() == "*\n!.gitignore\n"
