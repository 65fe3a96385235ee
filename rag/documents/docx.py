"""DOCX → text."""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from rag.documents.parsed import Parsed
from rag.documents.unreadable import UnreadableFile

if TYPE_CHECKING:
    from docx.table import Table

MAX_UNPACKED = 200_000_000  # bytes; a DOCX is a zip, and 0.7 MB of zip can unpack to 300 million characters
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def parse_docx(path: Path) -> Parsed:
    """Read a DOCX in reading order: headings and paragraphs as lines, table rows with ` | ` between cells."""
    from docx import Document
    from docx.opc.exceptions import PackageNotFoundError
    from docx.table import Table

    if path.open("rb").read(8) == OLE:
        raise UnreadableFile("file.encrypted")  # an encrypted DOCX is an OLE file
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED:
                raise UnreadableFile("file.unpacks", limit=MAX_UNPACKED // 1_000_000)
        document = Document(str(path))
    except (zipfile.BadZipFile, PackageNotFoundError, KeyError, ValueError) as error:
        raise UnreadableFile("file.not_readable", kind="DOCX") from error

    blocks: list[str] = []
    for block in document.iter_inner_content():
        if isinstance(block, Table):
            blocks.append("\n".join(_rows(block)))
        elif block.text.strip():
            style = block.style.name if block.style is not None else None
            level = (style or "").removeprefix("Heading ")
            blocks.append(f"{'#' * int(level)} {block.text}" if level.isdigit() else block.text)
    return Parsed("\n\n".join(blocks), (document.core_properties.title or "").strip())


def _rows(table: "Table") -> Iterator[str]:
    for row in table.rows:
        cells: list[str] = []
        for cell in row.cells:
            content = " ".join(cell.text.split())
            if not cells or cells[-1] != content:  # a merged cell is listed once per column
                cells.append(content)
        yield " | ".join(cells)
