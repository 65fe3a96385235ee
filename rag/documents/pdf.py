"""PDF → text, page by page."""

import re
from pathlib import Path

from rag.documents.parsed import Parsed
from rag.documents.unreadable import UnreadableFile

# pdfium marks a hyphen at the end of a line by U+FFFE (or U+0002); the word goes on in the next line
HYPHEN_OR_NUL = re.compile("[\ufffe\x02]\n?|\0")


def parse_pdf(path: Path) -> Parsed:
    """Read a PDF page by page; hyphens at line ends are closed, lines stay lines."""
    import pypdfium2

    try:
        pdf = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise UnreadableFile("file.encrypted") from error
        raise UnreadableFile("file.not_readable", kind="PDF") from error
    text, pages = "", list[int]()
    for page in pdf:
        pages.append(len(text))
        content = page.get_textpage().get_text_range().replace("\r\n", "\n")
        text += HYPHEN_OR_NUL.sub("", content).strip("\n") + "\n\n"
    if not any(map(str.isalnum, text)):
        raise UnreadableFile("file.scan")
    return Parsed(text, pdf.get_metadata_value("Title").strip(), tuple(pages))
