"""A row of a table is one line, one sentence, with its cells apart."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from rag.answering import Answering
from rag.documents.splitter import passages
from rag.index import open_index
from rag.indexing import index_paths
from rag.schema import Question
from rag.settings import Settings
from rag.text.sentences import sentences
from rag.text.structure import parts_of
from rag.text.tables import cells, is_row, labelled, row

HEADER = "Catégorie | Préavis | Prime"
TABLE = f"Tarifs.\n\n{HEADER}\ncadre | 3 mois. Non négociable | 30 €\nouvrier |  | 20 €\n\nFin."


@given(st.lists(st.text("ab |\n", min_size=1).filter(lambda t: bool(t.strip(" \n|"))), min_size=2, max_size=5))
def test_cells_come_back(texts: list[str]) -> None:
    written = row(texts)
    assert is_row(written)
    assert cells(written) == [" ".join(t.replace("|", "¦").split()) for t in texts]


def test_a_row_is_one_sentence_even_where_it_begins_in_lower_case() -> None:
    found = [TABLE[a:b] for a, b in sentences(TABLE)]
    assert found == ["Tarifs.", HEADER, "cadre | 3 mois. Non négociable | 30 €", "ouvrier |  | 20 €", "Fin."]


def test_a_row_is_told_with_the_names_of_its_columns() -> None:
    (part,) = parts_of(TABLE)
    assert (part.kind, TABLE[slice(*part.lead)]) == ("row", HEADER)
    assert labelled(HEADER, "ouvrier |  | 20 €") == "ouvrier – Prime : 20 €"
    assert labelled(HEADER, "| a | b | c |") == "a – Préavis : b ; Prime : c"
    assert labelled("Salarié | Congés N-1 | 2023", "Caron | 4 | 1830") == "Caron – Congés N-1 : 4 ; 2023 : 1830"
    assert labelled("Jour | Heure | Lieu", "| soir |") == "Heure : soir"  # the outer cells are empty
    assert labelled("", "Paris | 19") == "Paris : 19"
    assert row(["", ""]) == ""


def test_prose_with_a_bar_in_it_is_no_table() -> None:
    text = "Réunion | salle bleue. Le préavis est de trois mois. Il peut être prolongé."
    assert parts_of(text) == ()
    assert [text[a:b] for a, b in sentences(text)] == [
        "Réunion | salle bleue.", "Le préavis est de trois mois.", "Il peut être prolongé."
    ]  # fmt: skip


def test_one_cell_that_is_asked_for_gets_its_row_with_the_names_of_the_columns(tmp_path: Path) -> None:
    (tmp_path / "preavis.md").write_text(f"# Préavis\n\n{HEADER}\nCadre | 3 mois | 30 €\nOuvrier | 1 mois | 20 €\n")
    index = open_index(Settings(index=tmp_path / "index"), create=True)
    index_paths(index, [tmp_path / "preavis.md"])
    answer = Answering.over(index).invoke(Question("Quel est le préavis d’un cadre ?"))
    assert [c.quote for c in answer.citations] == ["Cadre | 3 mois | 30 €"]
    assert "Cadre – Préavis : 3 mois ; Prime : 30 €" in answer.text


def test_a_table_over_several_passages_repeats_the_names_of_its_columns_for_search() -> None:
    lines = [f"Poste {n} | {n} mois | {n} €" for n in range(30)]
    cut = list(passages("\n".join(["# Préavis", "", HEADER, *lines]), 200))
    assert len(cut) > 2
    assert all(HEADER in passage.heading for passage in cut[1:])
