"""PDF → text, page by page, as it is read: without running heads, with hyphens and page breaks closed."""

import re
import time
from collections import Counter
from pathlib import Path
from typing import Any

from rag.documents.hyphens import closed
from rag.documents.parsed import Parsed
from rag.documents.pdf_lines import HYPHEN, Line, lines_of
from rag.documents.recognition import RESOLUTION, languages, recognize
from rag.documents.unreadable import UnreadableFile
from rag.text.packs import joined

EDGE = 3  # lines at the top and at the bottom of a page that may be running heads
OFTEN = 0.3  # share of the pages from which on such a line is one
NUMBER = re.compile(r"\d+|\b[ivxlc]+\b")
PAGE, OUT_OF = ("|".join(sorted(joined(name))) for name in ("page", "out_of"))
ALONE = re.compile(
    rf"[\s|–—-]*(?:(?:{PAGE})\s*)?\d{{1,4}}(?:\s*(?:/|{OUT_OF})\s*\d{{1,4}})?[\s|–—-]*",
    re.IGNORECASE,
)
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
    running = _running(read)
    recognized = _recognized(pdf, read)
    kept = [[line for n, line in enumerate(lines) if not _is_running(line, n, len(lines), running)] for lines in read]
    text, pages = "", list[int]()
    for number, lines in enumerate(kept):
        content = recognized.get(number) or _paragraphs(lines)
        if text and content:  # a sentence goes on over the break
            text += "\n" if content[0].islower() and text.rstrip()[-1] not in ".!?…:" else "\n\n"
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


def _key(line: Line) -> str:
    return NUMBER.sub("#", line.text.lower())


def _running(read: list[list[Line]]) -> frozenset[str]:
    """Find the lines that come again at the edges of pages, whatever number stands in them."""
    seen = Counter(key for lines in read for key in {_key(line) for line in (*lines[:EDGE], *lines[-EDGE:])})
    often = max(2 if len(read) < 4 else 3, OFTEN * len(read))
    return frozenset(key for key, count in seen.items() if count >= often)


def _is_running(line: Line, place: int, count: int, running: frozenset[str]) -> bool:
    at_edge = place < EDGE or place >= count - EDGE
    is_number = place in (0, count - 1) and count > 1 and bool(ALONE.fullmatch(line.text))
    return at_edge and (_key(line) in running or is_number)


def _paragraphs(lines: list[Line]) -> str:
    """Put lines under each other, and an empty one where the space between them is wide."""
    text = ""
    for number, line in enumerate(lines):
        if number:
            before = lines[number - 1]
            apart = before.bottom - line.top > PARAGRAPH * min(before.height, line.height) or line.bottom > before.top
            text += "\n\n" if apart and not text.endswith(HYPHEN) else "\n"
        text += line.text
    return text
