"""A conversation as a Word file: questions as headings, quotes as footnotes, then the list of sources."""

from collections.abc import Sequence
from io import BytesIO

import docx

from rag.conversations.blocks import blocks
from rag.conversations.footnotes import Footnotes
from rag.conversations.references import SOURCES, UNANSWERED, UNSEEN, Notes, answers, one_line
from rag.conversations.tables import Turn
from rag.text.language import Language


def word_file(title: str, turns: Sequence[Turn], language: Language) -> bytes:
    """Write a conversation, or one turn of it."""
    document = docx.Document()
    document.core_properties.title = one_line(title)[:255]
    document.core_properties.author = document.core_properties.comments = ""
    notes, footnotes = Notes(language), Footnotes(document)
    if len(turns) > 1:
        document.add_heading(one_line(title), 0)
    for question, answer in answers(turns):
        document.add_heading(one_line(question), 1)
        if answer is None:
            document.add_paragraph(UNANSWERED[language])
            continue
        for block in blocks(answer):
            paragraph = document.add_paragraph(style="List Bullet" if block.kind == "item" else None)
            for number, statement in enumerate(block.statements):
                start, end = statement["telling"]
                text = statement["text"]
                for place, piece in enumerate((" " * (number > 0) + text[:start], text[start:end], text[end:])):
                    if piece:
                        run = paragraph.add_run(UNSEEN.sub("", piece))
                        run.bold = True if place == 1 else None
                for note in notes.of(answer, statement):
                    footnotes.add(paragraph, note.number, one_line(note.told(language)))
    if notes.notes:
        document.add_heading(SOURCES[language], 1)
        for source in notes.sources:
            document.add_paragraph(one_line(source), style="List Bullet")
    footnotes.save()
    content = BytesIO()
    document.save(content)
    return content.getvalue()
