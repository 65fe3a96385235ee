"""Older spreadsheets and delimited text → text: a heading for each sheet, a line for each row."""

import csv
import datetime
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from io import BytesIO
from itertools import islice
from pathlib import Path

from rag.documents.blocks import Block, joined
from rag.documents.decoding import decode
from rag.documents.grid import MAX_COLUMNS, MAX_ROWS, Grid
from rag.documents.parsed import MAX_TEXT, Parsed
from rag.documents.table_reading import blocks_of
from rag.documents.unreadable import UnreadableFile

MAX_SHEETS = 500
DELIMITERS = ";,\t|"
DECLARED = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
SAMPLE = 2000  # lines that tell the delimiter


def parse_xls(path: Path) -> Parsed:
    """Read the sheets of the format of before 2007, and of binary ones since."""
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_object(BytesIO(path.read_bytes()))  # by its content, not its name
        shown = [sheet.name for sheet in book.sheets_metadata if sheet.visible == SheetVisibleEnum.Visible]
        sheets = {}
        for name in shown[:MAX_SHEETS]:
            sheet = book.get_sheet_by_name(name)
            spans = dict(sheet.merged_cell_ranges or ())
            sheets[name] = _grid(sheet.to_python(skip_empty_area=False, nrows=MAX_ROWS), spans)
    except Exception as error:  # whatever the library raises on a damaged file
        raise UnreadableFile("file.not_readable", kind="XLS") from error
    text, tables = joined(block for name, grid in sheets.items() for block in _under(name, grid))
    return Parsed(text, tables=tables)


def _under(name: str, grid: Grid) -> Iterator[Block]:
    blocks = list(blocks_of(grid))
    yield from [f"# {name}", *blocks] if blocks else []


def _grid(rows: Iterable[Iterable[object]], spans: dict[tuple[int, int], tuple[int, int]]) -> Grid:
    grid = Grid()
    for number, values in enumerate(rows):
        for column, value in enumerate(islice(values, MAX_COLUMNS)):
            last_row, last_column = spans.get((number, column), (number, column))
            grid.put(number, column, _plain(value), last_row - number + 1, last_column - column + 1)
    return grid


def _plain(value: object) -> str:
    """Write a value whose format is not known."""
    if isinstance(value, datetime.datetime):
        return value.strftime("%d/%m/%Y" if value.time() == datetime.time() else "%d/%m/%Y %H:%M")
    if isinstance(value, datetime.date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, datetime.timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{minutes // 60}:{minutes % 60:02d}"
    if isinstance(value, datetime.time):
        return value.strftime("%H:%M")
    if isinstance(value, bool):
        return str(value).upper()
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def parse_csv(path: Path) -> Parsed:
    """Read rows of cells, whatever parts them; a line above the names of the columns is a title."""
    text = decode(path.read_bytes()).lstrip("\ufeff")
    csv.field_size_limit(MAX_TEXT)
    try:
        declared = DECLARED.match(text)
        lines = text[declared.end() if declared else 0 :].splitlines(keepends=True)
        sign = declared[1] if declared else _delimiter(lines)
        content, tables = joined(blocks_of(_grid(csv.reader(lines, delimiter=sign), {})))
    except csv.Error as error:
        raise UnreadableFile("file.not_readable", kind="CSV") from error
    return Parsed(content, tables=tables)


def _delimiter(lines: list[str]) -> str:
    """Choose the sign that parts most lines into as many cells as each other: a title or a note may hold any."""

    def lines_alike(sign: str) -> tuple[int, int]:
        widths = Counter(len(row) for row in csv.reader(lines[:SAMPLE], delimiter=sign) if len(row) > 1)
        width, count = max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
        return count, width

    return max(DELIMITERS, key=lines_alike)
