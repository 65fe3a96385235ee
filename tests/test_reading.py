"""Reading: windows are exact, what answers is told from what only seems to, and the words that answer are found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.documents.splitter import passages as split
from rag.retrieval.reader import Reader
from rag.retrieval.windows import ROOM, Window
from rag.schema import Passage

ACCORD = (
    "L’accord de télétravail a été signé en mars. Chaque salarié dispose de deux jours de télétravail par semaine. "
    "Les managers fixent les plages de présence avec leur équipe. La cantine ouvre à 11 h 45."
)


def passages(text: str) -> list[Passage]:
    found: list[Passage] = []
    for cut in split(text):
        start, end = cut.spans[0][0], cut.spans[-1][1]
        found.append(Passage("a.md", "", start, end, cut.heading, "fr", text[start:end], cut.spans, marks=cut.marks))
    return found


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


@given(st.lists(st.text("ab é", min_size=1, max_size=300), min_size=1, max_size=12), st.data())
def test_a_window_holds_its_sentence_and_its_spans_are_exact(texts: list[str], data: st.DataObject) -> None:
    found = passages(". ".join(f"X{text}x" for text in texts) + ".")
    passage = data.draw(st.sampled_from(found))
    number = data.draw(st.integers(0, len(passage.spans) - 1))
    window = Window.around(passage, number)
    assert window.first <= number <= window.last
    assert len(window.text) <= max(ROOM, len(passage.sentences[number]))
    assert [window.text[a:b] for a, b in window.spans] == passage.sentences[window.first : window.last + 1]


def test_a_row_is_read_with_the_names_of_its_columns() -> None:
    (passage,) = passages("| Statut | Jours |\n|---|---|\n| Cadre | 3 |\n| Employé | 2 |\n")
    number = next(n for n, text in enumerate(passage.sentences) if "Cadre" in text)
    assert Window.around(passage, number).text == "Cadre – Jours : 3"


def test_the_sentence_that_answers_reads_best(reader: Reader) -> None:
    (passage,) = passages(ACCORD)
    (outcome,) = reader.read("Combien de jours de télétravail par semaine ?", [Window(passage, 0, 3)])
    best = max(range(4), key=lambda n: outcome.logits[n])
    assert best == 1
    start, end = outcome.answers[best]
    assert "deux" in passage.sentences[best][start:end]
    assert not passage.sentences[best][start].isspace()


def test_what_only_seems_to_answer_reads_worse(reader: Reader) -> None:
    (passage,) = passages(ACCORD)
    window = Window(passage, 0, 3)
    said, unsaid = (
        max(reader.read(question, [window])[0].logits)
        for question in ("Combien de jours de télétravail par semaine ?", "Qui a signé l’accord de télétravail ?")
    )
    assert said > unsaid


def test_windows_read_together_read_as_they_do_alone(reader: Reader) -> None:
    (passage,) = passages(ACCORD)
    windows = [Window(passage, 0, 3), Window(passage, 3, 3)]
    together = reader.read("Quand ouvre la cantine ?", windows)
    alone = [reader.read("Quand ouvre la cantine ?", [window])[0] for window in windows]
    for one, other in zip(together, alone, strict=True):
        assert one.logits == pytest.approx(other.logits, abs=0.2)


def test_sentences_beyond_the_length_are_not_read_and_do_no_harm(reader: Reader) -> None:
    (passage, *_) = passages("mot " * 220 + "fin. La cantine ouvre à midi.")
    long = Window.around(passage, 0)
    (outcome,) = reader.read("Quand ?", [long])
    assert len(outcome.logits) == len(outcome.answers) == long.last - long.first + 1
    assert reader.read("Quand ?", []) == []
