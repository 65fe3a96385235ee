"""What programs are given of the documents: passages that match, the text of a source."""

from typing import Any

from rag.answer.answer import passage_dict
from rag.answering import SHOWN
from rag.people.sight import visible
from rag.problems import RagError
from rag.schema import Query, page_at
from rag.service.engine import Engine
from rag.text.language import detect_language


def passages(engine: Engine, query: str, k: int = SHOWN) -> list[dict[str, Any]]:
    """Return the passages that match a query, best first, of what whoever asks may see."""
    ranking = engine.answering().rank(Query(query, detect_language(query)), visible())
    return [passage_dict(f) for f in ranking.found[:k]]


def span(engine: Engine, source: str, start: int = 0, end: int | None = None) -> dict[str, Any]:
    """Return the text of a document from one offset to another, and where it stands.

    Raises `RagError` where there is no such document.
    """
    document = engine.index.document(source, visible())
    if document is None:
        raise RagError("document.unknown", source=source)
    last = len(document.text) if end is None else min(end, len(document.text))
    place = {"start": start, "end": last, "page": page_at(document.pages, start)}
    return {"source": source, "title": document.title, **place, "text": document.text[start:last]}
