"""The tab with the documents: adding by drag and drop, the list, deleting after a question, checking the index."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from rag.documents.formats import BY_SUFFIX
from rag.schema import Entry
from rag.service.engine import Engine
from rag.text.language import Language
from rag.window import documents
from rag.window.bin import Bin, Removal
from rag.window.formats import hint
from rag.window.labels import QUIET, Labels, label
from rag.window.render import shown
from rag.window.rights import seen
from rag.window.texts import text

SHOWN = 50  # documents in the list
WRITING: dict[str, Any] = {"concurrency_id": "writing", "concurrency_limit": 1, **QUIET}


def documents_tab(engine: Engine, bin: Bin, i18n: gr.I18n, language: gr.State) -> Labels:
    """Lay out the tab, connect its events, and return its labels."""
    with gr.Tab(i18n("documents"), elem_id="library") as tab:
        version = gr.State("")  # of the index, and when the list was drawn: another value draws it anew
        doubted = gr.State(None)  # the source of the document whose removal waits for a yes
        kinds = list(BY_SUFFIX)
        upload = gr.File(label=i18n("add"), file_count="multiple", file_types=kinds, elem_id="upload", height=150)
        formats = gr.Markdown(elem_classes="aside")
        pending = gr.State(())  # uploaded files that wait for a yes, some of them would replace a document
        with gr.Row(elem_id="replacing", visible=False) as replacing:
            asked = gr.Markdown()
            replace = gr.Button(i18n("replace"), variant="stop", size="sm", scale=0, min_width=130)
            keep = gr.Button(i18n("keep"), size="sm", scale=0, min_width=170)
        outcome = gr.Markdown(elem_id="outcome")
        with gr.Row(elem_id="state"):
            state = gr.Markdown(elem_id="holds")
            check = gr.Button(i18n("check"), size="sm", scale=0, min_width=170, elem_id="check")
        wanted = gr.Textbox(
            label=i18n("filter"), show_label=False, placeholder=i18n("filter"), container=False, elem_id="filter"
        )

        def change(work: Callable[..., str], name: str, title: str, language: Language) -> tuple[Any, ...]:
            done = documents.told(work, engine, bin, name, title, language)
            return done, documents.holds(engine, language), state_of(engine), None

        def row(document: Entry, is_doubted: bool, language: Language) -> None:
            with gr.Row(elem_classes="document"):
                gr.Markdown(documents.card(document, is_doubted, language))
                if not is_doubted:
                    delete = gr.Button(text("delete", language), size="sm", scale=0, min_width=110)
                    delete.click(lambda: document.source, outputs=doubted, **QUIET)
                    return
                yes = gr.Button(text("confirm_delete", language), variant="stop", size="sm", scale=0, min_width=140)
                no = gr.Button(text("cancel", language), size="sm", scale=0, min_width=110)
                work = partial(change, documents.remove, document.source, document.title)
                yes.click(work, language_state, changed, **WRITING)
                no.click(lambda: None, outputs=doubted, **QUIET)

        def removal_row(removal: Removal, language: Language) -> None:
            with gr.Row(elem_classes="removal"):
                gr.Markdown(documents.binned(removal, language))
                for key, work in (("restore", documents.restore), ("erase", documents.erase)):
                    button = gr.Button(text(key, language), size="sm", scale=0, min_width=110)
                    does = partial(change, work, removal.id, removal.title)
                    button.click(does, language_state, changed, **WRITING)

        def rows(_: str, words: str | None, asked: str | None, language: Language) -> None:
            sought = (words or "").strip().casefold()
            found = [d for d in engine.index.documents(seen()) if sought in f"{d.title} {d.source}".casefold()]
            for document in found[:SHOWN]:
                row(document, asked == document.source, language)
            if len(found) > SHOWN:
                gr.Markdown(text("more_documents", language, count=len(found) - SHOWN), elem_classes="aside")
            only, rules = seen(), engine.index.restrictions()
            if removals := [removal for removal in bin.all() if removal.is_inside(only, rules)]:
                with gr.Accordion(f"{text('bin', language)} ({len(removals)})", open=False, elem_id="bin"):
                    for removal in removals[:SHOWN]:
                        removal_row(removal, language)

        language_state, changed = language, [outcome, state, version, doubted]
        gr.render(inputs=[version, wanted, doubted, language], show_progress="hidden")(rows)

    def take(files: list[str] | None, language: Language) -> Iterator[tuple[Any, ...]]:
        """Index what was dropped, or ask first whether it may replace what is there."""
        paths = tuple(Path(file) for file in files or [])
        if would := documents.replaced(engine, paths):
            names = ", ".join(shown(entry.source) for entry in would)
            question = f'<p class="notice" role="alert">{text("would_replace", language, names=names)}</p>'
            yield gr.skip(), gr.skip(), gr.skip(), None, paths, gr.Row(visible=True), question
            return
        yield from add(paths, language)

    def add(paths: tuple[Path, ...], language: Language) -> Iterator[tuple[Any, ...]]:
        for html in documents.add(engine, bin, paths, language):
            yield html, gr.skip(), gr.skip(), gr.skip(), (), gr.Row(visible=False), ""
        holds = documents.holds(engine, language)
        yield gr.skip(), holds, state_of(engine), None, (), gr.Row(visible=False), ""

    def add_new(paths: tuple[Path, ...], language: Language) -> Iterator[tuple[Any, ...]]:
        """Index only what replaces nothing."""
        taken = {entry.source for entry in documents.replaced(engine, paths)}
        documents.forget([path for path in paths if path.name in taken])
        yield from add(tuple(path for path in paths if path.name not in taken), language)

    def look(language: Language, drawn: str) -> tuple[Any, ...]:
        """Draw the list anew only where documents changed: whoever clicks in it meanwhile is not interrupted."""
        now = state_of(engine)
        is_same = drawn.split()[:1] == now.split()[:1]
        return documents.holds(engine, language), gr.skip() if is_same else now

    adding = [outcome, state, version, upload, pending, replacing, asked]
    upload.upload(take, [upload, language], adding, **WRITING)
    replace.click(add, [pending, language], adding, **WRITING)
    keep.click(add_new, [pending, language], adding, **WRITING)
    check.click(partial(documents.told, documents.check, engine), language, outcome, api_name="check", **WRITING)
    tab.select(look, [language, version], [state, version], **QUIET)
    return {
        tab: label(gr.Tab, label="documents"),
        upload: label(gr.File, label="add"),
        replace: label(gr.Button, "replace"),
        keep: label(gr.Button, "keep"),
        formats: hint,
        state: partial(documents.holds, engine),
        check: label(gr.Button, "check"),
        wanted: label(gr.Textbox, label="filter", placeholder="filter"),
    }


def state_of(engine: Engine) -> str:
    """Return the version of the index, and now."""
    return f"{engine.index.version} {time.monotonic()}"
