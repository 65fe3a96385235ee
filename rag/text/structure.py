"""What the lines of a document are: rows of a table, items of a list, quoted mail, and what introduces each.

Whoever parses a file knows its tables; what stands in plain text is told by its lines, here and nowhere else.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from rag.text.markup import is_rule
from rag.text.tables import cells, is_figure, is_row

Kind = Literal["prose", "heading", "item", "row", "names", "contents", "quoted"]
Span = tuple[int, int]

NOWHERE: Span = (0, 0)
LINE = re.compile(r"[^\n]+")
HEADING = re.compile(r"[ \t]{0,3}#{1,6}[ \t]+\S")
ITEM = re.compile(r"[ \t]*(?:[-*•–—·▪◦‣o☐☒✓]|\d{1,3}[.)]|[a-z]\)|\(?[ivx]{1,4}\))[ \t\xa0]+\S")
INTRODUCES = re.compile(r":[\s*_]*$")
QUOTED = re.compile(r"[ \t]*>")
# A title, then dots or a wide gap, then the number of a page.
CONTENTS = re.compile(r".*\w.*?(?:\.{3,}|…{2,}|(?:\. ){3,}|_{4,}|\t)[\s._…]*\d{1,4}\s*")
MAX_CONTENTS = 300  # characters of a line of a table of contents
FAR = 300  # characters between the line that introduces a list and its first item, no more


@dataclass(frozen=True)
class Part:
    """Hold a stretch of a document, from one offset to another, whose lines are of one kind.

    `lead` is the line that introduces them: the names of a table's columns, what stands above a list. It is `NOWHERE`
    where there is none.
    """

    kind: Kind
    start: int
    end: int
    lead: Span = NOWHERE


@dataclass(frozen=True)
class Mark:
    """Hold what a sentence is: its kind, and the words of the line that introduces it, if any.

    `names` are those of a table's columns: they introduce, and say nothing alone.
    """

    kind: Kind = "prose"
    lead: str = ""


class Parts:
    """Hold the parts of a text, to be asked by offset."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.all = parts
        self._starts = [part.start for part in parts]

    def at(self, offset: int) -> Part | None:
        """Find the part that holds a character."""
        place = bisect_right(self._starts, offset) - 1
        return self.all[place] if place >= 0 and offset < self.all[place].end else None

    def kind_at(self, offset: int) -> Kind:
        """Return the kind of what holds a character."""
        part = self.at(offset)
        return part.kind if part else "prose"

    def mark(self, text: str, start: int) -> Mark:
        """Say what the sentence is that begins at an offset."""
        part = self.at(start)
        if part is None:
            return Mark()
        is_names = part.lead[0] <= start < part.lead[1]
        if part.kind == "row" and (is_names or is_rule(text[start : part.end].partition("\n")[0])):
            return Mark("names")
        return Mark(part.kind, text[slice(*part.lead)])


def parts_of(text: str, tables: Sequence[Part] | None = None) -> tuple[Part, ...]:
    """Find the parts of a text that are no mere prose, in order.

    `tables` are those that a parser knows; with None they are looked for in the lines.
    """
    lines = [match.span() for match in LINE.finditer(text) if match[0].strip()]
    rows = list(_tables(text, lines)) if tables is None else list(tables)
    known = Parts(rows)
    others = _others(text, [line for line in lines if known.at(line[0]) is None])
    return tuple(sorted((*rows, *others), key=lambda part: part.start))


def _tables(text: str, lines: Sequence[Span]) -> Iterator[Part]:
    """Find runs of two lines or more, line under line, that are rows."""
    run: list[Span] = []
    for line in (*lines, None):
        goes_on = line and is_row(text[slice(*line)]) and (not run or text.count("\n", run[-1][1], line[0]) == 1)
        if line and goes_on:
            run.append(line)
            continue
        if len(run) > 1:
            yield Part("row", run[0][0], run[-1][1], _names(text, run))
        run = [line] if line and is_row(text[slice(*line)]) else []


def _names(text: str, run: Sequence[Span]) -> Span:
    """Find the names of a table's columns: the line above a rule, or a first line as wide as the next."""
    first, second = (text[slice(*line)] for line in run[:2])
    if is_rule(second):
        return run[0]
    names, values = cells(first), cells(second)
    is_data = any(is_figure(a) and is_figure(b) for a, b in zip(names, values, strict=False))
    return run[0] if len(names) == len(values) and not is_data else NOWHERE


def _others(text: str, lines: Sequence[Span]) -> Iterator[Part]:
    lead = NOWHERE
    items: list[Span] = []
    for line in lines:
        words = text[slice(*line)]
        kind = _kind(words)
        if kind == "item":
            items.append(line)
            continue
        follows = bool(items) and text.count("\n", items[-1][1], line[0]) == 1 and kind == "prose"
        if follows and (words[:1].isspace() or words.lstrip()[:1].islower()):  # the item goes on
            items[-1] = items[-1][0], line[1]
            continue
        yield from _list(text, items, lead)
        items = []
        if kind != "prose":
            yield Part(kind, *line)
        lead = line
    yield from _list(text, items, lead)


def _list(text: str, items: Sequence[Span], lead: Span) -> Iterator[Part]:
    """Make a part of the items of a list, which the line above introduces where it ends so, or is a heading."""
    if not items:
        return
    words = text[slice(*lead)]
    is_near = lead != NOWHERE and items[0][0] - lead[1] <= FAR
    introduces = is_near and (INTRODUCES.search(words) or HEADING.match(words))
    yield Part("item", items[0][0], items[-1][1], lead if introduces else NOWHERE)


def _kind(line: str) -> Kind:
    if HEADING.match(line):
        return "heading"
    if QUOTED.match(line):
        return "quoted"
    if len(line) <= MAX_CONTENTS and CONTENTS.fullmatch(line):
        return "contents"
    return "item" if ITEM.match(line) else "prose"
