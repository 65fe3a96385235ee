"""Blocks → text: paragraphs with an empty line between them, tables a line a row, and where the tables are."""

from collections.abc import Iterable
from dataclasses import dataclass

from rag.documents.parsed import MAX_TEXT
from rag.documents.unreadable import UnreadableFile
from rag.text.structure import NOWHERE, Part
from rag.text.tables import row

BETWEEN = "\n\n"


@dataclass(frozen=True)
class Table:
    """Hold the rows of a table, all as wide as the names of its columns; no names where it has none."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Block = str | Table


def joined(blocks: Iterable[Block], offset: int = 0) -> tuple[str, tuple[Part, ...]]:
    """Write blocks one under the other; the offsets of the tables count from `offset`."""
    pieces: list[str] = []
    tables: list[Part] = []
    for block in blocks:
        text = block if isinstance(block, str) else table_text(block)
        if not text.strip():
            continue
        start = offset
        if isinstance(block, Table):
            lead = (start, start + len(row(block.names))) if any(block.names) else NOWHERE
            tables.append(Part("row", start, start + len(text), lead))
        pieces.append(text)
        offset += len(text) + len(BETWEEN)
        if offset > MAX_TEXT:
            raise UnreadableFile("file.too_long", limit=MAX_TEXT // 1_000_000)
    return BETWEEN.join(pieces), tuple(tables)


def table_text(table: Table) -> str:
    """Write a table as a line a row."""
    return "\n".join(filter(None, map(row, (table.names, *table.rows))))


def one_line(block: Block) -> str:
    """Write a block in one line, as it stands in a cell: the rows of a table are told apart by semicolons."""
    if isinstance(block, str):
        return block
    return " ; ".join(" : ".join(line) for line in (block.names, *block.rows) if any(line))
