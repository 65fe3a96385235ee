"""A document as a page: its text as text, tables as tables, headings as headings, and spans of it marked."""

import re
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby, pairwise

from rag.schema import Document
from rag.text.markup import HEADING, SIGNS, is_rule
from rag.text.structure import Parts, Span, parts_of
from rag.text.tables import EDGE

LINE = re.compile(r"[^\n]+|\n")
MARKDOWN = ("markdown",)  # kinds of documents in which the marks are Markdown's


class Page:
    """Write a stretch of a document as HTML; spans do not overlap, the one that was opened is marked as such."""

    def __init__(self, document: Document, spans: Sequence[Span], opened: Span) -> None:
        self._text = document.text
        self._is_markdown = document.kind in MARKDOWN
        self._parts = Parts(parts_of(document.text) if document.parts is None else document.parts)
        self._spans = sorted(spans)
        self._opened = opened
        self._is_found = False

    def html(self, begin: int, stop: int) -> str:
        """Write from one offset to another."""
        lines = [(match.start(), match.end()) for match in LINE.finditer(self._text, begin, stop)]
        return "".join(self._blocks(lines))

    def _blocks(self, lines: Sequence[Span]) -> Iterator[str]:
        solid = [line for n, line in enumerate(lines) if not self._parts_rows(lines, n)]
        for in_table, block in groupby(solid, self._is_row):
            if in_table:
                yield f"<table>{''.join(self._row(line) for line in block)}</table>"
                continue
            for start, end in block:
                heading = HEADING.match(self._text, start, end)
                if heading:
                    yield f'<strong class="heading">{self._piece(heading.end(), end)}</strong>'
                else:
                    yield self._piece(start, end)

    def _parts_rows(self, lines: Sequence[Span], n: int) -> bool:
        """Tell the end of a row's line, which the table itself shows."""
        is_end = self._text[slice(*lines[n])] == "\n"
        return is_end and 0 < n < len(lines) - 1 and all(map(self._is_row, (lines[n - 1], lines[n + 1])))

    def _is_row(self, line: Span) -> bool:
        return self._parts.kind_at(line[0]) == "row" and self._text[slice(*line)] != "\n"

    def _row(self, line: Span) -> str:
        start, end = line
        if is_rule(self._text[start:end]):
            return ""
        edges = [match.start() for match in EDGE.finditer(self._text, start, end)]
        bounds = [start - 1, *edges, end]
        cells = [(a + 1, b) for a, b in pairwise(bounds)]
        if self._text[start:end].lstrip().startswith("|"):
            cells = cells[1:]
        if self._text[start:end].rstrip().endswith("|"):
            cells = cells[:-1]
        is_marked = any(a <= start and end <= b for a, b in self._spans)
        marked = ' class="marked"' if is_marked else ""
        return f"<tr{marked}>{''.join(f'<td>{self._piece(*self._bare(*cell))}</td>' for cell in cells)}</tr>"

    def _bare(self, start: int, end: int) -> Span:
        while start < end and self._text[start].isspace():
            start += 1
        while start < end and self._text[end - 1].isspace():
            end -= 1
        return start, end

    def _piece(self, start: int, end: int) -> str:
        """Write a piece of a line, with what is marked of it."""
        pieces, at = list[str](), start
        for a, b in self._spans:
            low, high = max(a, at), min(b, end)
            if low >= high:
                continue
            pieces.append(self._words(at, low))
            is_opened = (a, b) == self._opened
            names = ' class="opened"' * is_opened + ' id="opened"' * (is_opened and not self._is_found)
            self._is_found |= is_opened
            pieces.append(f"<mark{names}>{self._words(low, high)}</mark>")
            at = high
        return "".join([*pieces, self._words(at, end)])

    def _words(self, start: int, end: int) -> str:
        words = self._text[start:end]
        return escape(SIGNS.sub("", words) if self._is_markdown else words)
