"""Running heads and page numbers of a PDF: lines that come again at the edges of pages, with the page's number or none.

A row of figures and a heading "Article 3" at the top of page 3 are neither.
"""

import re
from collections import Counter
from collections.abc import Sequence

from rag.documents.pdf_lines import Line
from rag.text.tables import is_row

EDGE = 3  # lines at the top and at the bottom of a page that may be running heads
OFTEN = 0.3  # share of the pages from which on such a line is one
ALONE = re.compile(
    r"[\s|–—-]*(?:page\s*|p\.\s*)?(?:\d{1,4}|[ivxlc]{1,7})(?:\s*(?:/|sur|of|de)\s*\d{1,4})?[\s|–—-]*", re.IGNORECASE
)
# The number of a page at either end of a line, of how many or not.
NUMBERED = re.compile(
    r"(?P<first>\d{1,4})(?:\s*(?:/|sur|of)\s*\d{1,4})?[\s|–—-]+(?P<after>[^\W\d].*)"
    r"|(?P<before>.*?[^\d\s.,/:|-])[\s|–—-]+(?P<last>\d{1,4})(?:\s*(?:/|sur|of|de)\s*\d{1,4})?",
    re.IGNORECASE,
)
DIVISION = re.compile(
    r"\W*(?:article|art\.|chapitre|chapter|titre|section|annexe|appendix|partie|part|étape|step|fiche|module|leçon|cas"
    r"|question|n°)\W*",
    re.IGNORECASE,
)

Key = tuple[str, int | None]  # a line without the page's number, and how far that is from the page's place


def without_heads(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """Leave out the running heads and the numbers of pages; the names of a table's columns stay once."""
    seen = Counter(key for number, lines in enumerate(pages) for key in _keys_at_edges(lines, number))
    often = max(2 if len(pages) < 4 else 3, OFTEN * len(pages))
    running = {key for key, count in seen.items() if count >= often}
    named: set[str] = set()
    result: list[list[Line]] = []
    for number, lines in enumerate(pages):
        own: list[Line] = []
        for place, line in enumerate(lines):
            keys = running.intersection(_keys(line, number))
            is_first_row = is_row(line.text) and line.text not in named and all(page is None for _, page in keys)
            named.add(line.text)
            if is_first_row or not _is_running(line, place, len(lines), bool(keys)):
                own.append(line)
        result.append(own)
    return result


def _keys_at_edges(lines: Sequence[Line], page: int) -> set[Key]:
    return {key for line in (*lines[:EDGE], *lines[-EDGE:]) for key in _keys(line, page)}


def _keys(line: Line, page: int) -> set[Key]:
    """Say a line as it is, and without the number of its page."""
    text = line.text.casefold().strip()
    keys: set[Key] = {(text, None)}
    match = NUMBERED.fullmatch(text)
    stem = (match["after"] or match["before"]).strip() if match else ""
    if match and not DIVISION.fullmatch(stem):
        keys.add((stem, int(match["first"] or match["last"]) - page))
    return keys


def _is_running(line: Line, place: int, count: int, comes_again: bool) -> bool:
    at_edge = place < EDGE or place >= count - EDGE
    is_number = place in (0, count - 1) and count > 1 and bool(ALONE.fullmatch(line.text))
    return at_edge and (comes_again or is_number)
