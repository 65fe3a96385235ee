"""An answer for the clipboard, with its references: as plain text and as rich text."""

from html import escape
from typing import Any

from rag.conversations.blocks import blocks
from rag.conversations.references import Notes
from rag.text.language import Language


def plain_text(answer: dict[str, Any], language: Language) -> str:
    """Write an answer as lines, and its references under it."""
    notes = Notes(language)
    lines = []
    for block in blocks(answer):
        pieces = [s["text"] + "".join(f" [{note.number}]" for note in notes.of(answer, s)) for s in block.statements]
        lines.append(("- " if block.kind == "item" else "") + " ".join(pieces))
    references = [f"[{note.number}] {note.told(language)}" for note in notes.notes]
    return "\n".join([*lines, *([""] if references else []), *references])


def rich_text(answer: dict[str, Any], language: Language) -> str:
    """Write an answer as HTML, and its references under it; every word of it is escaped."""
    notes = Notes(language)
    parts = []
    for block in blocks(answer):
        pieces = [
            escape(s["text"]) + "".join(f"<sup>{note.number}</sup>" for note in notes.of(answer, s))
            for s in block.statements
        ]
        words = " ".join(pieces)
        parts.append(f"<ul><li>{words}</li></ul>" if block.kind == "item" else f"<p>{words}</p>")
    references = "".join(f"<p><sup>{note.number}</sup> {escape(note.told(language))}</p>" for note in notes.notes)
    return "".join(parts).replace("</ul><ul>", "") + references
