"""A backup while people ask, brought back elsewhere: the same answers, or one sentence."""

import shutil
import threading
import zipfile
from pathlib import Path

import pytest

from rag.answering import Answering
from rag.cli.main import main
from rag.index import open_index
from rag.index.embedded.backup import restore_backup
from rag.index.embeddings import Embedder
from rag.index.protocol import Index
from rag.indexing import index_paths
from rag.problems import RagError
from rag.schema import Question
from rag.settings import Settings
from tests.conftest import NewIndex

QUESTIONS = (
    "what tools does Kaufman recommend for lawyers?",
    "combien d'employés Klarna a-t-elle remplacés par un chatbot ?",
    "How do I bake bread at home?",
)


@pytest.fixture
def note(tmp_path: Path) -> Path:
    path = tmp_path / "note.txt"
    path.write_text("Le préavis est de trois mois.", encoding="utf-8")
    return path


@pytest.fixture
def backup(index: Index, tmp_path: Path) -> Path:
    path = tmp_path / "backup.zip"
    index.backup(path)
    return path


def test_what_is_brought_back_answers_the_same(
    index: Index, answering: Answering, backup: Path, tmp_path: Path, embedder: Embedder
) -> None:
    restore_backup(backup, tmp_path / "elsewhere")
    restored = open_index(Settings(index=tmp_path / "elsewhere"), embedder)
    assert restored.documents() == index.documents()
    again = Answering.over(restored)
    for question in QUESTIONS:
        first, second = (each.invoke(Question(question)) for each in (answering, again))
        assert second.statements == first.statements
        assert second.citations == first.citations
        assert second.refused == first.refused
    assert restored.check() is None
    assert [path.name for path in backup.parent.iterdir() if path.name.startswith(".rag")] == []


def test_what_is_added_meanwhile_is_whole_in_it_or_not_there(
    new_index: NewIndex, note: Path, tmp_path: Path, embedder: Embedder
) -> None:
    index_paths(new_index(), [note])
    stop = threading.Event()

    def write() -> None:
        index, number = new_index(), 0
        while not stop.is_set():
            number += 1
            note.write_text(f"Le préavis est de {number} mois. La cantine ouvre à midi.", encoding="utf-8")
            index_paths(index, [note])

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(3):
            new_index().backup(tmp_path / f"{number}.zip")
    finally:
        stop.set()
        writer.join()
    for number in range(3):
        restore_backup(tmp_path / f"{number}.zip", tmp_path / str(number))
        restored = open_index(Settings(index=tmp_path / str(number)), embedder)
        assert restored.counts().documents == 1
        with restored.writing():
            restored.publish()
        assert restored.check() is None


@pytest.mark.parametrize("place", [0.0, 0.2, 0.5, 0.8, 0.999])
def test_a_damaged_backup_is_refused_and_leaves_nothing(backup: Path, tmp_path: Path, place: float) -> None:
    content = bytearray(backup.read_bytes())
    content[int(place * (len(content) - 1))] ^= 0xFF
    backup.write_bytes(content)
    with pytest.raises(RagError, match="not a whole backup"):
        restore_backup(backup, tmp_path / "elsewhere")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_each_other_file_is_refused(backup: Path, tmp_path: Path) -> None:
    half, other, wrong = (tmp_path / name for name in ("half.zip", "other.zip", "wrong.zip"))
    half.write_bytes(backup.read_bytes()[: backup.stat().st_size // 2])
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("../../documents.sqlite", b"x")
    with zipfile.ZipFile(wrong, "w") as archive:
        archive.writestr("documents.sqlite", b"no database, but something else" * 100)
    for path in (half, other, wrong, tmp_path / "nowhere.zip", tmp_path):
        with pytest.raises(RagError, match=path.name):
            restore_backup(path, tmp_path / "elsewhere")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_an_index_that_is_there_is_kept(backup: Path, new_index: NewIndex, note: Path, tmp_path: Path) -> None:
    index_paths(new_index(), [note])
    with pytest.raises(RagError, match="already"):
        restore_backup(backup, tmp_path / "index")
    assert new_index().counts().documents == 1


def test_the_commands_say_what_they_did(
    seeds_index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "backup.zip"
    monkeypatch.setenv("RAG_INDEX", str(seeds_index))
    assert main(["backup", str(file)]) == 0
    assert "bytes" in capsys.readouterr().out
    assert main(["restore", str(file)]) == 1
    assert "already" in capsys.readouterr().err
    monkeypatch.setenv("RAG_INDEX", str(tmp_path / "elsewhere"))
    assert main(["restore", str(file)]) == 0
    assert "5 documents" in capsys.readouterr().out
    assert main(["check"]) == 0
    assert "whole" in capsys.readouterr().out
    shutil.rmtree(tmp_path / "elsewhere")
    file.write_bytes(b"")
    assert main(["restore", str(file)]) == 1
    told = capsys.readouterr().err
    assert "not a whole backup" in told
    assert "Traceback" not in told
    monkeypatch.setenv("RAG_INDEX", str(seeds_index))
    assert main(["backup", str(tmp_path / "nowhere" / "backup.zip")]) == 1
    assert "cannot be written" in capsys.readouterr().err
