"""A PDF is read in the order of reading, without running heads, with its words and sentences whole."""

from pathlib import Path

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from rag.documents.hyphens import closed
from rag.documents.pdf import parse_pdf

MARK = "\ufffe"


def draw(path: Path, *pages: list[tuple[float, float, str]]) -> str:
    canvas = Canvas(str(path), pagesize=A4)
    for lines in pages:
        for x, y, text in lines:
            canvas.drawString(x, y, text)
        canvas.showPage()
    canvas.save()
    return parse_pdf(path).text


def test_columns_are_read_one_after_the_other_whatever_was_drawn_first(tmp_path: Path) -> None:
    left = [f"La colonne de gauche, ligne {n}" for n in range(4)]
    right = [f"La colonne de droite, ligne {n}" for n in range(4)]
    lines = [(x, 700.0 - 14 * n, t) for n in range(4) for x, t in ((320.0, right[n]), (60.0, left[n]))]
    text = draw(
        tmp_path / "a.pdf", [(60.0, 760.0, "Un titre qui s’étend sur toute la largeur de la page entière"), *lines]
    )
    assert [line for line in text.split("\n") if line][1:] == [*left, *right]


def test_cells_of_a_table_are_told_apart(tmp_path: Path) -> None:
    rows = [("Statut", "Préavis"), ("Ouvriers", "1 mois"), ("Cadres", "3 mois")]
    text = draw(
        tmp_path / "a.pdf",
        [(x, 700.0 - 16 * n, t) for n, row in enumerate(rows) for x, t in zip((60.0, 240.0), row, strict=True)],
    )
    assert text == "Statut | Préavis\nOuvriers | 1 mois\nCadres | 3 mois"


def test_running_heads_are_left_out_and_a_sentence_goes_on_over_the_page(tmp_path: Path) -> None:
    head, foot = "Société Exemple — Confidentiel", "page {} sur 2"
    pages = [
        [(60.0, 800.0, head), (60.0, 700.0, "Il doit préciser la durée de ce"), (60.0, 40.0, foot.format(1))],
        [(60.0, 800.0, head), (60.0, 700.0, "congé, qui est de six mois."), (60.0, 40.0, foot.format(2))],
    ]
    assert draw(tmp_path / "a.pdf", *pages) == "Il doit préciser la durée de ce\ncongé, qui est de six mois."


@pytest.mark.parametrize(
    ("parted", "whole"),
    [
        ("télé~travail", "télétravail"),
        ("mi~temps", "mi-temps"),
        ("rendez~vous", "rendez-vous"),
        ("Demandez~le", "Demandez-le"),
        ("sous~officiers", "sous-officiers"),
        ("arc-en~ciel", "arc-en-ciel"),
        ("vice~président", "vice-président"),
        ("2024-\n2025", "2024-2025"),
        ("Saint~Denis", "Saint-Denis"),
        ("chauffeur~livreur, un chauffeur-livreur", "chauffeur-livreur, un chauffeur-livreur"),
    ],
)
def test_a_word_keeps_the_hyphen_that_is_its_own(parted: str, whole: str) -> None:
    assert closed(parted.replace("~", f"{MARK}\n"), [0], MARK) == (whole, [0])


def test_pages_move_with_the_hyphens_that_go() -> None:
    text, pages = closed(f"télé{MARK}\ntravail\n\nSuite", [0, 15], MARK)
    assert text[pages[1] :] == "Suite"
