"""PDF → text, page by page, as it is read: without running heads, with hyphens and page breaks closed."""

import re
import time
from pathlib import Path
from typing import Any

from rag.documents.hyphens import closed
from rag.documents.parsed import Parsed
from rag.documents.pdf_lines import HYPHEN, Line, lines_of
from rag.documents.recognition import RESOLUTION, languages, recognize
from rag.documents.running_heads import without_heads
from rag.documents.unreadable import UnreadableFile
from rag.documents.xfa import xfa_text
from rag.text.tables import cells, is_row

XFA_FORMS = (2, 3)  # pdfium's numbers of forms that are XML inside, wholly or in part
PLACEHOLDER = re.compile(r"please wait|veuillez patienter", re.IGNORECASE)
FAR = 4  # times a row's height between two rows of a table, no more
PARAGRAPH = 1.9  # times a line's height between two lines: a new paragraph
POINTS = 72  # an inch of a page
MAX_PIXELS = 40_000_000  # of a page that is rendered
MAX_RECOGNITION = 80  # seconds
VALUE_OF = (b"V", b"Contents")


def parse_pdf(path: Path) -> Parsed:
    """Read a PDF; raises `UnreadableFile` where it is locked, damaged, or holds no text."""
    import pypdfium2

    try:
        pdf = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise UnreadableFile("file.encrypted") from error
        raise UnreadableFile("file.not_readable", kind="PDF") from error
    read = [lines_of(page, _filled(page)) for page in pdf]
    if pdf.get_formtype() in XFA_FORMS:
        if form := xfa_text(pdf):
            return Parsed(form, pdf.get_metadata_value("Title").strip())
        if PLACEHOLDER.search(" ".join(line.text for lines in read for line in lines)):
            raise UnreadableFile("file.xfa")
    recognized = _recognized(pdf, read)
    text, pages = "", list[int]()
    for number, lines in enumerate(without_heads(read)):
        content = recognized.get(number) or _paragraphs(lines)
        if text and content:  # a sentence or a table goes on over the break
            text += "\n" if _goes_on(text, content) else "\n\n"
        pages.append(len(text))
        text += content
    text, pages = closed(text, pages, HYPHEN)
    if not any(map(str.isalnum, text)):
        raise UnreadableFile("file.scan")
    blank = tuple(n + 1 for n in _blank(read) if not recognized.get(n))
    return Parsed(
        text,
        pdf.get_metadata_value("Title").strip(),
        tuple(pages),
        blank,
        tuple(n + 1 for n, t in recognized.items() if t),
    )


def _blank(read: list[list[Line]]) -> list[int]:
    return [n for n, lines in enumerate(read) if not any(c.isalnum() for line in lines for c in line.text)]


def _recognized(pdf: Any, read: list[list[Line]]) -> dict[int, str]:
    """Recognize the pages without text while there is time; the others are told to be blank."""
    began, found = time.monotonic(), dict[int, str]()
    for number in _blank(read) if languages() else ():
        if time.monotonic() - began > MAX_RECOGNITION:
            break
        page = pdf[number]
        scale = min(RESOLUTION / POINTS, (MAX_PIXELS / max(1.0, page.get_width() * page.get_height())) ** 0.5)
        found[number] = recognize(page.render(scale=scale, grayscale=True).to_pil())
    return found


def _filled(page: Any) -> list[Line]:
    """Read what was filled into a form and written into notes, where it stands."""
    from pypdfium2 import raw

    found: list[Line] = []
    for number in range(raw.FPDFPage_GetAnnotCount(page)):
        note = raw.FPDFPage_GetAnnot(page, number)
        box = raw.FS_RECTF()
        raw.FPDFAnnot_GetRect(note, box)
        kind = raw.FPDFAnnot_GetSubtype(note)
        if kind not in (raw.FPDF_ANNOT_LINK, raw.FPDF_ANNOT_POPUP):
            told = next(filter(None, (_string(note, key) for key in VALUE_OF)), "")
            text = " ".join(told.split())
            if text and text != "Off":
                found.append(Line(text, box.left, min(box.bottom, box.top), box.right, max(box.bottom, box.top)))
        raw.FPDFPage_CloseAnnot(note)
    return found


def _string(note: Any, key: bytes) -> str:
    import ctypes

    from pypdfium2 import raw

    size = raw.FPDFAnnot_GetStringValue(note, key, None, 0)
    buffer = ctypes.create_string_buffer(size)
    raw.FPDFAnnot_GetStringValue(note, key, ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR)), size)
    return buffer.raw.decode("utf-16-le", errors="ignore").rstrip("\0")


def _goes_on(text: str, content: str) -> bool:
    """Tell whether a page goes on with the sentence or the table that the one before it ends with."""
    last, first = text.rstrip().rpartition("\n")[2], content.partition("\n")[0]
    if is_row(last) and is_row(first):
        return len(cells(last)) == len(cells(first))
    return content[0].islower() and last[-1:] not in ".!?…:"


def _paragraphs(lines: list[Line]) -> str:
    """Put lines under each other, and an empty one where the space between them is wide."""
    text = ""
    for number, line in enumerate(lines):
        if number:
            before = lines[number - 1]
            apart = before.bottom - line.top > PARAGRAPH * min(before.height, line.height) or line.bottom > before.top
            apart = apart and not _are_rows(before, line)
            text += "\n\n" if apart and not text.endswith(HYPHEN) else "\n"
        text += line.text
    return text


def _are_rows(before: Line, line: Line) -> bool:
    """Tell two rows of one table, however far apart."""
    is_near = before.bottom - line.top < FAR * max(before.height, line.height)
    return is_near and is_row(before.text) and is_row(line.text) and len(cells(before.text)) == len(cells(line.text))
