"""The window: a name, a switch of language, and two tabs, each with labels of its own."""

import gradio as gr

from rag.service.engine import Engine
from rag.text.language import Language
from rag.window.bin import Bin
from rag.window.documents_tab import documents_tab
from rag.window.labels import QUIET, Labels, label
from rag.window.owner import language_of
from rag.window.texts import TEXTS, text

BIN = "bin"  # a folder beside the index
UPLOADS_KEPT = 3600  # seconds, at most; each upload is deleted as soon as it is indexed
SYSTEM_FONT = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif")  # nothing is fetched for it

theme = gr.themes.Base(primary_hue="teal", neutral_hue="stone", font=SYSTEM_FONT, font_mono=("monospace",))
i18n = gr.I18n(
    fr={key: words["fr"] for key, words in TEXTS.items()}, en={key: words["en"] for key, words in TEXTS.items()}
)


def build_window(engine: Engine) -> gr.Blocks:
    """Build the window over an engine."""
    cache = (UPLOADS_KEPT, UPLOADS_KEPT)
    window: gr.Blocks
    with gr.Blocks(title="Ask the documents", fill_width=True, analytics_enabled=False, delete_cache=cache) as window:
        language = gr.State("en")
        with gr.Row(elem_id="top"):
            name = gr.Markdown(elem_id="name")
            switch = gr.Button(i18n("other_language"), elem_id="language", size="sm", min_width=0, scale=0)
        labels: Labels = {
            language: lambda language: language,
            name: lambda language: f"# {text('title', language)}",
            switch: label(gr.Button, "other_language"),
        }
        with gr.Tabs():
            with gr.Tab(i18n("questions"), elem_id="chat") as chat:  # static/chat.js fills it
                pass
            labels[chat] = label(gr.Tab, label="questions")
            labels |= documents_tab(engine, Bin(engine.settings.index / BIN), i18n, language)

        def opened(request: gr.Request) -> list[object]:
            interface = language_of(request.cookies, request.headers.get("accept-language", ""))
            return [make(interface) for make in labels.values()]

        def loaded(language: Language) -> list[object]:
            engine.ready.wait()
            return [make(language) for make in labels.values()]

        def switched(language: Language) -> list[object]:
            return [make("en" if language == "fr" else "fr") for make in labels.values()]

        shown = list(labels)
        window.load(opened, outputs=shown, **QUIET).then(loaded, language, shown, **QUIET, concurrency_limit=None)
        switch.click(switched, language, shown, **QUIET)
    return window
