"""XLSX → text: each sheet that is shown, its tables with what their cells show.

The XML is read here: openpyxl 3.1 walks the used range, not the cells that hold something (a border drawn to the last
row costs minutes), refuses a workbook for one bad style, and leaves hidden rows, merges, formats and notes to its user.
"""

import datetime
import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from rag.documents.blocks import Block, joined
from rag.documents.grid import MAX_COLUMNS, MAX_ROWS, Grid
from rag.documents.number_formats import BUILT_IN, EPOCH, EPOCH_1904, plain_number, shown
from rag.documents.package import Node, Package, attribute, child, inside, is_on, local
from rag.documents.parsed import Parsed
from rag.documents.table_reading import blocks_of
from rag.documents.unreadable import UnreadableFile
from rag.text.language import LANGUAGES, Language
from rag.text.packs import pack

MAX_SHEETS = 500
REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
TELLING = 2000  # characters of the shared strings that tell the language
FEW = 200  # strings of a sheet
RUN = re.compile(r"[^\W\d_]+")
ERRORS = "e"
AUTHOR = re.compile(r"^[^\n:]{1,60}:\s*\n")
THREADED = re.compile(r"^\[(?:Threaded comment|Commentaire à thread)\].*?(?:Comment|Commentaire)\s*:\s*", re.S)


def parse_xlsx(path: Path) -> Parsed:
    """Read the sheets that are shown, with the values that were last computed; nothing is computed here."""
    with Package(path, "XLSX") as package:
        book = _Workbook(package)
        text, tables = joined(book.blocks())
        return Parsed(text, package.title(), tables=tables, uncomputed=tuple(book.uncomputed))


class _Workbook:
    """Read one workbook."""

    def __init__(self, package: Package) -> None:
        self.package = package
        main = package.main_part()
        self.root = package.xml(main)
        if local(self.root) != "workbook":
            raise UnreadableFile("file.not_readable", kind="XLSX")
        self.relations = package.relations(main)
        self.strings = [_text(node) for node in self._listed("sharedStrings", "si")]
        self.language = self._language()
        self.epoch = EPOCH_1904 if _is_true(attribute(child(self.root, "workbookPr"), "date1904")) else EPOCH
        self.formats, self.bold = self._styles()
        self.uncomputed: list[str] = []

    def _part(self, kind: str) -> Node | None:
        part = next((target for what, target in self.relations.values() if what == kind), "")
        return self.package.xml(part) if part in self.package else None

    def _listed(self, kind: str, name: str) -> list[Node]:
        part = self._part(kind)
        return [] if part is None else [node for node in part if local(node) == name]

    def _language(self) -> Language:
        """Tell the language that numbers and dates are shown in by the words of the cells."""
        words = " ".join(self.strings)[:TELLING]
        for kind, part in self.relations.values():
            if len(words) < TELLING and kind == "worksheet" and part in self.package:
                strings = (_text(node) for node in self.package.stream(part, "is"))
                words += " ".join(islice(strings, FEW))
        own = RUN.findall(words.casefold())
        return max(
            LANGUAGES, key=lambda language: sum(map(set(pack(language).words["stop_words"].split()).__contains__, own))
        )

    def _styles(self) -> tuple[list[str], list[bool]]:
        """Read the number format of each style of a cell, and whether its letters are bold; none of a damaged part."""
        root = self._part("styles")
        if root is None:
            return [], []
        codes = {int(attribute(n, "numFmtId", "0")): attribute(n, "formatCode") for n in inside(root, "numFmt")}
        fonts = [is_on(child(font, "b")) for font in _children(child(root, "fonts")) if local(font) == "font"]
        formats, bold = list[str](), list[bool]()
        for style in _children(child(root, "cellXfs")):
            number, font = int(attribute(style, "numFmtId", "0")), int(attribute(style, "fontId", "0"))
            formats.append(codes.get(number, BUILT_IN.get(number, "")))
            bold.append(font < len(fonts) and fonts[font])
        return formats, bold

    def blocks(self) -> Iterator[Block]:
        """Yield the sheets in order, each under its name."""
        sheets = [node for node in inside(self.root, "sheet") if attribute(node, "state", "visible") == "visible"]
        for node in sheets[:MAX_SHEETS]:
            identifier = next((str(v) for k, v in node.attrib.items() if str(k).endswith("}id")), "")
            kind, part = self.relations.get(identifier, ("", ""))
            if kind == "worksheet" and part in self.package:
                name = attribute(node, "name")
                blocks = list(blocks_of(_Sheet(self, part, name).grid()))
                yield from [f"# {name}", *blocks] if blocks else []


class _Sheet:
    """Read one sheet into a grid, without the rows and columns that are hidden."""

    def __init__(self, book: _Workbook, part: str, name: str) -> None:
        self.book, self.part, self.name = book, part, name
        self.notes = self._notes()
        self.empty: list[str] = []  # cells whose formula was never computed

    def _notes(self) -> dict[str, str]:
        """Read the notes on cells, by the cell; who wrote them is left out."""
        notes: dict[str, str] = {}
        package = self.book.package
        for kind, target in sorted(package.relations(self.part).values(), key=lambda r: r[0] == "threadedComment"):
            if kind in ("comments", "threadedComment") and target in package:
                for node in inside(package.xml(target), "comment", "threadedComment"):
                    text = THREADED.sub("", AUTHOR.sub("", _text(node)))
                    notes[attribute(node, "ref")] = " ".join(text.split())
        return notes

    def grid(self) -> Grid:
        """Put what the cells show where it stands; what is hidden takes no place."""
        grid = Grid()
        columns, hidden_rows = set[int](), list[int]()
        merges: dict[str, tuple[int, int, int, int]] = {}
        cells: list[tuple[int, int, str, bool, str]] = []
        for node in self.book.package.stream(self.part, "row", "col", "mergeCell"):
            name = local(node)
            if name == "row":
                if _is_true(attribute(node, "hidden")):
                    hidden_rows.append(int(attribute(node, "r", "0") or 0) - 1)
                else:
                    cells += self._row(node)
            elif name == "col" and _is_true(attribute(node, "hidden")):
                first, last = int(attribute(node, "min", "1")), int(attribute(node, "max", "1"))
                columns.update(range(first - 1, min(last, MAX_COLUMNS * 2)))
            elif name == "mergeCell":
                first_cell, _, last_cell = attribute(node, "ref").partition(":")
                (row, column), (to_row, to_column) = _place(first_cell), _place(last_cell or first_cell)
                merges[first_cell] = row, column, to_row, to_column
        gone = set(hidden_rows)
        rows_before, columns_before = _Shift(gone), _Shift(columns)
        for row, column, text, is_name, reference in cells:
            top, left, bottom, right = merges.get(reference, (row, column, row, column))
            rows = [r for r in (range(top, bottom + 1) if bottom - top < MAX_ROWS else [row]) if r not in gone]
            wide = [c for c in range(left, min(right, left + MAX_COLUMNS) + 1) if c not in columns]
            if rows and wide and row not in gone:
                grid.put(rows_before(rows[0]), columns_before(wide[0]), text, len(rows), len(wide), is_name)
        if self.empty:
            self.book.uncomputed.append(f"{self.name} ({', '.join(self.empty[:5])}{'…' * (len(self.empty) > 5)})")
        return grid

    def _row(self, node: Node) -> Iterator[tuple[int, int, str, bool, str]]:
        number, at = int(attribute(node, "r", "0") or 0) - 1, -1
        for cell in node:
            if local(cell) != "c":
                continue
            reference = attribute(cell, "r")
            row, at = _place(reference) if reference else (number, at + 1)
            text, style = self._shown(cell), int(attribute(cell, "s", "0") or 0)
            if note := self.notes.get(reference):
                text = f"{text} ({note})".strip()
            if text:
                is_name = style < len(self.book.bold) and self.book.bold[style]
                yield row, at, text, is_name, reference

    def _shown(self, cell: Node) -> str:
        kind, book = attribute(cell, "t", "n"), self.book
        value = child(cell, "v")
        text = (value.text or "") if value is not None else ""
        if kind == "inlineStr":
            return _text(child(cell, "is"))
        if not text and child(cell, "f") is not None and kind != "str":
            self.empty.append(attribute(cell, "r"))
            return ""
        if kind == "s":
            return book.strings[int(text)] if text.isdigit() and int(text) < len(book.strings) else ""
        if kind == "b":
            return {"fr": ("FAUX", "VRAI"), "en": ("FALSE", "TRUE")}[book.language][text == "1"]
        if kind == "d":
            moment = datetime.datetime.fromisoformat(text)
            return f"{moment:%d/%m/%Y}"
        if kind in ("str", ERRORS):
            return text if kind == "str" else ""
        style = int(attribute(cell, "s", "0") or 0)
        code = book.formats[style] if style < len(book.formats) else ""
        try:
            number = float(text)
        except ValueError:
            return text
        return shown(number, code, book.language, book.epoch) if code else plain_number(number, book.language)


class _Shift:
    """Tell how far a row or column moves up where hidden ones before it take no place."""

    def __init__(self, hidden: set[int]) -> None:
        self._hidden = sorted(hidden)

    def __call__(self, place: int) -> int:
        """Return the place without the hidden ones before it."""
        return place - bisect_left(self._hidden, place)


def _place(reference: str) -> tuple[int, int]:
    """Read the row and the column of a cell, from 0."""
    match = REFERENCE.fullmatch(reference.replace("$", ""))
    if not match:
        return 0, 0
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]) - 1, column - 1


def _text(node: Node | None) -> str:
    """Read a string with its runs; how it is pronounced is left out."""
    if node is None:
        return ""
    if local(node) == "t" or (local(node) == "text" and not len(node)):
        return node.text or ""
    return "".join(_text(inner) for inner in node if local(inner) not in ("rPh", "phoneticPr", "rPr", "extLst"))


def _children(node: Node | None) -> list[Node]:
    return [] if node is None else list(node)


def _is_true(value: str) -> bool:
    return value in ("1", "true", "on")
