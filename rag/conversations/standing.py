"""Whether what an earlier answer cited still stands, word for word, in today's documents."""

from typing import Any, Literal

from rag.index.protocol import Index
from rag.schema import EVERYTHING, Scope

Standing = Literal["stands", "moved", "changed", "gone"]


def verified(citation: dict[str, Any], index: Index, only: Scope = EVERYTHING) -> dict[str, Any]:
    """Return a citation with its `standing` today, and with its offsets of today where its words have moved."""
    source, start, end, quote = (citation[key] for key in ("source", "start", "end", "quote"))
    if index.read(source, start, end, only) == quote:
        return {**citation, "standing": "stands"}
    document = index.document(source, only)
    if document is None:
        return {**citation, "standing": "gone"}
    offset = document.text.find(quote)
    if offset < 0:
        return {**citation, "standing": "changed"}
    return {**citation, "standing": "moved", "start": offset, "end": offset + len(quote)}
