"""Quotes → numbered citations, each read again from its source."""

from collections.abc import Iterable

from rag.index.protocol import Index
from rag.problems import RagError
from rag.schema import Citation, Quote, page_at


def cite(index: Index, quotes: Iterable[Quote]) -> tuple[Citation, ...]:
    """Number quotes from 1 and read each one again from the stored source.

    Raises `RagError` where a source has changed since it was searched: no quote is shown from memory.
    """
    citations: list[Citation] = []
    for number, quote in enumerate(quotes, 1):
        p, start, end = quote.passage, quote.start, quote.end
        text = index.read(p.source, start, end)
        if text != quote.text:
            raise RagError("document.changed", source=p.source)
        citations.append(Citation(number, p.source, p.title, start, end, page_at(p.pages, start), text))
    return tuple(citations)
