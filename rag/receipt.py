"""What an answer was given from, as one JSON file, and whether its quotes still stand word for word."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rag import prompts
from rag.schema import Answer, Question, RagError
from rag.store import PassageStore

FORMAT = 1


def write_receipt(path: Path, question: Question, answer: Answer, store: PassageStore) -> None:
    """Write all that is needed to tell later what an answer stood on. Raises `RagError` where it cannot be written."""
    receipt = {
        "format": FORMAT,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "question": question.text,
        "searched": answer.searched,
        "answer": answer.text,
        "refused": answer.refused,
        "language": answer.language,
        "statements": [
            {"text": s.text, "citations": s.citations, "verdict": s.verdict, "reason": s.reason}
            for s in answer.statements
        ],
        "citations": [
            {"number": c.number, "source": c.source, "start": c.start, "end": c.end, "quote": c.quote}
            for c in answer.citations
        ],
        "passages": [
            {**{k: p.metadata[k] for k in ("source", "start", "end")}, "sha256": _sha256(p.page_content)}
            for p in answer.passages
        ],
        "model": answer.model,
        "notice": answer.notice,
        "destination": answer.destination,
        "tokens": answer.tokens,
        "prompt_version": prompts.VERSION,
        "index": {"version": store.database.version, "embedding_model": store.embedder.fingerprint},
        "seconds": answer.seconds,
    }
    try:
        path.write_text(json.dumps(receipt, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise RagError(f"{path} cannot be written ({error.strerror}); choose another file") from error


def verify_receipt(path: Path, store: PassageStore) -> Iterator[tuple[bool, str]]:
    """Tell of each quote of a receipt whether it stands word for word in today's documents, and where.

    Raises `RagError` where the file is not a receipt.
    """
    for citation in _citations(path):
        source, start, quote = citation["source"], citation["start"], citation["quote"]
        mark = f"[{citation['number']}] {source}"
        if store.database.slice(source, start, citation["end"]) == quote:
            yield True, f"{mark}, {start}–{citation['end']}: stands word for word"
        elif (found := store.database.find(source, quote)) is not None:
            yield True, f"{mark}: stands word for word, moved to {found}–{found + len(quote)}"
        elif store.database.document("source", source) is None:
            yield False, f"{mark}: the document is gone"
        else:
            yield False, f"{mark}: the document no longer says this"


def _citations(path: Path) -> list[dict[str, Any]]:
    try:
        receipt = json.loads(path.read_text(encoding="utf-8"))
        kinds = {"number": int, "source": str, "start": int, "end": int, "quote": str}
        citations = [{key: kind(c[key]) for key, kind in kinds.items()} for c in receipt["citations"]]
    except OSError as error:
        raise RagError(f"{path} cannot be read ({error.strerror}); give a receipt written by ask --receipt") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise RagError(f"{path} is not a receipt; give a file written by ask --receipt") from error
    return citations


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
