"""What was removed can be put back for a while, word for word."""

from pathlib import Path

import pytest

from rag.indexing import index_paths
from rag.problems import RagError
from rag.retrieval.ranking import Ranker
from rag.schema import Query, Restriction, Scope
from rag.window.bin import Bin
from tests.conftest import NewIndex


def test_a_removed_document_is_put_back_and_answers_again(new_index: NewIndex, tmp_path: Path) -> None:
    file, index, bin = tmp_path / "congé.txt", new_index(), Bin(tmp_path / "bin")
    file.write_text("Le congé\n\nLe congé parental dure dix-neuf semaines.\n")
    index_paths(index, [file])
    before = index.document("congé.txt")
    entry = index.find(source="congé.txt")
    assert entry
    removal = bin.put(index, entry)
    with index.writing():
        index.remove("congé.txt")
        index.publish()
    assert index.document("congé.txt") is None
    assert bin.all() == [removal]
    assert (removal.source, removal.title) == ("congé.txt", entry.title)
    with index.writing():
        assert bin.restore(index, removal.id) == "congé.txt"
        index.publish()
    assert index.document("congé.txt") == before
    assert Ranker(index, 1).rank(Query("congé parental", "fr")).found[0].passage.source == "congé.txt"
    assert bin.all() == []


def test_what_is_erased_from_the_bin_is_gone(new_index: NewIndex, tmp_path: Path) -> None:
    file, index, bin = tmp_path / "note.txt", new_index(), Bin(tmp_path / "bin")
    file.write_text("Une note secrète.")
    index_paths(index, [file])
    removal = bin.put(index, index.documents()[0])
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "bin").iterdir())
    bin.erase(removal.id)
    assert list((tmp_path / "bin").iterdir()) == []
    with pytest.raises(RagError):
        bin.restore(index, "../note")


def test_the_bin_shows_nothing_that_was_hidden(new_index: NewIndex, tmp_path: Path) -> None:
    file, index, bin = tmp_path / "note.txt", new_index(), Bin(tmp_path / "bin")
    file.write_text("Une note secrète.")
    index_paths(index, [file])
    with index.writing():
        index.label("note.txt", ["direction"])
        index.restrict(Restriction("label", "direction", frozenset({"rh"})))
    entry = index.documents()[0]
    removal = bin.put(index, entry)
    for groups in (frozenset[str](), frozenset({"rh"})):
        only = Scope(groups=groups)
        assert removal.is_inside(only, index.restrictions()) == bool(groups)
    with index.writing():
        index.remove("note.txt")
        bin.restore(index, removal.id)
        index.publish()
    assert index.documents(Scope(groups=frozenset())) == []
    assert index.documents(Scope(groups=frozenset({"rh"})))[0].labels == {"direction"}
