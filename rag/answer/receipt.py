"""What an answer was given from, as one JSON file, and whether its quotes still stand word for word."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rag.answer import prompts
from rag.answer.answer import Answer
from rag.index.protocol import Index
from rag.problems import RagError

FORMAT = 2


def write_receipt(path: Path, answer: Answer, index: Index) -> None:
    """Write all that is needed to tell later what an answer stood on. Raises `RagError` where it cannot be written."""
    receipt = {
        "format": FORMAT,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        **answer.to_dict(),
        "tokens": answer.trace.tokens,
        "prompt_version": prompts.VERSION,
        "index": {"version": index.version, "embedding_model": index.embedder.fingerprint},
    }
    try:
        path.write_text(json.dumps(receipt, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise RagError("path.write", path=path, detail=error.strerror) from error


def verify_receipt(path: Path, index: Index) -> Iterator[tuple[bool, str]]:
    """Tell of each quote of a receipt whether it stands word for word in today's documents, and where.

    Raises `RagError` where the file is not a receipt.
    """
    for citation in _citations(path):
        source, start, quote = citation["source"], citation["start"], citation["quote"]
        mark = f"[{citation['number']}] {source}"
        document = index.document(source)
        if document is None:
            yield False, f"{mark}: the document is gone"
        elif document.text[start : citation["end"]] == quote:
            yield True, f"{mark}, {start}–{citation['end']}: stands word for word"
        elif (found := document.text.find(quote)) >= 0:
            yield True, f"{mark}: stands word for word, moved to {found}–{found + len(quote)}"
        else:
            yield False, f"{mark}: the document no longer says this"


def _citations(path: Path) -> list[dict[str, Any]]:
    try:
        receipt = json.loads(path.read_text(encoding="utf-8"))
        kinds = {"number": int, "source": str, "start": int, "end": int, "quote": str}
        citations = [{key: kind(c[key]) for key, kind in kinds.items()} for c in receipt["citations"]]
        json.dumps(citations, ensure_ascii=False).encode()  # halves of characters are no text
    except OSError as error:
        raise RagError("receipt.unreadable", path=path, detail=error.strerror) from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError) as error:
        raise RagError("receipt.wrong", path=path) from error
    return citations
