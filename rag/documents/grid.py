"""A grid of cells → the tables on it: a cell that spans others is each of them, an empty line parts two tables."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

MAX_ROWS, MAX_COLUMNS = 200_000, 200
NARROW = 2  # columns that a table beside another one has at least


@dataclass(frozen=True)
class Cell:
    """Hold what a cell shows, where it begins, and whether it is written as a name (bold, `th`)."""

    text: str
    row: int
    column: int
    is_name: bool = False


Row = tuple[Cell | None, ...]


class Grid:
    """Hold the cells of a sheet or a table by where they stand; only those that show something take room."""

    def __init__(self) -> None:
        self._cells: dict[int, dict[int, Cell]] = {}
        self._spans: list[tuple[Cell, int, int]] = []

    def put(self, row: int, column: int, text: str, rows: int = 1, columns: int = 1, is_name: bool = False) -> None:
        """Put a cell, which may span rows and columns."""
        words = " ".join(text.split())
        if not words or column >= MAX_COLUMNS or row >= MAX_ROWS:
            return
        cell = Cell(words, row, column, is_name)
        self._cells.setdefault(row, {})[column] = cell
        if rows > 1 or columns > 1:
            self._spans.append((cell, rows, columns))

    def regions(self) -> Iterator[list[Row]]:
        """Yield the rows of each group of cells that empty rows or columns part from the others, top down."""
        self._spread()
        for band in _runs(sorted(self._cells)):
            yield from self._beside(band)

    def rows(self) -> list[Row]:
        """Return all rows as one table's."""
        self._spread()
        return self._region(sorted(self._cells), self._columns(self._cells))

    def _spread(self) -> None:
        """Let each cell that spans others stand in all of them, as far as anything else stands there."""
        last_row = max(self._cells, default=0)
        last_column = max((max(cells) for cells in self._cells.values()), default=0)
        for cell, rows, columns in self._spans:
            for row in range(cell.row, min(cell.row + rows, last_row + 1)):
                for column in range(cell.column, min(cell.column + columns, last_column + 1)):
                    self._cells.setdefault(row, {}).setdefault(column, cell)
        self._spans = []

    def _columns(self, rows: Iterable[int]) -> list[int]:
        return sorted({column for row in rows for column in self._cells.get(row, ())})

    def _beside(self, band: Sequence[int]) -> Iterator[list[Row]]:
        """Part what stands side by side, where each side is wide enough to be a table."""
        groups = list(_runs(self._columns(band)))
        if len(groups) > 1 and all(len(group) >= NARROW for group in groups) and len(band) > 1:
            for group in groups:
                filled = [row for row in band if any(column in self._cells[row] for column in group)]
                for rows in _runs(filled):
                    yield self._region(rows, group)
        else:
            yield self._region(band, [column for group in groups for column in group])

    def _region(self, rows: Iterable[int], columns: Sequence[int]) -> list[Row]:
        return [tuple(self._cells[row].get(column) for column in columns) for row in rows]


def _runs(numbers: Sequence[int]) -> Iterator[list[int]]:
    """Part a rising sequence where a number is left out."""
    run = list(numbers[:1])
    for before, number in pairwise(numbers):
        if number != before + 1:
            yield run
            run = []
        run.append(number)
    if run:
        yield run
