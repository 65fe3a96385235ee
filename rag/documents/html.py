"""HTML → text, as a person sees the page."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from rag.documents.decoding import decode
from rag.documents.parsed import Parsed
from rag.documents.unreadable import UnreadableFile
from rag.text.tables import is_row

CHARSET = re.compile(rb"""<meta[^>]{0,200}charset=["']?([A-Za-z0-9_-]{1,40})""", re.IGNORECASE)
XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
UNSEEN = frozenset("head script style template noscript svg nav iframe object select textarea button datalist".split())
HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
CELLS = frozenset(("td", "th"))
INLINE = CELLS | frozenset(
    """a abbr b bdi bdo cite code del em font i ins kbd label mark q s small span strong sub sup time u var
    wbr""".split()
)


def parse_html(path: Path) -> Parsed:
    """Read a page as a person sees it: blocks as lines, headings marked by `#`, no scripts, no hidden parts."""
    data = path.read_bytes()
    declared = CHARSET.search(data[:4096])
    return Parsed(*text_of(decode(data, declared[1].decode("ascii") if declared else None)))


def text_of(page: str) -> tuple[str, str]:
    """Return the text of a page and its title; raise `UnreadableFile` where there is none at all."""
    from lxml import etree, html

    text = XML_DECLARATION.sub("", page, count=1)
    try:
        root = html.document_fromstring(text, parser=html.HTMLParser(huge_tree=True))
    except (etree.ParserError, ValueError) as error:
        raise UnreadableFile("file.no_text") from error
    parts: list[str] = []
    cells = 0  # a block inside a cell is no line of its own
    walk = etree.iterwalk(root, events=("start", "end", "comment"))
    for event, node in walk:
        tag = node.tag if isinstance(node.tag, str) else ""
        if event == "start":
            if tag in UNSEEN or _is_hidden(node):
                walk.skip_subtree()
                continue
            parts.append(_edge(tag, cells))
            if (tag in HEADINGS or tag == "li") and not cells:
                parts.append("- " if tag == "li" else f"{'#' * int(tag[1])} ")
            if tag in CELLS:
                cells += 1
                parts.append(" | " if cells == 1 and node.getprevious() is not None else " ")
            parts.append(_shown(node.text, cells))
        else:
            if tag in CELLS and not _is_hidden(node):
                cells -= 1
            parts.append("" if event == "comment" else _edge(tag, cells))
            parts.append(_shown(node.tail, cells))
    lines = [" ".join(line.split()) for line in "".join(parts).split("\n")]
    title = root.findtext(".//title") or ""
    return "".join(_joined(line for line in lines if line.strip("#- |"))).lstrip("\n"), title.strip()


def _joined(lines: Iterable[str]) -> Iterator[str]:
    """Part paragraphs by an empty line, the rows of a table by none."""
    before = ""
    for line in lines:
        yield ("\n" if is_row(before) and is_row(line) else "\n\n") + line
        before = line


def _is_hidden(node: Any) -> bool:
    return "hidden" in node.attrib or node.get("aria-hidden") == "true" or bool(HIDDEN.search(node.get("style", "")))


def _edge(tag: str, cells: int) -> str:
    """Begin and end a block by a line, which inside a cell is but a space."""
    return "" if tag in INLINE else " " if cells else "\n"


def _shown(text: str | None, cells: int) -> str:
    """Make white space one space; in a cell, the sign that parts cells is another one."""
    plain = " ".join(f".{text or ''}.".split())[1:-1]
    return plain.replace("|", "¦") if cells else plain
