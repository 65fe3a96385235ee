"""Spreadsheets and delimited text → text: a heading for each sheet, a line for each row."""

import csv
import datetime
import re
from collections.abc import Iterable, Iterator
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

from rag.documents.decoding import decode
from rag.documents.package import Package
from rag.documents.parsed import MAX_TEXT, Parsed
from rag.documents.unreadable import UnreadableFile
from rag.text.tables import table

MAX_SHEETS, MAX_ROWS, MAX_COLUMNS = 500, 200_000, 200
DELIMITERS = ";,\t|"
QUOTED = re.compile('"[^"]*"')


def parse_xlsx(path: Path) -> Parsed:
    """Read the sheets that are shown, with the values that were last computed; nothing is computed here."""
    with Package(path, "XLSX") as package:  # its limits
        title = package.title()
    from openpyxl import load_workbook

    try:
        book = load_workbook(path, data_only=True, keep_links=False)
    except Exception as error:  # whatever openpyxl raises on a damaged file
        raise UnreadableFile("file.not_readable", kind="XLSX") from error
    sheets = [sheet for sheet in book.worksheets[:MAX_SHEETS] if sheet.sheet_state == "visible"]
    return Parsed(_bounded(block for sheet in sheets for block in _sheet(sheet)), title)


def _sheet(sheet: Any) -> Iterator[str]:
    rows = islice(sheet.iter_rows(max_col=min(sheet.max_column or 1, MAX_COLUMNS)), MAX_ROWS)
    if content := table(_cut([_shown(cell) for cell in cells] for cells in rows)):
        yield f"# {sheet.title}"
        yield content


def _shown(cell: Any) -> str:
    """Write a value as the sheet shows it, as far as its format tells: per cent, dates, money."""
    value, form = cell.value, cell.number_format or ""
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        is_share = form.rstrip('"').endswith("%")
        number = f"{value * 100 if is_share else value:.10g}"
        return f"{number} %" if is_share else f"{number} €" if "€" in form else number
    return _plain(value)


def parse_xls(path: Path) -> Parsed:
    """Read the sheets of the format of before 2007, and of binary ones since."""
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_object(BytesIO(path.read_bytes()))  # by its content, not its name
        shown = [sheet.name for sheet in book.sheets_metadata if sheet.visible == SheetVisibleEnum.Visible]
        sheets = [(name, book.get_sheet_by_name(name).to_python(nrows=MAX_ROWS)) for name in shown[:MAX_SHEETS]]
    except Exception as error:  # whatever the library raises on a damaged file
        raise UnreadableFile("file.not_readable", kind="XLS") from error
    texts = (
        (name, table(_cut([_plain(value) for value in line[:MAX_COLUMNS]] for line in rows))) for name, rows in sheets
    )
    return Parsed(_bounded(block for name, content in texts if content for block in (f"# {name}", content)))


def _plain(value: object) -> str:
    """Write a value whose format is not known."""
    if isinstance(value, datetime.datetime):
        return value.strftime("%d/%m/%Y" if value.time() == datetime.time() else "%d/%m/%Y %H:%M")
    if isinstance(value, datetime.date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, bool):
        return str(value).upper()
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def parse_csv(path: Path) -> Parsed:
    """Read rows of cells, whatever parts them."""
    text = decode(path.read_bytes()).lstrip("\ufeff")
    # The names of the columns tell it; the standard library's guess takes commas of a note for it.
    first = QUOTED.sub("", text.lstrip().partition("\n")[0])
    sign = max(DELIMITERS, key=first.count)
    csv.field_size_limit(MAX_TEXT)
    try:
        return Parsed(table(_cut(csv.reader(text.splitlines(keepends=True), delimiter=sign))))
    except csv.Error as error:
        raise UnreadableFile("file.not_readable", kind="CSV") from error


def _cut(rows: Iterable[list[str]]) -> Iterator[list[str]]:
    """Cut the cells that are empty at the end of each row."""
    for cells in rows:
        while cells and not cells[-1].strip():
            cells.pop()
        yield cells


def _bounded(blocks: Iterable[str]) -> str:
    text: list[str] = []
    length = 0
    for block in blocks:
        text.append(block)
        length += len(block)
        if length > MAX_TEXT:
            raise UnreadableFile("file.too_long", limit=MAX_TEXT // 1_000_000)
    return "\n\n".join(text)
