"""The `[n]` convention, both directions: spans of passages → numbered citations and marks, and back."""

import re
from collections.abc import Iterable

from rag.database import Database
from rag.records import StoredPassage
from rag.schema import Citation, RagError

MARK = re.compile(r"\[(\d{1,3})\]")


def mark(number: int) -> str:
    """Write the mark of a citation."""
    return f"[{number}]"


def marks(text: str) -> list[int]:
    """Read the numbers of all marks in a text, in order."""
    return [int(number) for number in MARK.findall(text)]


def cite(database: Database, spans: Iterable[tuple[StoredPassage, int, int]]) -> tuple[Citation, ...]:
    """Number spans of passages from 1 and read each quote again from the stored source.

    Raises `RagError` where a source has changed since it was searched: no quote is shown from memory.
    """
    citations: list[Citation] = []
    for number, (passage, start, end) in enumerate(spans, 1):
        quote = database.slice(passage.source, start, end)
        if quote != passage.text[start - passage.start : end - passage.start]:
            raise RagError(f"{passage.source} has changed while it was being searched; ask again")
        citations.append(Citation(number, passage.source, passage.title, start, end, passage.page, quote))
    return tuple(citations)
