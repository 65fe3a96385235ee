"""HTML → text, as a person sees the page."""

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from rag.documents.blocks import Block, joined, one_line
from rag.documents.decoding import decode
from rag.documents.grid import MAX_COLUMNS, Grid
from rag.documents.parsed import Parsed
from rag.documents.table_reading import read_table
from rag.documents.unreadable import UnreadableFile

CHARSET = re.compile(rb"""<meta[^>]{0,200}charset=["']?([A-Za-z0-9_-]{1,40})""", re.IGNORECASE)
XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
UNSEEN = frozenset("head script style template noscript svg nav iframe object select textarea button datalist".split())
HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
CELLS = frozenset(("td", "th"))
LAID_OUT = ("table", "ul", "ol", *sorted(HEADINGS))
INLINE = frozenset(
    """a abbr b bdi bdo cite code del em font i ins kbd label mark q s small span strong sub sup time u var
    wbr""".split()
)


def parse_html(path: Path) -> Parsed:
    """Read a page as a person sees it: blocks as lines, headings marked by `#`, no scripts, no hidden parts."""
    root = _root(_decoded(path.read_bytes()))
    text, tables = joined(_blocks(root))
    return Parsed(text, _title(root), tables=tables)


def text_of(page: str) -> tuple[str, str]:
    """Return the text of a page and its title; raise `UnreadableFile` where there is none at all."""
    root = _root(page)
    return joined(_blocks(root))[0], _title(root)


def blocks_of_page(page: str) -> Iterator[Block]:
    """Yield the paragraphs and tables of a page."""
    return _blocks(_root(page))


def blocks_of_web(data: bytes, name: str) -> Iterator[Block]:
    """Yield those of a page, or of an archive of one (MHT)."""
    if name.endswith((".mht", ".mhtml")):
        mail = message_from_bytes(data, policy=policy.default)
        body = mail.get_body(("html", "plain"))
        return blocks_of_page(body.get_content() if body is not None else "")
    return blocks_of_page(_decoded(data))


def _decoded(data: bytes) -> str:
    declared = CHARSET.search(data[:4096])
    return decode(data, declared[1].decode("ascii") if declared else None)


def _root(page: str) -> Any:
    from lxml import etree, html

    try:
        return html.document_fromstring(XML_DECLARATION.sub("", page, count=1), parser=html.HTMLParser(huge_tree=True))
    except (etree.ParserError, ValueError) as error:
        raise UnreadableFile("file.no_text") from error


def _title(root: Any) -> str:
    return (root.findtext(".//title") or "").strip()


def _blocks(root: Any) -> Iterator[Block]:
    """Walk what is shown; a table is read as one, unless it only lays out the page."""
    from lxml import etree

    parts: list[str] = []
    walk = etree.iterwalk(root, events=("start", "end", "comment"))
    for event, node in walk:
        tag = node.tag if isinstance(node.tag, str) else ""
        if event == "start":
            if tag in UNSEEN or _is_hidden(node):
                walk.skip_subtree()
            elif tag == "table" and node is not root and not _lays_out(node):
                walk.skip_subtree()
                yield from _lines(parts)
                parts = []
                yield from read_table(_grid(node).rows())
            else:
                mark = "- " if tag == "li" else f"{'#' * int(tag[1])} " if tag in HEADINGS else ""
                parts += [_edge(tag), mark, _shown(node.text)]
        else:
            parts += ["" if event == "comment" else _edge(tag), _shown(node.tail)]
    yield from _lines(parts)


def _lines(parts: list[str]) -> Iterator[str]:
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    return (line for line in lines if line.strip("#- "))


def _lays_out(table: Any) -> bool:
    """Tell a table that holds the page: of one column, or with headings, lists or other tables in it."""
    rows = list(table.iter("tr"))
    return any(True for _ in table.iter(*LAID_OUT) if _ is not table) or all(len(row) <= 1 for row in rows)


def _grid(table: Any) -> Grid:
    grid, taken = Grid(), dict[int, int]()  # by column: the row up to which a cell above spans
    shown = (row for row in table.iter("tr") if not any(_is_hidden(n) for n in (row, *row.iterancestors())))
    for number, row in enumerate(shown):
        column = 0
        for cell in row:
            if cell.tag not in CELLS or _is_hidden(cell):
                continue
            while taken.get(column, 0) > number:
                column += 1
            rows, columns = _span(cell, "rowspan"), _span(cell, "colspan")
            text = " ".join(one_line(block) for block in _blocks(cell))
            grid.put(number, column, text, rows, columns, cell.tag == "th")
            taken.update(dict.fromkeys(range(column, column + columns), number + rows))
            column += columns
    return grid


def _span(cell: Any, name: str) -> int:
    told = (cell.get(name) or "1").strip()
    return max(1, min(MAX_COLUMNS, int(told))) if told.isascii() and told.isdigit() and len(told) < 6 else 1


def _is_hidden(node: Any) -> bool:
    return "hidden" in node.attrib or node.get("aria-hidden") == "true" or bool(HIDDEN.search(node.get("style", "")))


def _edge(tag: str) -> str:
    """Begin and end a block by a line."""
    return "" if tag in INLINE else "\n"


def _shown(text: str | None) -> str:
    """Make white space one space."""
    return " ".join(f".{text or ''}.".split())[1:-1]
