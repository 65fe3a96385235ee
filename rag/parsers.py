"""File → text and pages, one function per format; run as a child process by `loaders`.

Parsers of foreign formats are the part of the program most exposed to hostile files, so they run as
`python -m rag.parsers KIND PATH` under limits on memory, time and writing, and answer with one JSON object:
`{"text", "title", "pages"}` or `{"error"}`.
"""

import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict

from charset_normalizer import from_bytes

ENCRYPTED = "it is encrypted; remove the password and add it again"
NO_TEXT = "it holds no text (a scan?); run a text recognition on it first"
TOO_LONG = "it holds more than 10 million characters; split it"
MAX_TEXT = 10_000_000  # characters
MAX_MEMORY = 2_000_000_000  # bytes of address space
MAX_SECONDS = 60  # of processor time
MAX_UNPACKED = 200_000_000  # bytes; a DOCX is a zip, and 0.7 MB of zip can unpack to 300 million characters

CHARSET = re.compile(rb"""<meta[^>]{0,200}charset=["']?([A-Za-z0-9_-]{1,40})""", re.IGNORECASE)
XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
UNSEEN = frozenset("head script style template noscript svg nav form iframe object".split())
HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
CELLS = frozenset(("td", "th"))
INLINE = CELLS | frozenset(
    """a abbr b bdi bdo cite code del em font i ins kbd label mark q s small span strong sub sup time u var
    wbr""".split()
)


class Parsed(TypedDict):
    """Hold what a parser found: `pages` are the offsets at which pages begin."""

    text: str
    title: str
    pages: list[int]


def parse_pdf(path: Path) -> Parsed:
    """Read a PDF page by page; hyphens at line ends are closed, lines stay lines."""
    import pypdfium2

    try:
        pdf = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        raise ValueError(ENCRYPTED if "password" in str(error).lower() else "it is not a readable PDF") from error
    text, pages = "", []
    for page in pdf:
        pages.append(len(text))
        content = page.get_textpage().get_text_range()
        # pdfium marks a hyphen at the end of a line by U+FFFE (or U+0002); the word goes on in the next line
        content = re.sub("[\ufffe\x02]\n?|\0", "", content.replace("\r\n", "\n"))
        text += content.strip("\n") + "\n\n"
    return {"text": text, "title": pdf.get_metadata_value("Title").strip(), "pages": pages}


def parse_docx(path: Path) -> Parsed:
    """Read a DOCX in reading order: headings and paragraphs as lines, table rows with ` | ` between cells."""
    from docx import Document
    from docx.opc.exceptions import PackageNotFoundError
    from docx.table import Table

    if path.open("rb").read(8) == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise ValueError(ENCRYPTED)  # an encrypted DOCX is an OLE file
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED:
                raise ValueError("it unpacks to more than 200 MB")
        document = Document(str(path))
    except (zipfile.BadZipFile, PackageNotFoundError, KeyError) as error:
        raise ValueError("it is not a readable DOCX") from error

    def table_rows(table: Table) -> Iterator[str]:
        for row in table.rows:
            cells: list[str] = []
            for cell in row.cells:
                content = " ".join(cell.text.split())
                if not cells or cells[-1] != content:  # a merged cell is listed once per column
                    cells.append(content)
            yield " | ".join(cells)

    blocks: list[str] = []
    for block in document.iter_inner_content():
        if isinstance(block, Table):
            blocks.append("\n".join(table_rows(block)))
        elif block.text.strip():
            style = block.style.name if block.style is not None else None
            level = (style or "").removeprefix("Heading ")
            blocks.append(f"{'#' * int(level)} {block.text}" if level.isdigit() else block.text)
    return {"text": "\n\n".join(blocks), "title": (document.core_properties.title or "").strip(), "pages": []}


def parse_html(path: Path) -> Parsed:
    """Read a page as a person sees it: blocks as lines, headings marked by `#`, no scripts, no hidden parts."""
    from lxml import etree, html

    data = path.read_bytes()
    declared = CHARSET.search(data[:4096])
    text = decode(data, declared[1].decode("ascii") if declared else None)
    text = XML_DECLARATION.sub("", text, count=1)
    root = html.document_fromstring(text, parser=html.HTMLParser(huge_tree=True))
    parts: list[str] = []
    walk = etree.iterwalk(root, events=("start", "end", "comment"))
    for event, node in walk:
        tag = node.tag if isinstance(node.tag, str) else ""
        if event == "start":
            if tag in UNSEEN or "hidden" in node.attrib or node.get("aria-hidden") == "true":
                walk.skip_subtree()
                continue
            parts.append("" if tag in INLINE else "\n")
            if tag in HEADINGS or tag == "li":
                parts.append("- " if tag == "li" else f"{'#' * int(tag[1])} ")
            if tag in CELLS and node.getprevious() is not None:
                parts.append(" | ")
            parts.append(" ".join(f".{node.text or ''}.".split())[1:-1])
        else:
            parts.append("" if tag in INLINE or event == "comment" else "\n")
            parts.append(" ".join(f".{node.tail or ''}.".split())[1:-1])
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    title = root.findtext(".//title") or ""
    return {"text": "\n\n".join(line for line in lines if line.strip("#- |")), "title": title.strip(), "pages": []}


def decode(data: bytes, declared: str | None = None) -> str:
    """Decode by BOM, then as declared, then UTF-8, then cp1252; guess only after that.

    Raises `ValueError` for what is not text.
    """
    encodings = ["utf-16"] if data.startswith((b"\xff\xfe", b"\xfe\xff")) else []
    for encoding in [*encodings, declared or "utf-8", "utf-8", "cp1252"]:
        try:
            text = data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        if "\0" not in text:
            return text
    guess = from_bytes(data[:200_000]).best()
    if guess is not None:
        text = data.decode(guess.encoding, errors="replace")
        if "\0" not in text and text.count("\ufffd") * 100 < len(text):
            return text
    raise ValueError("it is not text, although its name says so")


PARSERS = {"pdf": parse_pdf, "docx": parse_docx, "html": parse_html}


def main(kind: str, path: str) -> None:
    """Parse one file within the limits and print the outcome as JSON."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        parsed = PARSERS[kind](Path(path))
        outcome: Parsed | dict[str, str] = parsed
        if len(parsed["text"]) > MAX_TEXT:
            outcome = {"error": TOO_LONG}
    except ValueError as error:
        outcome = {"error": str(error) or f"it is not a readable {kind.upper()}"}
    except MemoryError:
        outcome = {"error": "it needs too much memory to read"}
    except Exception as error:  # a parser may raise anything on a damaged file
        outcome = {"error": f"it is damaged ({type(error).__name__})"}
    json.dump(outcome, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
