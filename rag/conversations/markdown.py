"""A conversation as Markdown: questions as headings, quotes as footnotes, then the list of sources."""

import re
from collections.abc import Sequence

from rag.conversations.blocks import Block, blocks
from rag.conversations.references import SOURCES, UNANSWERED, Notes, answers, one_line
from rag.conversations.tables import Turn
from rag.text.language import Language

SPECIAL = re.compile(r"([\\`*_\[\]<>#|!~&])")


def plain(words: str) -> str:
    """Escape a text, so that no word of a document is a link, a picture or a mark."""
    return SPECIAL.sub(r"\\\1", one_line(words))


def markdown(title: str, turns: Sequence[Turn], language: Language) -> str:
    """Write a conversation, or one turn of it."""
    notes = Notes(language)
    parts = [f"# {plain(title)}"] if len(turns) > 1 else []
    for question, answer in answers(turns):
        parts.append(f"## {plain(question)}")
        if answer is None:
            parts.append(UNANSWERED[language])
            continue
        parts.append("\n".join(_block(block, answer, notes) for block in blocks(answer)))
    if notes.notes:
        parts.append(f"## {SOURCES[language]}\n\n" + "\n".join(f"- {plain(source)}" for source in notes.sources))
        parts.append("\n".join(f"[^{note.number}]: {plain(note.told(language))}" for note in notes.notes))
    return "\n\n".join(parts) + "\n"


def _block(block: Block, answer: dict[str, object], notes: Notes) -> str:
    pieces = []
    for statement in block.statements:
        marks = "".join(f"[^{note.number}]" for note in notes.of(answer, statement))
        pieces.append(plain(statement["text"]) + marks)
    words = " ".join(pieces)
    return f"- {words}" if block.kind == "item" else f"{words}\n"
