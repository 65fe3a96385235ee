"""The cited document, for the panel beside the chat: its text as text, the cited spans marked."""

import re
from collections.abc import Sequence
from html import escape
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from rag.index.protocol import Index
from rag.schema import Document, page_at
from rag.text.language import Language, detect_language
from rag.window.texts import number, text

MAX_SPANS = 50
SPAN = re.compile(r"(\d{1,12})-(\d{1,12})")
TELLING = 300  # characters from a citation on that tell the language of the document
AROUND = 50_000  # characters of the document that are shown before and after a citation


def source_router(index: Index) -> APIRouter:
    """Serve `/source`: a document with the spans (`start-end`) marked, the first one opened."""
    router = APIRouter()

    @router.get("/source")
    def source(
        source: str,
        span: Annotated[list[str], Query(max_length=MAX_SPANS)],
        language: Language = "fr",
        interface: Language = "fr",
    ) -> HTMLResponse:
        """Show one document; 404 with one sentence where it or the span is no longer there."""
        document = index.document(source)
        spans = [(int(match[1]), int(match[2])) for match in map(SPAN.fullmatch, span) if match]
        if not document or not spans or not 0 <= spans[0][0] < spans[0][1] <= len(document.text):
            gone = f'<h2 tabindex="-1">{escape(source)}</h2><p class="notice">{text("gone", interface)}</p>'
            return HTMLResponse(navigation(interface) + gone, status_code=404)
        head = heading(document, spans[0], language, interface)
        return HTMLResponse(navigation(interface) + head + marked(document, spans, interface))

    return router


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
    foreign = text("in_english" if written_in == "en" else "in_french", language)
    told = f'<p class="foreign">{foreign}</p>' if asked_in != written_in else ""
    title = f'<h2 tabindex="-1">{escape(document.title)}</h2>'
    return f'<header>{title}<p class="aside">{" · ".join(where)}</p>{told}</header>'


def marked(document: Document, spans: Sequence[tuple[int, int]], language: Language) -> str:
    """Write a document as text, its spans marked and the first of them as the one that was opened."""
    content = document.text
    start, end = spans[0]
    begin, stop = max(0, start - AROUND), min(len(content), end + AROUND)
    pieces, at = [], begin
    for a, b in sorted(set(spans)):
        if at <= a < b <= stop and ((a, b) == (start, end) or b <= start or a >= end):
            opened = ' id="opened"' if (a, b) == (start, end) else ""
            pieces.append(f"{escape(content[at:a])}<mark{opened}>{escape(content[a:b])}</mark>")
            at = b
    cut = f'<p class="aside">{text("shortened", language)}</p>'
    words = f"{''.join(pieces)}{escape(content[at:stop])}"
    return (
        f'<div id="panel-text" tabindex="0" role="region" aria-label="{escape(document.title)}">'
        f"{cut if begin else ''}{words}{cut if stop < len(content) else ''}</div>"
    )
