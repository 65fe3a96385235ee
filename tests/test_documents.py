"""Every format gives its text; every bad file gives one sentence that names it."""

import zipfile
from pathlib import Path

import pytest
from docx import Document as Docx
from hypothesis import given
from hypothesis import strategies as st
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from rag.documents.loader import load_document
from rag.documents.unreadable import UnreadableFile
from rag.schema import Document, page_at

FRENCH = "Les employés télétravaillent l’été. Coût : 6 800 €."


def load(path: Path) -> Document:
    return load_document(path, path.name)


def refused(path: Path) -> str:
    with pytest.raises(UnreadableFile) as caught:
        load(path)
    problem, message = caught.value, str(caught.value)
    assert problem.source == path.name
    assert "\n" not in message
    assert problem.told("fr") != message
    return message


@given(text=st.text(min_size=1).filter(lambda t: "\0" not in t and any(map(str.isalnum, t))))
def test_a_text_file_is_its_content_unchanged(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("text") / "a.txt"
    path.write_bytes(text.encode())
    assert load(path).text == text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes((FRENCH * 20).encode(encoding))
    assert FRENCH * 20 in load(path).text


def test_pdf_keeps_pages_and_closes_hyphens(tmp_path: Path) -> None:
    path = tmp_path / "guide.pdf"
    canvas = Canvas(str(path))
    canvas.setTitle("Guide du salarié")
    for page in ("Première page sur les congés.", "Seconde page sur le préavis."):
        canvas.drawString(100, 700, page)
        canvas.showPage()
    canvas.save()
    document = load(path)
    assert document.title == "Guide du salarié"
    assert page_at(document.pages, document.text.index("congés")) == 1
    assert page_at(document.pages, document.text.index("préavis")) == 2


def test_docx_keeps_headings_and_tables_in_reading_order(tmp_path: Path) -> None:
    docx = Docx()
    docx.add_heading("Congés", level=1)
    docx.add_paragraph("Chacun a vingt-cinq jours.")
    table = docx.add_table(rows=2, cols=2)
    for cell, text in zip([c for row in table.rows for c in row.cells], ["Cas", "Jours", "Mariage", "4"], strict=True):
        cell.text = text
    docx.add_paragraph("Fin du texte.")
    docx.save(str(tmp_path / "rh.docx"))
    text = load(tmp_path / "rh.docx").text
    assert text.split("\n\n") == ["# Congés", "Chacun a vingt-cinq jours.", "Cas | Jours\nMariage | 4", "Fin du texte."]


def test_html_is_what_a_person_sees(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(
        "<html><head><title>Charte</title><script>evil()</script></head><body><nav>Menu</nav><h2>Règles</h2>"
        "<p>Deux jours\n de <b>télé</b>travail.</p><p hidden>secret</p><ul><li>un</li><li>deux</li></ul>"
        "<table><tr><td>a</td><td>b</td></tr></table></body></html>",
        encoding="utf-8",
    )
    document = load(path)
    assert document.title == "Charte"
    assert document.text.split("\n\n") == ["## Règles", "Deux jours de télétravail.", "- un", "- deux", "a | b"]


def test_xhtml_with_a_declaration(tmp_path: Path) -> None:
    (tmp_path / "x.html").write_text('<?xml version="1.0" encoding="utf-8"?><html><body><p>Préavis</p></body></html>')
    assert load(tmp_path / "x.html").text == "Préavis"


def test_markdown_is_unchanged_and_titled_by_its_heading(tmp_path: Path) -> None:
    path = tmp_path / "note.md"
    path.write_text("---\n\n# La note\n\nDu texte.\n")
    assert load(path).text == path.read_text()
    assert load(path).title == "La note"


def test_bad_files_are_named_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    assert "empty" in refused(tmp_path / "empty.txt")
    (tmp_path / "spaces.md").write_text(" \n\t ")
    assert "no text" in refused(tmp_path / "spaces.md")
    (tmp_path / "binary.txt").write_bytes(bytes(range(256)) * 40)
    assert "not text" in refused(tmp_path / "binary.txt")
    (tmp_path / "program.exe").write_bytes(b"MZ")
    assert "known: " in refused(tmp_path / "program.exe")
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 nothing")
    assert "PDF" in refused(tmp_path / "broken.pdf")
    (tmp_path / "broken.docx").write_bytes(b"PK\x03\x04 nothing")
    assert "DOCX" in refused(tmp_path / "broken.docx")
    assert "not there" in refused(tmp_path / "gone.txt")
    (tmp_path / "folder.txt").mkdir()
    assert "not a file" in refused(tmp_path / "folder.txt")
    (tmp_path / "dangling.txt").symlink_to(tmp_path / "nowhere")
    assert "not there" in refused(tmp_path / "dangling.txt")


def test_gigantic_file_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "huge.txt").open("wb") as file:
        file.truncate(10**12)
    assert "larger than" in refused(tmp_path / "huge.txt")


def test_encrypted_and_scanned_pdf(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "locked.pdf"), encrypt=StandardEncryption("secret", canPrint=0))
    canvas.drawString(100, 700, "Confidentiel.")
    canvas.save()
    assert "encrypted" in refused(tmp_path / "locked.pdf")
    canvas = Canvas(str(tmp_path / "scan.pdf"))
    canvas.rect(100, 100, 200, 200)
    canvas.showPage()
    canvas.save()
    assert "a scan?" in refused(tmp_path / "scan.pdf")


def test_a_bomb_is_stopped(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.docx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr("word/document.xml", b" " * 210_000_000)
    assert (tmp_path / "bomb.docx").stat().st_size < 1_000_000
    assert "unpacks" in refused(tmp_path / "bomb.docx")


def test_html_nested_beyond_reason_is_refused_not_a_crash(tmp_path: Path) -> None:
    (tmp_path / "deep.html").write_text("<div>" * 200 + "fond du texte")
    assert "fond du texte" in load(tmp_path / "deep.html").text
    (tmp_path / "deeper.html").write_text("<div>" * 100_000 + "fond du texte")
    refused(tmp_path / "deeper.html")


def test_a_title_that_nobody_gave_is_not_a_title(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    canvas = Canvas(str(path))  # its title is "untitled"
    canvas.drawString(72, 700, "Charte du temps de travail")
    canvas.save()
    assert load(path).title == "Charte du temps de travail"


def test_a_page_in_one_form_is_read_and_what_is_not_displayed_is_not(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(
        "<body><form><p>Remboursé à 80 %.</p><select><option>A</option></select>"
        "<p style='display: none'>Quatre jours.</p></form></body>",
        encoding="utf-8",
    )
    assert load(path).text == "Remboursé à 80 %."


def test_blocks_inside_cells_keep_a_row_on_one_line(tmp_path: Path) -> None:
    cells = "<tr><td><p>Paris</p></td><td><div>19,40</div><div>euros</div></td><td></td></tr>"
    (tmp_path / "page.html").write_text(f"<p>Tarifs.</p><table>{cells}{cells}</table>")
    assert load(tmp_path / "page.html").text == "Tarifs.\n\nParis | 19,40 euros\nParis | 19,40 euros"


def test_latin_1_is_read_as_browsers_read_it(tmp_path: Path) -> None:
    page = '<html><head><meta charset="iso-8859-1"></head><body><p>L’employeur verse 150 €.</p></body></html>'
    (tmp_path / "page.html").write_bytes(page.encode("cp1252"))
    assert load(tmp_path / "page.html").text == "L’employeur verse 150 €."


def test_a_bad_byte_spoils_no_more_than_itself(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("Le télétravail des employés.\n".encode() + "Le café à volonté.".encode("cp1252"))
    assert load(tmp_path / "a.txt").text == "Le télétravail des employés.\nLe café à volonté."
    (tmp_path / "b.txt").write_bytes("Le télétravail des employés".encode() + "é".encode()[:1])
    assert load(tmp_path / "b.txt").text.startswith("Le télétravail des employés")


def test_a_text_of_dos_is_french(tmp_path: Path) -> None:
    text = "Congés payés\n\nLe salarié à temps partiel acquiert vingt-cinq jours ouvrés."
    (tmp_path / "a.txt").write_bytes(text.encode("cp850"))
    assert load(tmp_path / "a.txt").text == text


def test_a_title_is_the_files_own_unless_it_is_junk(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(
        '---\nauthor: RH\ntitle: "Guide d’accueil"\n---\n\nLe badge est remis le premier jour.'
    )
    assert load(tmp_path / "a.md").title == "Guide d’accueil"
    for junk in ("about:blank", "Microsoft Word - accord.doc", "note.pdf", "Untitled"):
        (tmp_path / "a.html").write_text(f"<title>{junk}</title><h1>Accord</h1><p>Le texte.</p>")
        assert load(tmp_path / "a.html").title == "Accord"
