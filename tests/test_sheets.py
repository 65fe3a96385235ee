"""A table is told as its reader sees it: merged cells, groups, names over names, units; not what is hidden."""

import datetime
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Border, Font, Side
from openpyxl.worksheet.worksheet import Worksheet

from rag.documents.blocks import Table
from rag.documents.grid import Grid
from rag.documents.html import parse_html
from rag.documents.number_formats import shown
from rag.documents.parsed import Parsed
from rag.documents.sheets import parse_csv
from rag.documents.table_reading import blocks_of
from rag.documents.xlsx import parse_xlsx

Read = Callable[[Callable[[Worksheet], None]], Parsed]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Read a sheet that is made for a test."""

    def read(fill: Callable[[Worksheet], None]) -> Parsed:
        book = Workbook()
        sheet = book.active
        assert isinstance(sheet, Worksheet)
        sheet.title = "Feuille"
        fill(sheet)
        book.save(tmp_path / "a.xlsx")
        return parse_xlsx(tmp_path / "a.xlsx")

    return read


def rows(*lines: Sequence[object]) -> Callable[[Worksheet], None]:
    def fill(sheet: Worksheet) -> None:
        for line in lines:
            sheet.append(line)

    return fill


def body(parsed: Parsed) -> list[str]:
    return parsed.text.removeprefix("# Feuille\n\n").split("\n")


def test_a_merged_cell_belongs_to_each_row_and_column(read: Read) -> None:
    def fill(sheet: Worksheet) -> None:
        rows(["Événement", "Qui", "Jours"], ["Décès", "conjoint", 5], [None, "enfant", 12])(sheet)
        sheet.merge_cells("A2:A3")

    assert body(read(fill)) == ["Événement | Qui | Jours", "Décès | conjoint | 5", "Décès | enfant | 12"]


def test_cells_left_empty_under_the_name_of_a_group_take_it_and_totals_do_not(read: Read) -> None:
    lines: list[list[object]] = [
        ["Site", "Tranche", "Prime"],
        ["Lyon", "0 à 5 ans", 1],
        [None, "plus", 2],
        [None, "Total", 3],
        ["Metz", None, 4],
    ]
    assert body(read(rows(*lines)))[2:] == ["Lyon | plus | 2", "| Total | 3", "Metz |  | 4"]


def test_two_tables_have_each_its_names(read: Read) -> None:
    lines: list[list[object]] = [["Site", "Part employeur"], ["Lyon", 5], [], [], ["Site", "Part salarié"], ["Lyon", 3]]
    parsed = read(rows(*lines))
    assert parsed.tables is not None
    assert [parsed.text[slice(*part.lead)] for part in parsed.tables] == [
        "Site | Part employeur",
        "Site | Part salarié",
    ]


def test_rows_after_an_empty_one_belong_to_the_table_above(read: Read) -> None:
    assert body(read(rows(["Nom", "Jours"], ["Zoé", 5], [], ["Noé", 3]))) == ["Nom | Jours", "Zoé | 5", "Noé | 3"]


def test_tables_side_by_side_are_two(read: Read) -> None:
    parsed = read(rows(["Site", "Effectif", None, "Grade", "Prime"], ["Lyon", 5, None, "A", 70]))
    assert body(parsed) == ["Site | Effectif", "Lyon | 5", "", "Grade | Prime", "A | 70"]


@pytest.mark.parametrize("is_merged", [True, False])
def test_lines_of_names_are_joined(read: Read, is_merged: bool) -> None:
    def fill(sheet: Worksheet) -> None:
        rows(["Ancienneté", "Cadres", None, "Autres", None], [None, "Démission", "Retraite", "Démission", "Retraite"])(
            sheet
        )
        rows(["2 ans", "3 mois", "4 mois", "1 mois", "2 mois"])(sheet)
        if is_merged:
            for merged in ("A1:A2", "B1:C1", "D1:E1"):
                sheet.merge_cells(merged)

    names = "Ancienneté | Cadres › Démission | Cadres › Retraite | Autres › Démission | Autres › Retraite"
    assert body(read(fill)) == [names, "2 ans | 3 mois | 4 mois | 1 mois | 2 mois"]


def test_titles_notes_and_parts_of_a_table_are_told_from_its_rows(read: Read) -> None:
    def fill(sheet: Worksheet) -> None:
        rows(["Grille au 1er mai"], ["Emploi", "Prime"], ["Usine"], ["agent", 70], ["Siège"], ["agent", 90])(sheet)
        rows(["* versée en juin"])(sheet)
        for merged in ("A3:B3", "A5:B5"):
            sheet.merge_cells(merged)

    assert body(read(fill)) == [
        "Grille au 1er mai", "", "Emploi | Prime", "Usine › agent | 70", "Siège › agent | 90", "", "* versée en juin"
    ]  # fmt: skip


def test_names_of_columns_may_hold_figures(read: Read) -> None:
    parsed = read(rows(["Salarié", "Congés N-1", "13e mois", 2023, 2024], ["Caron", 4, 1980, 1830, 1902]))
    assert parsed.tables is not None
    assert parsed.text[slice(*parsed.tables[0].lead)] == "Salarié | Congés N-1 | 13e mois | 2023 | 2024"


def test_rows_of_figures_alone_have_no_names(read: Read) -> None:
    parsed = read(rows(["Lyon", "12 jours"], ["Metz", "14 jours"]))
    assert parsed.tables is not None
    assert parsed.tables[0].lead == (0, 0)


def test_what_is_hidden_is_not_read_and_notes_are(read: Read) -> None:
    def fill(sheet: Worksheet) -> None:
        rows(["Nom", "Salaire", "Poste"], ["Aubert", 58200, 4410], ["Sortant", 43000, 4499])(sheet)
        sheet.column_dimensions["B"].hidden = True
        sheet.row_dimensions[3].hidden = True
        sheet["C2"].comment = Comment("RH:\nLigne directe.", "RH")

    assert body(read(fill)) == ["Nom | Poste", "Aubert | 4410 (Ligne directe.)"]


def test_formulas_that_were_never_computed_are_named(read: Read) -> None:
    parsed = read(rows(["Service", "Total"], ["Ventes", "=1+1"]))
    assert parsed.uncomputed == ("Feuille (B2)",)
    assert body(parsed) == ["Service | Total", "Ventes |"]


def test_a_border_far_away_costs_nothing(read: Read) -> None:
    def fill(sheet: Worksheet) -> None:
        rows(["Nom", "Jours"], ["Joly", 3])(sheet)
        sheet["FX1048576"].border = Border(top=Side("thin"))

    assert body(read(fill)) == ["Nom | Jours", "Joly | 3"]


def test_bold_names_stand_above_words(read: Read) -> None:
    def fill(sheet: Worksheet) -> None:
        rows(["Nom", "Zoé"], ["Service", "Paie"])(sheet)
        for cell in sheet["A"]:
            cell.font = Font(bold=True)

    parsed = read(fill)  # a form: the names stand on the left
    assert parsed.tables is not None
    assert parsed.tables[0].lead == (0, 0)


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (25, '0" jours ouvrés"', "25 jours ouvrés"), (17500, '#,##0" CHF"', "17 500 CHF"), (427, "00000", "00427"),
        (32.5 / 24, "[h]:mm", "32:30"), (21.25 / 24, "h:mm", "21:15"), (0.125, "0.0%", "12,5 %"),
        (1234.5, '#,##0.00" €"', "1 234,50 €"), (45717, "mmmm yyyy", "mars 2025"), (45717, "yyyy-mm-dd", "01/03/2025"),
        (45717.5, "dd/mm/yyyy hh:mm", "01/03/2025 12:00"), (-3, '0;"moins "0', "moins 3"),
        (3, "[$CHF-100C] 0", "CHF 3"),
        (1234.5, "[$€-40C]#,##0.0", "€1 234,5"), (12.5, "General", "12,5"), (5, '"Niveau "0', "Niveau 5"),
        (1.5, "# ?/?", "1,5"), (0, '0;-0;"néant"', "néant"),
    ],
)  # fmt: skip
def test_a_number_is_read_as_it_is_shown(value: float, code: str, text: str) -> None:
    assert shown(value, code, "fr") == text


def test_an_english_sheet_keeps_its_signs() -> None:
    assert shown(1234.5, "#,##0.00", "en") == "1,234.50"
    assert shown(45717, "mmmm yyyy", "en") == "march 2025"


def test_dates_are_read_from_cells(read: Read) -> None:
    parsed = read(rows(["Nom", "Entrée", "Heure"], ["Varin", datetime.date(2021, 5, 17), datetime.time(8, 5)]))
    assert body(parsed)[1] == "Varin | 17/05/2021 | 08:05:00"


@pytest.mark.parametrize("text", [
    "Tarifs, repas et menus\nPlat,Prix\nMenu,9.80\nSalade,6.50\n",
    "sep=;\nTarifs, repas et menus\nPlat;Prix\nMenu;9.80\nSalade;6.50\n",
])  # fmt: skip
def test_a_title_line_above_the_names_is_one(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    assert "Plat | Prix\nMenu | 9.80\nSalade | 6.50" in parse_csv(tmp_path / "a.csv").text


def test_spans_of_a_page_keep_their_columns(tmp_path: Path) -> None:
    page = (
        "<table><tr><th>Jour<th>Heure<th>Prime</tr><tr><td rowspan=2>Samedi<td>matin<td>31</tr>"
        "<tr><td>soir<td>44</tr><tr><td colspan=2>Dimanche<td>67</tr></table>"
    )
    (tmp_path / "a.html").write_text(page, encoding="utf-8")
    lines = parse_html(tmp_path / "a.html").text.split("\n")
    assert lines == ["Jour | Heure | Prime", "Samedi | matin | 31", "Samedi | soir | 44", "Dimanche | Dimanche | 67"]


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 6), st.integers(2, 5), st.data())
def test_each_value_is_told_with_its_own_names(height: int, width: int, data: st.DataObject) -> None:
    """A random table with merged groups: what stands in a row and a column stands in that row, in that place."""
    grid = Grid()
    names = [f"Colonne {chr(65 + n)}" for n in range(width)]
    for column, name in enumerate(names):
        grid.put(0, column, name)
    groups: list[str] = []
    while len(groups) < height:
        size = data.draw(st.integers(1, height - len(groups)))
        name = f"groupe {chr(97 + len(groups))}"
        grid.put(1 + len(groups), 0, name, rows=size)
        groups += [name] * size
    values = {(r, c): f"{r * 10 + c} euros" for r in range(height) for c in range(1, width)}
    empty = data.draw(st.sets(st.sampled_from(sorted(values)), max_size=len(values) - 1))
    for (row, column), text in values.items():
        if (row, column) not in empty:
            grid.put(row + 1, column, text)
    told = {line for block in blocks_of(grid) if isinstance(block, Table) for line in block.rows}
    table = [block for block in blocks_of(grid) if isinstance(block, Table)]
    if {c for _, c in values} == {c for place, c in values if (place, c) not in empty}:
        assert list(table[0].names) == names
        for row in range(height):
            if any((row, c) not in empty for c in range(1, width)):
                own = tuple("" if (row, c) in empty else values[row, c] for c in range(1, width))
                assert (groups[row], *own) in told
