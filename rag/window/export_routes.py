"""Answers to take away: for the clipboard, as Markdown and as Word files."""

import re
from collections.abc import Sequence
from typing import Literal
from urllib.parse import quote

from fastapi import APIRouter, Response

from rag.conversations.clipboard import plain_text, rich_text
from rag.conversations.markdown import markdown
from rag.conversations.store import Conversations, title_of
from rag.conversations.tables import Turn
from rag.problems import RagError
from rag.text.language import Language
from rag.window.owner import Interface, Owner

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')

Form = Literal["md", "docx"]


def export_router(conversations: Conversations) -> APIRouter:
    """Serve the exports of a conversation and of one of its turns."""
    router = APIRouter(prefix="/conversations")

    @router.get("/turns/{turn}/clipboard")
    def copy(turn: str, owner: Owner, interface: Interface) -> dict[str, str]:
        """Give an answer with its references, as plain and as rich text."""
        answer = conversations.turn(owner, turn).answer
        if not answer:
            raise RagError("conversations.unanswered")
        return {"plain": plain_text(answer, interface), "rich": rich_text(answer, interface)}

    @router.get("/turns/{turn}/export")
    def export_turn(turn: str, form: Form, owner: Owner, interface: Interface) -> Response:
        """Give one question with its answer as a file."""
        known = conversations.turn(owner, turn)
        return file(title_of(known.question), [known], form, interface)

    @router.get("/{conversation}/export")
    def export(conversation: str, form: Form, owner: Owner, interface: Interface) -> Response:
        """Give a whole conversation as a file."""
        known = conversations.read(owner, conversation)
        return file(known.title, known.turns, form, interface)

    return router


def file(title: str, turns: Sequence[Turn], form: Form, language: Language) -> Response:
    """Make a file that the browser saves."""
    if form == "md":
        content, kind = markdown(title, turns, language).encode(), "text/markdown; charset=utf-8"
    else:
        from rag.conversations.word import word_file  # here: only who wants a Word file waits for its library

        content, kind = word_file(title, turns, language), WORD
    name = quote(f"{NOT_IN_NAMES.sub(' ', title).strip() or 'conversation'}.{form}")
    return Response(content, media_type=kind, headers={"content-disposition": f"attachment; filename*=UTF-8''{name}"})
