"""Rows of cells → a table as its reader sees it: titles, names of columns, rows with their groups, notes."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from rag.documents.blocks import Block, Table
from rag.documents.grid import Cell, Grid, Row
from rag.text.tables import YEAR, is_figure

DEEP = 3  # lines of names, one under the other
UNDER = " › "
DIGITS = re.compile(r"\d(?:[\d\s.,]*\d)?")
NOTE = re.compile(r"\W*(?:\(?\d\)|\*|¹|²|nb\b|n\.b\.|notes?\b|sources?\b|remarques?\b|attention\b)", re.IGNORECASE)
TOTAL = re.compile(r"(?:sous[- ]?|sub[- ]?|grand )?total|ensemble\b|somme\b|moyenne\b|average\b", re.IGNORECASE)
LONG = 60  # characters of a note
TELLING = 50  # rows that tell what a table holds


def blocks_of(grid: Grid) -> Iterator[Block]:
    """Yield the paragraphs and tables of a sheet; rows that go on after an empty line are of one table."""
    names, rows, origin = tuple[str, ...](), list[tuple[str, ...]](), -1
    for region in grid.regions():
        column = min((cell.column for row in region for cell in row if cell), default=0)
        if rows and column == origin and _goes_on(region, names, rows):
            rows += _rows(region, len(names))
            continue
        for block in read_table(region):
            if rows:
                yield Table(names, tuple(rows))
            if isinstance(block, Table):
                names, rows, origin = block.names, list(block.rows), column
            else:
                rows = []
                yield block
    if rows:
        yield Table(names, tuple(rows))


def read_table(rows: Sequence[Row]) -> Iterator[Block]:
    """Yield the titles, the table and the notes of a group of rows."""
    if not rows:
        return
    if len(rows[0]) == 1:
        yield from (cell.text for (cell,) in rows if cell)
        return
    first, last = 0, len(rows)
    while first < last - 1 and _is_title(rows[first]):
        first += 1
    while last > first + 1 and _is_note(rows[last - 1]):
        last -= 1
    yield from (_single(row) for row in rows[:first])
    body = rows[first:last]
    deep = _names_depth(body)
    yield Table(_names(body[:deep]) if deep else (), tuple(_rows(body[deep:], len(body[0]))))
    yield from (_single(row) for row in rows[last:])


def _cells(row: Row) -> list[Cell]:
    """List the cells of a row, one that spans several once."""
    return list(dict.fromkeys(cell for cell in row if cell))


def _single(row: Row) -> str:
    return _cells(row)[0].text


def _is_title(row: Row) -> bool:
    alone = _cells(row)
    return len(alone) == 1 and (row[0] is not None or row.count(alone[0]) == 1)


def _is_note(row: Row) -> bool:
    alone = _cells(row)
    if len(alone) != 1 or row[0] is None:
        return False
    text = alone[0].text
    return len(text) > LONG or text.endswith(".") or bool(NOTE.match(text)) or row.count(alone[0]) == len(row)


def _are_names(row: Row, below: Sequence[Row]) -> bool:
    """Tell names of columns: none is a figure, and where names are written otherwise than values they are so."""
    own = _cells(row)
    if len(own) < 2 or not below or any(cell and _is_value(row, at, below) for at, cell in enumerate(row)):
        return False
    if any(YEAR.fullmatch(c.text) for c in own) and _are_years(row, below):
        return False
    marked = [cell.is_name for line in (row, *below) for cell in _cells(line)]
    if any(marked) and not all(marked):
        return all(c.is_name for c in own) or not any(cell.is_name for line in below[:1] for cell in _cells(line))
    return True


def _is_value(row: Row, at: int, below: Sequence[Row]) -> bool:
    """Tell a figure that is written as those below it; "5 ans" above "2 jours" names a column."""
    cell = row[at]
    if cell is None or not is_figure(cell.text):
        return False
    shapes = {DIGITS.sub("#", c.text) for line in below if (c := line[at]) and is_figure(c.text)}
    return not shapes or DIGITS.sub("#", cell.text) in shapes or not row[0] or is_figure(row[0].text)


def _are_years(row: Row, below: Sequence[Row]) -> bool:
    """Tell whether the years of a row are values: those below them are years too, and no count from left to right."""
    years = [int(cell.text) for cell in _cells(row) if cell.text.isdigit() and YEAR.fullmatch(cell.text)]
    if len(years) > 1 and all(abs(a - b) == 1 for a, b in pairwise(years)):
        return False
    return any(
        cell and YEAR.fullmatch(cell.text) and all(YEAR.fullmatch(c.text) for line in below if (c := line[at]))
        for at, cell in enumerate(row)
    )


def _names_depth(rows: Sequence[Row]) -> int:
    """Count the lines of names: more than one where a name spans others below it, or stands above several."""
    if not rows or not (_are_names(rows[0], rows[1:]) or _spans_names(rows)):
        return 0
    deep = 1
    while deep < min(DEEP, len(rows) - 1) and _goes_deeper(rows, deep):
        deep += 1
    return deep


def _spans_names(rows: Sequence[Row]) -> bool:
    """Tell a first line that only names groups: one name over several columns, and names below."""
    alone = _cells(rows[0])
    return len(rows) > 2 and len(alone) == 1 and rows[0][0] is None and _are_names(rows[1], rows[2:])


def _goes_deeper(rows: Sequence[Row], deep: int) -> bool:
    above, line = rows[deep - 1], rows[deep]
    own = [cell for cell in line if cell and cell not in above]
    if not own or any(is_figure(cell.text) or YEAR.fullmatch(cell.text) for cell in own if cell.text):
        years = own and all(YEAR.fullmatch(cell.text) for cell in own)
        if not years:
            return False
    if line[0] is not None and line[0] not in above:
        return False  # the first column has its name already: a row
    spans = any(cell and above.count(cell) > 1 for cell in above[1:])
    blanks = [at for at, cell in enumerate(above) if at and cell is None and line[at] is not None]
    return spans or bool(blanks)


def _names(lines: Sequence[Row]) -> tuple[str, ...]:
    """Join the names of each column from the top down; an empty one under no name takes that of its group."""
    names: list[str] = []
    for column in range(len(lines[0])):
        told: list[str] = []
        for depth, line in enumerate(lines):
            cell = line[column]
            if cell is None and column and depth < len(lines) - 1 and lines[depth + 1][column]:
                cell = next((c for c in reversed(line[1:column]) if c), None)
            if cell and cell.text not in told:
                told.append(cell.text)
        names.append(UNDER.join(told))
    return tuple(names)


def _rows(rows: Sequence[Row], width: int) -> Iterator[tuple[str, ...]]:
    """Yield the rows of a table; what is left empty under a group's name, or stands below one, takes it."""
    above: list[str] = [""] * width
    section = ""
    plain = not all(cell.is_name for row in rows for cell in _cells(row)[:1])
    for number, row in enumerate(rows):
        own = _cells(row)
        if (
            number < len(rows) - 1
            and len(own) == 1
            and row[0]
            and (row.count(own[0]) > 1 or (plain and own[0].is_name))
        ):
            section, above = own[0].text, [""] * width
            continue
        texts = [cell.text if cell else "" for cell in row] + [""] * (width - len(row))
        if own and not TOTAL.match(own[0].text):
            for at in range(next((n for n, text in enumerate(texts) if text), 0)):
                texts[at] = "" if is_figure(above[at]) else above[at]
            above = texts[:]
        if section:
            texts = [UNDER.join(filter(None, (section, texts[0]))), *texts[1:]]
        yield tuple(texts)


def _goes_on(region: Sequence[Row], names: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether rows after an empty line belong to the table above: they have no names of their own."""
    first = region[0]
    if not names or not 2 <= len(first) <= len(names) or (first[0] and first[0].text == names[0]):
        return False
    own = _cells(first)
    has_figures = any(is_figure(text) for row in rows[:TELLING] for text in row)
    is_data = any(is_figure(cell.text) for cell in own) or not has_figures
    return len(own) > 1 and is_data and not all(cell.is_name for cell in own)
