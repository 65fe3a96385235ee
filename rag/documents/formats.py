"""The formats that are read: one row each. A new format is a parser in a file of its own, and a row here."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rag.documents.decoding import decode
from rag.documents.docx import parse_docx
from rag.documents.html import parse_html
from rag.documents.image import parse_image
from rag.documents.parsed import Parsed
from rag.documents.pdf import parse_pdf
from rag.documents.pptx import parse_pptx
from rag.documents.sheets import parse_csv, parse_xlsx


@dataclass(frozen=True)
class Format:
    """Hold a format: its name, the ends of its files' names, its parser, and whether that runs in the sandbox."""

    name: str
    suffixes: tuple[str, ...]
    parse: Callable[[Path], Parsed]
    sandboxed: bool = True


def parse_text(path: Path) -> Parsed:
    """Read a text or Markdown file: its text is its content unchanged, so offsets hold in the file."""
    return Parsed(decode(path.read_bytes()))


FORMATS = (
    Format("text", (".txt", ".text"), parse_text, sandboxed=False),
    Format("markdown", (".md", ".markdown"), parse_text, sandboxed=False),
    Format("html", (".html", ".htm", ".xhtml"), parse_html),
    Format("pdf", (".pdf",), parse_pdf),
    Format("docx", (".docx", ".docm"), parse_docx),
    Format("xlsx", (".xlsx", ".xlsm"), parse_xlsx),
    Format("csv", (".csv", ".tsv"), parse_csv),
    Format("pptx", (".pptx",), parse_pptx),
    Format("image", (".png", ".jpg", ".jpeg", ".tif", ".tiff"), parse_image),
)
BY_SUFFIX = {suffix: kind for kind in FORMATS for suffix in kind.suffixes}
BY_NAME = {kind.name: kind for kind in FORMATS}


def format_of(path: Path) -> Format | None:
    """Find the format of a file by the end of its name."""
    return BY_SUFFIX.get(path.suffix.lower())
