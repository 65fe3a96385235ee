"""The formats that are read: one row each. A new format is a parser in a file of its own, and a row here."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rag.documents.archive import parse_zip
from rag.documents.decoding import decode
from rag.documents.docx import parse_docx
from rag.documents.epub import parse_epub
from rag.documents.html import parse_html
from rag.documents.image import parse_image
from rag.documents.mail import parse_eml, parse_msg
from rag.documents.odf import parse_odf
from rag.documents.parsed import Parsed
from rag.documents.pdf import parse_pdf
from rag.documents.pptx import parse_pptx
from rag.documents.rtf import parse_rtf
from rag.documents.sheets import parse_csv, parse_xls
from rag.documents.xlsx import parse_xlsx


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
    Format("text", (".txt", ".text", ".log", ".rst", ".json", ".jsonl", ".xml", ".yaml", ".yml"), parse_text, False),
    Format("markdown", (".md", ".markdown"), parse_text, False),
    Format("html", (".html", ".htm", ".xhtml"), parse_html),
    Format("pdf", (".pdf",), parse_pdf),
    Format("docx", (".docx", ".docm"), parse_docx),
    Format("xlsx", (".xlsx", ".xlsm"), parse_xlsx),
    Format("xls", (".xls", ".xlsb"), parse_xls),
    Format("csv", (".csv", ".tsv"), parse_csv),
    Format("pptx", (".pptx", ".pptm"), parse_pptx),
    Format("odf", (".odt", ".ods", ".odp"), parse_odf),
    Format("rtf", (".rtf",), parse_rtf),
    Format("epub", (".epub",), parse_epub),
    Format("eml", (".eml",), parse_eml),
    Format("msg", (".msg",), parse_msg),
    Format("zip", (".zip",), parse_zip),
    Format("image", (".png", ".jpg", ".jpeg", ".tif", ".tiff"), parse_image),
)
BY_SUFFIX = {suffix: kind for kind in FORMATS for suffix in kind.suffixes}
BY_NAME = {kind.name: kind for kind in FORMATS}


def format_of(path: Path) -> Format | None:
    """Find the format of a file by the end of its name."""
    return BY_SUFFIX.get(path.suffix.lower())
