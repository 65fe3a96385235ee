"""What is stored of the structure of a text: its parts, and the marks of a passage's sentences, as JSON."""

import json
from collections.abc import Sequence

from rag.text.structure import Mark, Part


def written_parts(parts: Sequence[Part] | None) -> str:
    """Write the parts of a document; empty where nobody has looked for them."""
    return "" if parts is None else json.dumps([(p.kind, p.start, p.end, *p.lead) for p in parts])


def read_parts(written: str) -> tuple[Part, ...] | None:
    """Read the parts of a document."""
    if not written:
        return None
    return tuple(Part(kind, start, end, (a, b)) for kind, start, end, a, b in json.loads(written))


def written_marks(marks: Sequence[Mark]) -> str:
    """Write the marks of a passage, each lead once; empty for mere prose."""
    if all(mark == Mark() for mark in marks):
        return ""
    leads = list(dict.fromkeys(mark.lead for mark in marks))
    return json.dumps([leads, [(mark.kind, leads.index(mark.lead)) for mark in marks]], ensure_ascii=False)


def read_marks(written: str) -> tuple[Mark, ...]:
    """Read the marks of a passage."""
    if not written:
        return ()
    leads, marks = json.loads(written)
    return tuple(Mark(kind, leads[number]) for kind, number in marks)
