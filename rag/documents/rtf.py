"""RTF → text."""

from collections.abc import Callable
from pathlib import Path

from rag.documents.parsed import Parsed
from rag.documents.unreadable import UnreadableFile
from rag.text.tables import row

START = b"{\\rtf"


def parse_rtf(path: Path) -> Parsed:
    """Read the text; the rows of tables with their cells."""
    from striprtf import striprtf

    rtf_to_text: Callable[..., str] = striprtf.rtf_to_text

    data = path.read_bytes()
    if not data.lstrip().startswith(START):
        raise UnreadableFile("file.not_readable", kind="RTF")
    # 8-bit characters are told by the file's own code page, which the library knows.
    text = rtf_to_text(data.decode("latin-1"), encoding="cp1252", errors="replace")
    lines = (row(line.rstrip("|").split("|")) if line.endswith("|") else line.strip() for line in text.splitlines())
    return Parsed("\n".join(lines).strip())
