"""The lines of a PDF's page in the order in which a person reads them: column by column, and a table row by row.

pdfium gives the characters in the order in which they were drawn, with spaces and line ends where it sees them. Its
lines are cut where a gap is wider than a space, put into order by where they stand, and joined again.
"""

import ctypes
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import degrees
from statistics import median
from typing import Any

GAP = 1.6  # times the height of a line: a space that is wider parts columns or cells
HALF = 0.5  # of a line's height that two pieces share where they are one line
PROSE = 18  # characters of the usual piece of a column; in the columns of a table they are shorter
ROWS = 3  # lines that a column has at least
QUARTER = 90  # degrees
HYPHEN = "\ufffe"


@dataclass(frozen=True)
class Line:
    """Hold a piece of a line and where it stands, in points from the lower left corner of the page."""

    text: str
    left: float
    bottom: float
    right: float
    top: float

    @property
    def height(self) -> float:
        """Return the height of its letters."""
        return max(1.0, self.top - self.bottom)


def lines_of(page: Any, more: Iterable[Line] = ()) -> list[Line]:
    """Read a page as its lines; the cells of a row have ` | ` between them. `more` stands on it beside its text."""
    pieces = [*_pieces(page), *more]
    columns = _columns(pieces)
    return [line for column in columns for line in _rows(column)]


def _pieces(page: Any) -> Iterator[Line]:
    """Yield the pieces of lines that run as the page's text does.

    What is slanted over it (a watermark) or runs up the margin (a stamp) is left out; what is turned inside the text,
    as the names of narrow columns are, comes last.
    """
    text = page.get_textpage()
    angles = _angles(text)
    main = max(set(angles), key=angles.count, default=0)
    upright = list(_runs(text, [angle == main for angle in angles]))
    yield from upright
    left, right = min((p.left for p in upright), default=0.0), max((p.right for p in upright), default=0.0)
    turned = [angle != main and (angle - main) % QUARTER == 0 for angle in angles]
    yield from (p for p in _runs(text, turned) if any(turned) and p.left >= left and p.right <= right)


def _angles(text: Any) -> list[int]:
    """Return the direction of each character, in degrees."""
    from pypdfium2 import raw

    return [round(degrees(raw.FPDFText_GetCharAngle(text, n))) % 360 for n in range(raw.FPDFText_CountChars(text))]


def _runs(text: Any, is_wanted: Sequence[bool]) -> Iterator[Line]:
    from pypdfium2 import raw

    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    piece: Line | None = None
    for number, wanted in enumerate(is_wanted):
        if not wanted:
            continue
        code = raw.FPDFText_GetUnicode(text, number)
        sign = (
            HYPHEN if code in (2, 0xFFFE) else chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else ""
        )
        if sign in "\r\n":
            if piece and sign:
                yield piece
                piece = None
            continue
        if sign.isspace():
            piece = replace(piece, text=piece.text + " ") if piece else None
            continue
        raw.FPDFText_GetCharBox(text, number, left, right, bottom, top)
        box = left.value, bottom.value, right.value, top.value
        if piece and (box[0] - piece.right > GAP * max(piece.height, box[3] - box[1]) or _is_elsewhere(piece, *box)):
            yield piece
            piece = None
        piece = _longer(piece, sign, *box) if piece else Line(sign, *box)
    if piece:
        yield piece


def _is_elsewhere(piece: Line, left: float, bottom: float, right: float, top: float) -> bool:
    return bottom > piece.top + piece.height or top < piece.bottom - piece.height or right < piece.left


def _longer(piece: Line, sign: str, left: float, bottom: float, right: float, top: float) -> Line:
    low, high = min(piece.bottom, bottom), max(piece.top, top)
    return Line(piece.text + sign, min(piece.left, left), low, max(piece.right, right), high)


def _columns(pieces: list[Line]) -> list[list[Line]]:
    """Part a page into its columns of prose, left to right; what spans them stands above or below them."""
    for at in _gutters(pieces):
        wide = [p for p in pieces if p.left < at - 1 and p.right > at + 1]
        sides = [p for p in pieces if p.right <= at + 1], [p for p in pieces if p.left >= at - 1]
        if all(_is_prose(side) for side in sides):
            top = max(p.top for side in sides for p in side)
            above = [p for p in wide if p.bottom >= top - p.height]
            below = [p for p in wide if p not in above]
            return [part for group in (above, *sides, below) if group for part in _columns(group)]
    return [pieces] if pieces else []


def _gutters(pieces: list[Line]) -> Iterator[float]:
    """Yield where a column may begin: at the left edge of pieces that others of the page end before."""
    lefts = sorted({round(p.left) for p in pieces})
    for left in lefts[1:]:
        own = [p for p in pieces if round(p.left) == left]
        before = [p for p in pieces if p.right < left]
        wide = [p for p in pieces if p.left < left - 1 and p.right > left + 1]
        if len(own) >= ROWS and len(before) >= ROWS and len(wide) <= len(own) // 2:
            yield float(left)


def _is_prose(pieces: list[Line]) -> bool:
    return len(pieces) >= ROWS and median(len(p.text) for p in pieces) >= PROSE


def _rows(pieces: list[Line]) -> Iterator[Line]:
    """Join the pieces of each line, from the top down; wide gaps are edges of cells."""
    rows: list[list[Line]] = []
    for piece in sorted(pieces, key=lambda p: -(p.top + p.bottom)):
        row = rows[-1] if rows else []
        shared = min(row[0].top, piece.top) - max(row[0].bottom, piece.bottom) if row else 0.0
        if row and shared > HALF * min(row[0].height, piece.height):
            row.append(piece)
        else:
            rows.append([piece])
    for found in rows:
        found.sort(key=lambda p: p.left)
        text = found[0].text.strip()
        for left, right in pairwise(found):
            is_apart = right.left - left.right > GAP * max(left.height, right.height)
            text += (" | " if is_apart else " ") + right.text.strip()
        yield Line(text, found[0].left, min(p.bottom for p in found), found[-1].right, max(p.top for p in found))
