"""The cited document, for the panel beside the chat: where the citation stands in it, and its page."""

import re
from collections.abc import Sequence
from html import escape
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from rag.index.protocol import Index
from rag.people.sight import visible
from rag.schema import Document, page_at
from rag.text.language import Language, detect_language
from rag.text.structure import Span
from rag.window.page import Page
from rag.window.texts import TEXTS, number, text

MAX_SPANS = 50
SPAN = re.compile(r"(\d{1,12})-(\d{1,12})")
TELLING = 300  # characters from a citation on that tell the language of the document
AROUND = 50_000  # characters of the document that are shown before and after a citation


def source_router(index: Index) -> APIRouter:
    """Serve `/source`: a document with the spans (`start-end`) marked, the first one opened."""
    router = APIRouter()

    def found(source: str, span: Sequence[str]) -> tuple[Document, list[Span]] | None:
        document = index.document(source, visible())
        spans = [(int(match[1]), int(match[2])) for match in map(SPAN.fullmatch, span) if match]
        if not document or not spans or not 0 <= spans[0][0] < spans[0][1] <= len(document.text):
            return None
        return document, spans

    @router.get("/source")
    def source(
        source: str,
        span: Annotated[list[str], Query(max_length=MAX_SPANS)],
        language: Language = "fr",
        interface: Language = "fr",
    ) -> HTMLResponse:
        """Show one document; 404 with one sentence where it or the span is no longer there."""
        known = found(source, span)
        if not known:
            return HTMLResponse(navigation(interface) + gone(source, interface), status_code=404)
        head = heading(known[0], known[1][0], language, interface)
        return HTMLResponse(navigation(interface) + head + marked(*known, interface))

    @router.get("/document")
    def page(source: str, span: Annotated[list[str], Query(max_length=MAX_SPANS)]) -> HTMLResponse:
        """Show one document as a page of its own, in its own language: what citations of the API point to."""
        known = found(source, span)
        if not known:
            return HTMLResponse(whole(source, gone(source, "en"), "en"), status_code=404)
        document, spans = known
        language = detect_language(document.text[spans[0][0] : spans[0][0] + TELLING])
        shown = heading(document, spans[0], language, language) + marked(document, spans, language)
        return HTMLResponse(whole(document.title, shown, language))

    return router


def gone(source: str, language: Language) -> str:
    """Say that a document, or the words cited from it, are no longer there."""
    return f'<h2 tabindex="-1">{escape(source)}</h2><p class="notice">{text("gone", language)}</p>'


def whole(title: str, content: str, language: Language) -> str:
    """Make a page of what is shown in the panel otherwise; `data-plain` keeps the window's script out of it."""
    style = '<link rel="stylesheet" href="/static/window/style.css">'
    head = f'<head data-plain><meta charset="utf-8"><title>{escape(title)}</title>{style}</head>'
    body = f'<body class="page"><main id="panel">{content}</main></body>'
    return f'<!doctype html><html lang="{language}">{head}{body}</html>'


def navigation(language: Language) -> str:
    """Write the buttons of the panel."""

    def button(does: str, sign: str) -> str:
        name = text(does, language)
        return f'<button type="button" data-do="{does}" aria-label="{name}" title="{name}">{sign}</button>'

    copy = (
        f'<button type="button" data-do="copy" data-done="{text("copied", language)}">{text("copy", language)}</button>'
    )
    count = '<span id="panel-count"></span>'
    return f"<nav>{button('previous', '←')}{count}{button('next', '→')}{copy}{button('close', '✕')}</nav>"


def heading(document: Document, span: tuple[int, int], asked_in: Language, language: Language) -> str:
    """Say which document it is, where in it the span stands, and whether its language is not the question's."""
    start, end = span
    content, page = document.text, page_at(document.pages, start)
    written_in = detect_language(content[start : max(end, start + TELLING)])
    where = [text("page", language, page=page)] if page else []
    place = {"start": number(start, language), "end": number(end, language), "length": number(len(content), language)}
    where.append(text("position", language, **place))
    note = f"in_{written_in}"
    is_foreign = asked_in != written_in and note in TEXTS
    told = f'<p class="foreign">{text(note, language)}</p>' if is_foreign else ""
    title = f'<h2 tabindex="-1">{escape(document.title)}</h2>'
    return f'<header>{title}<p class="aside">{" · ".join(where)}</p>{told}</header>'


def marked(document: Document, spans: Sequence[tuple[int, int]], language: Language) -> str:
    """Write a document, its spans marked and the first of them as the one that was opened."""
    content = document.text
    start, end = spans[0]
    begin, stop = max(0, start - AROUND), min(len(content), end + AROUND)
    apart = [(a, b) for a, b in set(spans) if (a, b) == (start, end) or b <= start or a >= end]
    cut = f'<p class="aside">{text("shortened", language)}</p>'
    words = Page(document, apart, (start, end)).html(begin, stop)
    return (
        f'<div id="panel-text" tabindex="0" role="region" aria-label="{escape(document.title)}">'
        f"{cut if begin else ''}{words}{cut if stop < len(content) else ''}</div>"
    )
