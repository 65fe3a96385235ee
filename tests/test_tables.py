"""A row of a table is one line, one sentence, with its cells apart."""

from hypothesis import given
from hypothesis import strategies as st

from rag.text.sentences import sentences
from rag.text.tables import cells, is_row, labelled, row, table_before

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
    line = "ouvrier |  | 20 €"
    assert table_before(TABLE, TABLE.index(line)) == [HEADER, "cadre | 3 mois. Non négociable | 30 €"]
    assert labelled(HEADER, line) == "ouvrier – Prime : 20 €"
    assert labelled(HEADER, "| a | b | c |") == "a – Préavis : b ; Prime : c"
    assert labelled("Nom | 3", "Paris | 19") == "Paris : 19"
    assert row(["", ""]) == ""
