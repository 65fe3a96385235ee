"""Sheets, slides and scans are read as they are shown."""

import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook
from PIL import Image, ImageDraw, ImageFont
from pptx import Presentation
from pptx.util import Inches
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from rag.documents.image import parse_image
from rag.documents.loader import load_document
from rag.documents.pdf import parse_pdf
from rag.documents.pptx import parse_pptx
from rag.documents.recognition import languages
from rag.documents.sheets import parse_csv
from rag.documents.unreadable import UnreadableFile
from rag.documents.xlsx import parse_xlsx

WITH_RECOGNITION = pytest.mark.skipif("fra" not in languages(), reason="Tesseract with French is not installed")


def test_a_workbook_is_its_visible_sheets(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Congés"
    sheet.append(["Statut", "Jours", "Taux", "Depuis", None])
    sheet.append(["Cadre", 25, 0.05, datetime.date(2024, 3, 1), None])
    sheet.append([None, "=1+1", None, None, None])
    sheet["C2"].number_format = "0.0%"
    book.create_sheet("Calculs").sheet_state = "hidden"
    book["Calculs"].append(["secret"])
    book.save(tmp_path / "a.xlsx")
    assert parse_xlsx(tmp_path / "a.xlsx").text == (
        "# Congés\n\nStatut | Jours | Taux | Depuis\nCadre | 25 | 5,0 % | 01/03/2024"
    )


@pytest.mark.parametrize(("name", "sign"), [("a.csv", ";"), ("a.csv", ","), ("a.tsv", "\t")])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252"])
def test_delimiter_and_encoding_are_found(tmp_path: Path, name: str, sign: str, encoding: str) -> None:
    rows = [["Salarié", "Congés", "Note"], ["Zoé", "25", '"a, b; c"'], ["Noé", "", "=1+1"]]
    (tmp_path / name).write_bytes("\r\n".join(sign.join(row) for row in rows).encode(encoding))
    assert parse_csv(tmp_path / name).text == "Salarié | Congés | Note\nZoé | 25 | a, b; c\nNoé |  | =1+1"


def test_slides_are_read_in_order_with_tables_and_notes(tmp_path: Path) -> None:
    slides = Presentation()
    for title in ("Premier", "Caché", "Second"):
        slide = slides.slides.add_slide(slides.slide_layouts[5])
        slide.shapes.title.text = title
        if title == "Caché":
            slide.element.set("show", "0")
    table = slide.shapes.add_table(2, 2, Inches(1), Inches(2), Inches(4), Inches(1)).table
    for cell, text in zip([c for r in table.rows for c in r.cells], ["Cas", "Jours", "", "4"], strict=True):
        cell.text = text
    slide.notes_slide.notes_text_frame.text = "À dire."
    slides.save(str(tmp_path / "a.pptx"))
    parsed = parse_pptx(tmp_path / "a.pptx")
    assert parsed.text == "# Premier\n\n# Second\n\nCas | Jours\n| 4\n\nÀ dire."
    assert parsed.pages == (0, parsed.text.index("# Second"))


@pytest.mark.parametrize(("parse", "name"), [(parse_xlsx, "a.xlsx"), (parse_pptx, "a.pptx")])
def test_damaged_office_files_are_said_to_be(tmp_path: Path, parse: "type", name: str) -> None:
    (tmp_path / name).write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(UnreadableFile, match="readable"):
        parse(tmp_path / name)


def picture(text: str) -> Image.Image:
    image = Image.new("L", (1600, 300), 255)
    ImageDraw.Draw(image).text((60, 60), text, font=ImageFont.load_default(48), fill=0)
    return image


@WITH_RECOGNITION
def test_a_scan_is_recognized(tmp_path: Path) -> None:
    picture("Le salaire est de trois mille euros.").save(tmp_path / "a.png")
    assert parse_image(tmp_path / "a.png").text.strip() == "Le salaire est de trois mille euros."
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    canvas.drawString(80, 700, "Article 1. Le salarié travaille à Lyon.")
    canvas.showPage()
    canvas.drawImage(str(tmp_path / "a.png"), 40, 600, width=500, height=94)
    canvas.showPage()
    canvas.showPage()
    canvas.save()
    parsed = parse_pdf(tmp_path / "a.pdf")
    assert "Le salaire est de trois mille euros." in parsed.text[parsed.pages[1] :]
    assert (parsed.blank, parsed.recognized) == ((3,), (2,))
    document = load_document(tmp_path / "a.pdf", "a.pdf")  # through the sandbox, within its limits
    assert (document.text, document.blank, document.recognized) == (parsed.text, (3,), (2,))
