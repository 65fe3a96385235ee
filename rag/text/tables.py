"""Tables in a text: a line for each row with ` | ` between its cells, or the same in Markdown's form."""

import re
from collections.abc import Iterable
from itertools import takewhile

BETWEEN = " | "
EDGE = re.compile(r"(?<!\\)\|")
MAX_LABEL = 80  # characters of a cell that names a column


def row(cells: Iterable[str]) -> str:
    """Write a row; a sign inside a cell is made no edge of it. Empty where all cells are."""
    written = [" ".join(cell.replace("|", "¦").split()) for cell in cells]
    return BETWEEN.join(written).strip() if any(written) else ""


def table(rows: Iterable[Iterable[str]]) -> str:
    """Write a table, a line for each row that holds something."""
    return "\n".join(filter(None, map(row, rows)))


def is_row(line: str) -> bool:
    """Tell a row of a table from other lines."""
    bare = line.strip()
    return BETWEEN in bare or (bare.startswith("|") and len(bare) > 1)


def cells(line: str) -> list[str]:
    """Split a row into its cells, empty ones too."""
    bare = line.strip()
    if bare.startswith("|") and bare.endswith("|"):
        bare = bare[1:-1]
    return [cell.strip() for cell in EDGE.split(bare)]


def first_rows(text: str, lines: Iterable[tuple[int, int]]) -> dict[int, tuple[int, int]]:
    """Find, for each line that is a row, by where it starts, the first row of its table: rows stand line under line."""
    firsts: dict[int, tuple[int, int]] = {}
    before = (0, 0)
    for line in lines:
        if is_row(text[slice(*line)]):
            goes_on = before[0] in firsts and text.count("\n", before[1], line[0]) == 1
            firsts[line[0]] = firsts[before[0]] if goes_on else line
        before = line
    return firsts


def header_of(text: str, offset: int, heading: str) -> str:
    """Find the row that names the columns of the row at an offset of a passage; a passage within a table has it above.

    Empty where there is none.
    """
    rows = _rows_before(text, offset)
    above = heading.rpartition("\n")[2]
    starts = not text[: text.find(rows[0]) if rows else offset].strip()
    return above if is_row(above) and starts else next(iter(rows), "")


def _rows_before(text: str, offset: int) -> list[str]:
    before = text[:offset].split("\n")[:-1]
    return [line.strip() for line in takewhile(is_row, reversed(before))][::-1]


def is_header(line: str) -> bool:
    """Tell the names of columns: short, told of each but the first, and without figures."""
    named = cells(line)
    filled = all(named[1:]) and len(named) > 1
    return filled and not any(any(map(str.isdigit, cell)) or len(cell) > MAX_LABEL for cell in named)


def labelled(header: str, line: str) -> str:
    """Say a row as a sentence would: its first cell, then each column's name and value; as it is without a header."""
    names, values = cells(header), cells(line)
    if len(names) != len(values) or not is_header(header):
        return " : ".join(values) if len(values) == 2 else BETWEEN.join(values)
    told = [f"{name} : {value}" for name, value in zip(names[1:], values[1:], strict=True) if value]
    return f"{values[0]} – " * bool(values[0]) + " ; ".join(told)
