"""The tab with the documents: adding by drag and drop, the list, deleting after a question, checking the index."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from rag.documents.formats import BY_SUFFIX
from rag.schema import Entry
from rag.service.engine import Engine
from rag.text.language import Language
from rag.window import documents
from rag.window.labels import QUIET, Labels, label
from rag.window.rights import seen
from rag.window.texts import text

SHOWN = 50  # documents in the list
WRITING: dict[str, Any] = {"concurrency_id": "writing", "concurrency_limit": 1, **QUIET}


def documents_tab(engine: Engine, i18n: gr.I18n, language: gr.State) -> Labels:
    """Lay out the tab, connect its events, and return its labels."""
    with gr.Tab(i18n("documents"), elem_id="library") as tab:
        version = gr.State(0)
        doubted = gr.State(None)  # the source of the document whose removal waits for a yes
        kinds = list(BY_SUFFIX)
        upload = gr.File(label=i18n("add"), file_count="multiple", file_types=kinds, elem_id="upload", height=150)
        hint = gr.Markdown(i18n("add_hint"), elem_classes="aside")
        outcome = gr.Markdown(elem_id="outcome")
        with gr.Row(elem_id="state"):
            state = gr.Markdown(elem_id="holds")
            check = gr.Button(i18n("check"), size="sm", scale=0, min_width=170, elem_id="check")
        wanted = gr.Textbox(
            label=i18n("filter"), show_label=False, placeholder=i18n("filter"), container=False, elem_id="filter"
        )

        def remove(source: str, title: str, language: Language) -> tuple[Any, ...]:
            done = documents.told(documents.remove, engine, source, title, language)
            return done, documents.holds(engine, language), engine.index.version, None

        def row(document: Entry, is_doubted: bool, language: Language) -> None:
            with gr.Row(elem_classes="document"):
                gr.Markdown(documents.card(document, is_doubted, language))
                if not is_doubted:
                    delete = gr.Button(text("delete", language), size="sm", scale=0, min_width=110)
                    delete.click(lambda: document.source, outputs=doubted, **QUIET)
                    return
                yes = gr.Button(text("confirm_delete", language), variant="stop", size="sm", scale=0, min_width=140)
                no = gr.Button(text("cancel", language), size="sm", scale=0, min_width=110)
                work = partial(remove, document.source, document.title)
                yes.click(work, language_state, [outcome, state, version, doubted], **WRITING)
                no.click(lambda: None, outputs=doubted, **QUIET)

        def rows(_: int, words: str | None, asked: str | None, language: Language) -> None:
            sought = (words or "").strip().casefold()
            found = [d for d in engine.index.documents(seen()) if sought in f"{d.title} {d.source}".casefold()]
            for document in found[:SHOWN]:
                row(document, asked == document.source, language)
            if len(found) > SHOWN:
                gr.Markdown(text("more_documents", language, count=len(found) - SHOWN), elem_classes="aside")

        language_state = language
        gr.render(inputs=[version, wanted, doubted, language], show_progress="hidden")(rows)

    def add(files: list[str] | None, language: Language) -> Iterator[tuple[Any, ...]]:
        """Index what was dropped."""
        for html in documents.add(engine, [Path(file) for file in files or []], language):
            yield html, gr.skip(), gr.skip(), gr.skip()
        yield gr.skip(), documents.holds(engine, language), engine.index.version, None

    def look(language: Language) -> tuple[Any, ...]:
        return documents.holds(engine, language), engine.index.version

    upload.upload(add, [upload, language], [outcome, state, version, upload], **WRITING)
    check.click(partial(documents.told, documents.check, engine), language, outcome, api_name="check", **WRITING)
    tab.select(look, language, [state, version], **QUIET)
    return {
        tab: label(gr.Tab, label="documents"),
        upload: label(gr.File, label="add"),
        hint: label(gr.Markdown, "add_hint"),
        state: partial(documents.holds, engine),
        check: label(gr.Button, "check"),
        wanted: label(gr.Textbox, label="filter", placeholder="filter"),
    }
