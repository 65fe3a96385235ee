"""Running heads and page numbers go; rows, dates and numbered headings at the edges of pages stay."""

import pytest

from rag.documents.pdf_lines import Line
from rag.documents.running_heads import without_heads


def pages(*texts: list[str]) -> list[list[Line]]:
    return [[Line(text, 60, 700 - 20 * n, 300, 710 - 20 * n) for n, text in enumerate(page)] for page in texts]


def kept(*texts: list[str]) -> list[list[str]]:
    return [[line.text for line in page] for page in without_heads(pages(*texts))]


@pytest.mark.parametrize("head", ["Accord 2024", "Accord | {}", "{} — Accord", "Page {} sur 3", "- {} -"])
def test_heads_and_page_numbers_go(head: str) -> None:
    texts = [[head.format(n), f"Phrase {word}.", "Suite."] for n, word in enumerate(("une", "deux", "trois"), 1)]
    assert all(head.format(n) not in page for n, page in enumerate(kept(*texts), 1))


@pytest.mark.parametrize("line", ["Article {}", "{} | 358 | 1912", "Le 0{}/01/2025 : fermeture à 17 h", "Étape {}"])
def test_what_counts_on_from_page_to_page_stays(line: str) -> None:
    texts = [[line.format(n), f"Phrase {word}.", "Fin."] for n, word in enumerate(("une", "deux", "trois"), 1)]
    assert all(line.format(n) in page for n, page in enumerate(kept(*texts), 1))


def test_the_names_of_columns_stay_once() -> None:
    assert kept(*[["Échelon | Indice", f"{n} | {n}00"] for n in (1, 2, 3)]) == [
        ["Échelon | Indice", "1 | 100"], ["2 | 200"], ["3 | 300"]
    ]  # fmt: skip
