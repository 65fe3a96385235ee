"""What people think of answers, over HTTP: given under an answer, listed on a page, taken as evaluation cases."""

import json
from html import escape
from typing import Annotated

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from rag.conversations.opinions import Opinions, case, source_of
from rag.conversations.tables import Feedback, Opinion
from rag.people.sight import visible
from rag.service.engine import Engine
from rag.text.language import Language
from rag.window.owner import Interface, Owner
from rag.window.texts import text


class Given(BaseModel):
    """Hold an opinion: what was wrong, if anything, in whose words, and the sentence that would have been right."""

    opinion: Opinion
    comment: Annotated[str, Field(max_length=4000)] = ""
    span: Annotated[str, Field(max_length=4000)] = ""


def feedback_router(engine: Engine, opinions: Opinions) -> APIRouter:
    """Serve `/feedback`."""
    router = APIRouter(prefix="/feedback")

    @router.put("/{turn}")
    def give(turn: str, given: Given, owner: Owner) -> dict[str, str]:
        """Keep an opinion; words said to be right must stand in a document."""
        span = given.span.strip()
        gold = (source_of(engine.index, span, visible()), span) if span else ("", "")
        opinions.give(owner, turn, given.opinion, given.comment.strip(), gold)
        return {}

    @router.get("")
    def page(owner: Owner, interface: Interface) -> HTMLResponse:
        """List what was said of answers."""
        rows = [row(feedback, case(feedback, []) is not None, interface) for feedback in opinions.all(owner)]
        return HTMLResponse(whole("".join(rows) or f"<p>{text('no_feedback', interface)}</p>", interface))

    @router.get("/cases")
    def cases(owner: Owner, turn: str | None = None) -> Response:
        """Give the cases of all opinions, or of one, as the JSONL of `python -m evals --questions`."""
        wanted = [f for f in opinions.all(owner) if turn in (None, f.turn_id)]
        made = [case(feedback, opinions.history(feedback)) for feedback in wanted]
        lines = "".join(f"{json.dumps(each, ensure_ascii=False)}\n" for each in made if each)
        headers = {"content-disposition": "attachment; filename=cases.jsonl"}
        return Response(lines, media_type="application/jsonl", headers=headers)

    return router


def row(feedback: Feedback, is_case: bool, language: Language) -> str:
    """Write one opinion, with the way to its conversation and to its case."""
    turn = feedback.turn
    opinion = f"<p><strong>{text(f'opinion_{feedback.opinion}', language)}</strong> {escape(feedback.comment)}</p>"
    span = f"<blockquote>{escape(feedback.span)}<br>{escape(feedback.source)}</blockquote>" if feedback.span else ""
    opened = f'<a href="/?c={escape(turn.conversation_id)}">{text("open_conversation", language)}</a>'
    href = f"/feedback/cases?turn={escape(turn.id)}"
    taken = f'<a href="{href}" download>{text("as_case", language)}</a>' if is_case else text("no_case", language)
    return f"<article><h2>{escape(turn.question)}</h2>{opinion}{span}<p>{opened} · {taken}</p></article>"


def whole(content: str, language: Language) -> str:
    """Make the page."""
    title, back = text("feedback_title", language), text("back", language)
    style = '<link rel="stylesheet" href="/static/window/style.css"><link rel="icon" href="/static/window/icon.svg">'
    viewport = '<meta name="viewport" content="width=device-width, initial-scale=1">'
    head = f'<head data-plain><meta charset="utf-8">{viewport}<title>{title}</title>{style}</head>'
    every = f'<a href="/feedback/cases" download>{text("as_cases", language)}</a>'
    ways = f'<p><a href="/">{back}</a> · {every}</p>'
    body = f'<body class="page"><main id="feedback"><h1>{title}</h1>{ways}{content}</main></body>'
    return f'<!doctype html><html lang="{language}">{head}{body}</html>'
