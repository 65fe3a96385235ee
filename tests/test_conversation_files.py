"""Answers are taken away with their references: as text, Markdown and Word files."""

from io import BytesIO
from typing import Any

import docx
from docx.opc.constants import RELATIONSHIP_TYPE
from lxml import etree

from rag.conversations.clipboard import plain_text, rich_text
from rag.conversations.markdown import markdown
from rag.conversations.standing import verified
from rag.conversations.tables import Turn
from rag.conversations.word import word_file
from rag.index.protocol import Index

HOSTILE = "Deux jours <img src=x> [lien](http://evil.invalid) ![x](y) \x00\x1bfin"


def citation(number: int, quote: str, source: str = "accord.pdf", page: int | None = 3) -> dict[str, Any]:
    place = {"source": source, "title": "Accord télétravail", "start": 0, "end": len(quote), "page": page}
    return {"number": number, "quote": quote, **place}


def statement(text: str, *citations: int, before: str = "\n- ", telling: tuple[int, int] = (0, 0)) -> dict[str, Any]:
    return {"text": text, "citations": list(citations), "before": before, "telling": list(telling)}


def turn(question: str, statements: list[dict[str, Any]], *citations: dict[str, Any]) -> Turn:
    answer = {"answer": "", "statements": statements, "citations": list(citations)}
    return Turn(question=question, state="answered", answer=answer)


FIRST = turn(
    "Combien de jours ?",
    [
        statement("Voici ce qu’en disent les documents :", before=" "),
        statement("Deux jours par semaine.", 1, telling=(0, 10)),
        statement("Trois jours pour les parents.", 2),
    ],
    citation(1, "Deux jours par semaine."),
    citation(2, "Trois jours pour les parents.", page=5),
)
SECOND = turn("Et à Lyon ?", [statement(HOSTILE, 1)], citation(1, HOSTILE, "lyon.txt", None))
UNANSWERED = Turn(question="Et demain ?", state="asked", answer=None)


def test_a_copy_has_its_references_under_it_and_only_escaped_words() -> None:
    assert FIRST.answer
    assert SECOND.answer
    assert plain_text(FIRST.answer, "fr").splitlines() == [
        "Voici ce qu’en disent les documents :",
        "- Deux jours par semaine. [1]",
        "- Trois jours pour les parents. [2]",
        "",
        "[1] «\u00a0Deux jours par semaine.\u00a0» — Accord télétravail, accord.pdf, page\u00a03",
        "[2] «\u00a0Trois jours pour les parents.\u00a0» — Accord télétravail, accord.pdf, page\u00a05",
    ]
    rich = rich_text(FIRST.answer, "en")
    assert rich.count("<li>") == 2
    assert rich.count("<ul>") == 1
    assert "“Deux jours par semaine.” — Accord télétravail, accord.pdf, page 3" in rich
    assert "<img" not in rich_text(SECOND.answer, "fr")


def test_markdown_has_footnotes_and_sources_and_no_marks_of_documents() -> None:
    written = markdown("Télétravail", [FIRST, SECOND, UNANSWERED], "fr")
    assert written.startswith("# Télétravail\n\n## Combien de jours ?\n")
    assert "- Deux jours par semaine.[^1]\n- Trois jours pour les parents.[^2]" in written
    assert "[^1]: «\u00a0Deux jours par semaine.\u00a0» — Accord télétravail, accord.pdf, page\u00a03\n" in written
    assert "- Accord télétravail, accord.pdf, pages\u00a03, 5\n- Accord télétravail, lyon.txt\n" in written
    assert "\\!\\[x\\](y)" in written
    assert "\\<img src=x\\>" in written
    assert "## Et demain ?\n\nSans réponse." in written


def test_a_word_file_opens_with_its_footnotes() -> None:
    document = docx.Document(BytesIO(word_file("Télétravail", [FIRST, SECOND, UNANSWERED], "fr")))
    texts = [p.text for p in document.paragraphs]
    assert texts[:3] == ["Télétravail", "Combien de jours ?", "Voici ce qu’en disent les documents :"]
    assert texts[-2:] == ["Accord télétravail, accord.pdf, pages\u00a03, 5", "Accord télétravail, lyon.txt"]
    bold = [run.text for p in document.paragraphs for run in p.runs if run.bold]
    assert bold == ["Deux jours"]
    part = next(r.target_part for r in document.part.rels.values() if r.reltype == RELATIONSHIP_TYPE.FOOTNOTES)
    name = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    notes = {
        note.get(f"{name}id"): "".join(note.itertext()) for note in etree.fromstring(part.blob).iter(f"{name}footnote")
    }
    marks = [mark.get(f"{name}id") for mark in document.element.body.iter(f"{name}footnoteReference")]
    assert marks == ["1", "2", "3"]
    assert notes["1"] == " «\u00a0Deux jours par semaine.\u00a0» — Accord télétravail, accord.pdf, page\u00a03"
    assert "![x](y)" in notes["3"]


def test_a_citation_is_held_against_todays_documents(index: Index) -> None:
    source = index.documents()[0].source
    quote = index.read(source, 100, 160)
    cited = {"source": source, "start": 100, "end": 160, "quote": quote}
    assert verified(cited, index) == {**cited, "standing": "stands"}
    assert verified({**cited, "start": 90, "end": 150}, index) == {**cited, "standing": "moved"}
    assert verified({**cited, "quote": "never said"}, index)["standing"] == "changed"
    assert verified({**cited, "source": "no such file"}, index)["standing"] == "gone"
