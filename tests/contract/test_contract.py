"""What every engine promises to those who ask and those who store."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from rag.answering import Answering
from rag.index import open_index
from rag.index.embeddings import Embedder
from rag.index.preparation import embedded_passages, prepare, renew
from rag.index.protocol import Index
from rag.schema import Counts, Document, Origin, Query, Question, Restriction, Scope
from rag.settings import Settings
from tests.contract.memory import MemoryIndex

LEAVE = "Chaque salarié dispose de vingt-cinq jours de congés payés par an."
REMOTE = "Employees may work from home two days a week."
PAY = "Le salaire de Mme Aubert est de 4 410 euros par mois."
TEXTS = {"conges.txt": LEAVE, "en/remote.txt": REMOTE, "paie/salaires.txt": PAY}

Make = Callable[[Path, Embedder], Index]
ENGINES: dict[str, Make] = {
    "embedded": lambda folder, model: open_index(Settings(index=folder), model, create=True),
    "memory": lambda folder, model: MemoryIndex(model),
}


@pytest.fixture(params=ENGINES)
def index(request: pytest.FixtureRequest, tmp_path: Path, embedder: Embedder) -> Index:
    """An index of three short documents."""
    new = ENGINES[request.param](tmp_path / "index", embedder)
    with new.writing():
        prepare(new)
        for source, text in TEXTS.items():
            store(new, source, text)
        new.publish()
    return new


def store(index: Index, source: str, text: str) -> None:
    document = Document(source, source, "text", text)
    origin = Origin(Path(source), sha256(text.encode()).hexdigest(), len(text))
    index.add(document, origin, embedded_passages(document, index.embedder))


def sources(index: Index, question: str, only: Scope) -> list[str]:
    best = index.search(Query(question, "fr"), 10, only)
    return [f.passage.source for f in sorted(best, key=lambda f: -f.sentence)]


def test_documents_are_listed_read_and_found(index: Index) -> None:
    assert [entry.source for entry in index.documents()] == sorted(TEXTS)
    assert index.counts() == Counts(3, 3)
    assert index.read("conges.txt", 0, 7) == "Chaque "
    assert index.read("conges.txt", 15, 10_000) == LEAVE[15:]
    document = index.document("en/remote.txt")
    assert document
    assert document.text == REMOTE
    entry = index.find(sha256=sha256(PAY.encode()).hexdigest())
    assert entry
    assert entry.source == "paie/salaires.txt"
    assert index.find(source="none.txt") is None
    assert index.document("none.txt") is None
    assert index.read("none.txt", 0, 5) == ""
    assert index.passages("none.txt") == []


def test_passages_are_exact_slices_with_a_row_for_each_sentence(index: Index) -> None:
    for source, text in TEXTS.items():
        for f in index.passages(source):
            passage = f.passage
            assert text[passage.start : passage.end] == passage.text
            assert f.vectors.shape == (len(passage.spans), index.embedder.dimension)
            assert f.head.startswith(text[:20])


def test_the_nearest_passage_is_among_those_of_a_search(index: Index) -> None:
    assert sources(index, "Combien de congés ?", Scope())[0] == "conges.txt"
    assert sources(index, "work from home", Scope())[0] == "en/remote.txt"
    best = index.search(Query("congés payés", "fr"), 1)
    assert max(best, key=lambda f: f.lexical).passage.source == "conges.txt"


def test_changes_are_seen_by_a_search_once_they_are_published(index: Index) -> None:
    version = index.version
    with index.writing():
        store(index, "conges.txt", "La cantine ouvre à midi.")
        store(index, "new.txt", "Le parking ferme à vingt heures.")
        assert index.remove("en/remote.txt")
        assert not index.remove("en/remote.txt")
        index.publish()
    assert index.version > version
    assert index.check() is None
    assert index.counts().documents == 3
    assert sources(index, "work from home", Scope()).count("en/remote.txt") == 0
    assert sources(index, "Quand ferme le parking ?", Scope())[0] == "new.txt"
    assert index.read("conges.txt", 0, 10) == "La cantine"


def test_a_document_that_moved_is_the_same(index: Index) -> None:
    entry = index.find(source="conges.txt")
    assert entry
    with index.writing():
        index.restrict(Restriction("source", "conges.txt", frozenset({"hr"})))
        index.rename(entry.id, "archives/conges.txt", Path("archives/conges.txt"))
        index.publish()
    assert index.find(source="conges.txt") is None
    assert sources(index, "Combien de congés ?", Scope())[0] == "archives/conges.txt"
    assert not index.read("archives/conges.txt", 0, 9, Scope(groups=frozenset()))


def test_a_choice_limits_what_is_searched_before_it_is_ranked(index: Index) -> None:
    with index.writing():
        index.label("conges.txt", ["droits"])
        store(index, "conges.txt", LEAVE + " Ils se posent en juin.")  # keeps its label
        index.publish()
    cases = {
        Scope(sources=frozenset({"en/remote.txt"})): ["en/remote.txt"],
        Scope(folders=frozenset({"en", "paie"})): ["en/remote.txt", "paie/salaires.txt"],
        Scope(labels=frozenset({"droits"})): ["conges.txt"],
        Scope(frozenset({"en/remote.txt"}), labels=frozenset({"droits"})): [
            "conges.txt",
            "en/remote.txt",
        ],
        Scope(folders=frozenset({"e"})): [],
        Scope(sources=frozenset({"gone.txt"})): [],
    }
    for only, inside in cases.items():
        assert sorted(set(sources(index, "Combien de jours de congés ?", only))) == inside
        assert [entry.source for entry in index.documents(only)] == inside
        assert index.counts(only).documents == len(inside)


def test_what_is_not_shown_to_somebody_does_not_exist_for_them(index: Index) -> None:
    with index.writing():
        index.label("conges.txt", ["direction"])
        index.restrict(Restriction("folder", "paie", frozenset({"hr", "pay"})))
        index.restrict(Restriction("label", "direction", frozenset({"heads"})))
        index.publish()
    everybody = Scope(groups=frozenset({"staff"}))
    hr = Scope(groups=frozenset({"hr"}))
    pay = "paie/salaires.txt"
    assert [e.source for e in index.documents(everybody)] == ["en/remote.txt"]
    assert [e.source for e in index.documents(hr)] == ["en/remote.txt", pay]
    assert index.counts(everybody) == Counts(1, 1)
    assert pay not in sources(index, "Quel est le salaire de Mme Aubert ?", everybody)
    assert sources(index, "Quel est le salaire de Mme Aubert ?", hr)[0] == pay
    assert index.document(pay, everybody) is None
    assert index.read(pay, 0, 10, everybody) == ""
    assert index.passages(pay, everybody) == []
    assert index.find(source=pay, only=everybody) is None
    with index.writing():
        store(index, "paie/primes.txt", "La prime est de 300 euros.")  # came later
        index.publish()
    assert index.find(source="paie/primes.txt", only=everybody) is None
    assert len(index.restrictions()) == 2
    index.restrict(Restriction("folder", "paie", frozenset()))
    assert index.find(source="paie/primes.txt", only=everybody)


def test_embedding_anew_changes_no_text(index: Index) -> None:
    before = [f.passage.text for source in sorted(TEXTS) for f in index.passages(source)]
    steps: list[str] = []
    with index.writing():
        renew(index, lambda stage, source, number, total: steps.append(source))
        index.publish()
    assert steps == sorted(TEXTS)
    assert [f.passage.text for s in sorted(TEXTS) for f in index.passages(s)] == before
    assert sources(index, "work from home", Scope())[0] == "en/remote.txt"


def test_a_question_is_answered_whatever_the_engine(index: Index) -> None:
    answer = Answering.over(index).invoke(Question("Combien de jours de congés payés par an ?"))
    assert [c.source for c in answer.citations][:1] == ["conges.txt"]
    assert LEAVE[answer.citations[0].start : answer.citations[0].end] == answer.citations[0].quote


def test_an_answer_comes_from_the_chosen_documents_only(index: Index) -> None:
    question = "Combien de jours de congés payés par an ?"
    only = Scope(sources=frozenset({"en/remote.txt"}))
    answer = Answering.over(index).invoke(Question(question, only=only))
    assert answer.refused
    assert {f.passage.source for f in answer.trace.found} <= {"en/remote.txt"}
    listing = Answering.over(index).invoke(Question("Quels documents as-tu ?", only=only))
    assert "conges.txt" not in listing.text
    assert "en/remote.txt" in listing.text
