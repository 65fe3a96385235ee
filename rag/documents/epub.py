"""EPUB → text: the chapters in the order of the book's spine."""

import posixpath
from pathlib import Path
from urllib.parse import unquote

from rag.documents.blocks import joined
from rag.documents.decoding import decode
from rag.documents.html import blocks_of_page
from rag.documents.package import Package, attribute, local
from rag.documents.parsed import Parsed
from rag.documents.unreadable import UnreadableFile

CONTAINER, RIGHTS = "META-INF/container.xml", "META-INF/rights.xml"


def parse_epub(path: Path) -> Parsed:
    """Read the chapters as pages of the web, which they are."""
    with Package(path, "EPUB") as package:
        if RIGHTS in package:
            raise UnreadableFile("file.encrypted")
        listed = next((attribute(n, "full-path") for n in package.xml(CONTAINER).iter() if local(n) == "rootfile"), "")
        book = package.xml(listed)
        parts = {attribute(node, "id"): attribute(node, "href") for node in book.iter() if local(node) == "item"}
        spine = [parts.get(attribute(node, "idref"), "") for node in book.iter() if local(node) == "itemref"]
        folder = posixpath.dirname(listed)
        names = [posixpath.normpath(posixpath.join(folder, unquote(part))) for part in spine if part]
        pages = [decode(package.bytes_of(name)) for name in names if name in package]
        text, tables = joined(block for page in pages for block in blocks_of_page(page))
    title = next((node.text or "" for node in book.iter() if local(node) == "title"), "")
    return Parsed(text, title.strip(), tables=tables)
