"""OpenDocument, EPUB, RTF, mails and archives are read as they are shown, and what is inside a file is found in it."""

import sys
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest
from openpyxl import Workbook

from rag.documents import sandbox
from rag.documents.epub import parse_epub
from rag.documents.loader import load_document
from rag.documents.mail import LEFT_OUT, parse_eml
from rag.documents.odf import parse_odf
from rag.documents.rtf import parse_rtf
from rag.documents.sheets import parse_xls
from rag.documents.unreadable import UnreadableFile
from rag.indexing import Outcome, index_paths
from tests.conftest import NewIndex

ODF = "urn:oasis:names:tc:opendocument:xmlns"
NAMESPACES = " ".join(
    f'xmlns:{name}="{ODF}:{name}:1.0"' for name in ("office", "text", "table", "style", "drawing", "presentation")
)


def odf(path: Path, body: str, styles: str = "") -> Path:
    automatic = f"<office:automatic-styles>{styles}</office:automatic-styles>"
    content = f"<office:document-content {NAMESPACES}>{automatic}<office:body>{body}</office:body>"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("content.xml", f"{content}</office:document-content>")
    return path


def test_a_text_is_read_in_order_without_what_is_deleted_or_hidden(tmp_path: Path) -> None:
    styles = '<style:style style:name="H"><style:text-properties text:display="none"/></style:style>'
    note = "<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>Sauf en juillet.</text:p>"
    body = (
        "<office:text><text:tracked-changes><text:p>Supprimé.</text:p></text:tracked-changes>"
        '<text:h text:outline-level="2">Congés</text:h>'
        f"<text:p>Vingt-cinq<text:s/>jours{note}</text:note-body></text:note>.</text:p>"
        '<text:p>Vu<text:span text:style-name="H"> caché</text:span> par tous<office:annotation><text:p>note</text:p>'
        "</office:annotation>.</text:p>"
        "<text:list><text:list-item><text:p>Un</text:p><text:list><text:list-item><text:p>Deux</text:p>"
        "</text:list-item></text:list></text:list-item></text:list></office:text>"
    )
    parsed = parse_odf(odf(tmp_path / "a.odt", body, styles))
    assert parsed.text.split("\n\n") == [
        "## Congés",
        "Vingt-cinq jours (Sauf en juillet.).",
        "Vu par tous.",
        "- Un",
        "- Deux",
    ]


def test_sheets_show_their_values_and_empty_cells_stay(tmp_path: Path) -> None:
    def line(*cells: str) -> str:
        return f"<table:table-row>{''.join(cells)}</table:table-row>"

    def cell(text: str) -> str:
        return f"<table:table-cell><text:p>{text}</text:p></table:table-cell>"

    empty = '<table:table-cell table:number-columns-repeated="2"/>'
    rows = line(cell("Statut"), cell("Jours"), cell("Note"), cell("Prime")) + line(cell("Cadre"), empty, cell("30 €"))
    tail = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
    body = f'<office:spreadsheet><table:table table:name="Primes">{rows}{tail}</table:table></office:spreadsheet>'
    text = parse_odf(odf(tmp_path / "a.ods", body)).text
    assert text == "# Primes\n\nStatut | Jours | Note | Prime\nCadre |  |  | 30 €"


def test_slides_are_pages(tmp_path: Path) -> None:
    boxes = (f"<drawing:text-box><text:p>{text}</text:p></drawing:text-box>" for text in "AB")
    body = "".join(f"<drawing:page>{box}</drawing:page>" for box in boxes)
    parsed = parse_odf(odf(tmp_path / "a.odp", f"<office:presentation>{body}</office:presentation>"))
    assert parsed.text == "A\n\nB"
    assert parsed.pages == (0, 3)


def test_a_book_is_read_in_the_order_of_its_spine(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.epub", "w") as book:
        book.writestr("META-INF/container.xml", '<container><rootfile full-path="o/b.opf"/></container>')
        items = '<item id="x" href="x.xhtml"/><item id="y" href="y%20z.xhtml"/>'
        spine = "<itemref idref='y'/><itemref idref='x'/>"
        book.writestr("o/b.opf", f"<package><title>Livre</title>{items}{spine}</package>")
        book.writestr("o/x.xhtml", "<html><body><p>Après.</p></body></html>")
        book.writestr("o/y z.xhtml", "<html><body><h1>Avant</h1></body></html>")
    parsed = parse_epub(tmp_path / "a.epub")
    assert (parsed.title, parsed.text) == ("Livre", "# Avant\n\nAprès.")


def test_rich_text_keeps_accents_and_cells(tmp_path: Path) -> None:
    (tmp_path / "a.rtf").write_bytes(
        rb"{\rtf1\ansi\ansicpg1252 Le pr\'e9avis dure trois mois.\par "
        rb"\trowd\cellx100\cellx200 Cadre\cell 3 mois\cell\row}"
    )
    assert parse_rtf(tmp_path / "a.rtf").text.splitlines() == ["Le préavis dure trois mois.", "Cadre | 3 mois"]
    (tmp_path / "b.rtf").write_text("no rich text")
    with pytest.raises(UnreadableFile, match="RTF"):
        parse_rtf(tmp_path / "b.rtf")


def test_sheets_of_before_2007_are_those_that_are_shown(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Congés"
    sheet.append(["Statut", "Jours"])
    sheet.append(["Cadre", 25])
    book.create_sheet("Calculs").append(["secret"])
    book["Calculs"].sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    (tmp_path / "a.xlsx").rename(tmp_path / "a.xls")  # the library goes by the content
    assert parse_xls(tmp_path / "a.xls").text == "# Congés\n\nStatut | Jours\nCadre | 25"


def mail(text: str, subtype: str = "plain") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Zoé <zoe@example.org>", "rh@example.org", "Congés d’été"
    message.set_content(text, subtype=subtype)
    return message


@pytest.mark.parametrize(
    ("text", "subtype"),
    [
        ("Le service ferme en août.\n\nLe 3 mai 2024, Noé a écrit :\n> Quand ferme-t-on ?\n", "plain"),
        ("Le service ferme en août.\n\n-----Message d'origine-----\nDe : Noé\nQuand ferme-t-on ?\n", "plain"),
    ],
)
def test_a_mail_says_who_wrote_what_and_not_what_it_answers(tmp_path: Path, text: str, subtype: str) -> None:
    (tmp_path / "a.eml").write_bytes(mail(text, subtype).as_bytes())
    parsed = parse_eml(tmp_path / "a.eml")
    assert parsed.title == "Congés d’été"
    assert "From : Zoé <zoe@example.org>\nTo : rh@example.org" in parsed.text
    assert parsed.text.endswith(f"Le service ferme en août.\n\n{LEFT_OUT}")


def test_a_mail_that_only_sends_something_on_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(mail("-----Message d'origine-----\nLe préavis dure trois mois.\n").as_bytes())
    assert "Le préavis dure trois mois." in parse_eml(tmp_path / "a.eml").text
    (tmp_path / "b.eml").write_bytes(mail("<p>Le préavis.</p><script>x</script>", "html").as_bytes())
    assert parse_eml(tmp_path / "b.eml").text.endswith("\n\nLe préavis.")


def test_what_is_inside_a_file_is_a_document_of_its_own(tmp_path: Path, new_index: NewIndex) -> None:
    folder = tmp_path / "courrier"
    folder.mkdir()
    message = mail("Ci-joint la note de service.")
    message.add_attachment("La cantine ouvre à midi.", filename="../../note.txt")
    message.add_attachment("Le parking ferme à vingt heures.", filename="note.txt")
    with zipfile.ZipFile(folder / "envoi.zip", "w") as archive:
        archive.writestr("mails/a.eml", message.as_bytes())
        archive.writestr("logo.exe", b"MZ")
        archive.writestr("__MACOSX/a.txt", b"hidden")
    index = new_index()
    outcomes = index_paths(index, [folder])
    assert {o.source: o.what for o in outcomes} == {
        "envoi.zip/mails/a.eml": "added",
        "envoi.zip/mails/a.eml/note.txt": "added",
        "envoi.zip/mails/a.eml/note (2).txt": "added",
        "envoi.zip/logo.exe": "skipped",
    }
    document = index.document("envoi.zip/mails/a.eml/note (2).txt")
    assert document is not None
    assert document.text.strip() == "Le parking ferme à vingt heures."
    assert not list(tmp_path.parent.glob("note.txt"))
    assert {o.what for o in index_paths(index, [folder])} == {"unchanged", "skipped"}
    with zipfile.ZipFile(folder / "envoi.zip", "w") as archive:
        archive.writestr("b.txt", "Les tickets valent neuf euros.")
    outcomes = index_paths(index, [folder])
    assert sum(o.what == "removed" for o in outcomes) == 3
    assert [entry.source for entry in index.documents()] == ["envoi.zip/b.txt"]


def test_what_has_vanished_from_a_folder_is_removed_and_comes_back(tmp_path: Path, new_index: NewIndex) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "a.txt").write_text("La cantine ouvre à midi.")
    (folder / "b.txt").write_text("Le parking ferme à vingt heures.")
    (tmp_path / "c.txt").write_text("Les tickets valent neuf euros.")
    index = new_index()
    index_paths(index, [folder, tmp_path / "c.txt"])
    (folder / "a.txt").unlink()
    (tmp_path / "c.txt").unlink()
    assert Outcome("a.txt", "removed") not in index_paths(index, [folder], keep_missing=True)
    assert Outcome("a.txt", "removed") in index_paths(index, [folder])
    assert [entry.source for entry in index.documents()] == ["b.txt", "c.txt"]  # c.txt was in no folder
    (folder / "a.txt").write_text("La cantine ouvre à midi.")
    assert Outcome("a.txt", "added") in index_paths(index, [folder])


def test_archives_are_opened_within_limits(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(f"{number}.txt", b"0" * 90_000_000)
    with pytest.raises(UnreadableFile, match="unpacks to more than"):
        load_document(tmp_path / "bomb.zip", "bomb.zip")
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as archive:
        for number in range(2001):
            archive.writestr(f"{number}.txt", b"x")
    with pytest.raises(UnreadableFile, match="unpacks to more than"):
        load_document(tmp_path / "many.zip", "many.zip")
    (tmp_path / "no.zip").write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(UnreadableFile, match="ZIP"):
        load_document(tmp_path / "no.zip", "no.zip")


@pytest.mark.parametrize(("does", "why"), [("import time; time.sleep(60)", "too long"), ("", "within the limits")])
def test_a_child_that_breaks_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, does: str, why: str) -> None:
    monkeypatch.setattr(sandbox, "POOL", sandbox.Pool())
    monkeypatch.setattr(sandbox, "MAX_SECONDS", 0.3)
    (tmp_path / "a.html").write_text("<p>Le préavis.</p>")
    with monkeypatch.context() as broken:
        broken.setattr(sandbox, "COMMAND", [sys.executable, "-c", does])
        with pytest.raises(UnreadableFile, match=why):
            load_document(tmp_path / "a.html", "a.html")
    monkeypatch.setattr(sandbox, "MAX_SECONDS", 60.0)
    assert load_document(tmp_path / "a.html", "a.html").text == "Le préavis."
    sandbox.POOL.close()
