"""The tab where people ask: the conversation, the question, and what happens on each click."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import gradio as gr

from rag.service.engine import Engine
from rag.text.language import Language
from rag.window.chat import Messages, Turns, reply, stopped
from rag.window.examples import Examples
from rag.window.labels import QUIET, Labels, label
from rag.window.texts import text

EXAMPLES_SHOWN = 4
STREAMS = 64  # answers that are being prepared at once


def chat_tab(engine: Engine, i18n: gr.I18n, language: gr.State) -> Labels:
    """Lay out the tab, connect its events, and return its labels."""
    examples_of = Examples(engine).of
    with gr.Tab(i18n("questions"), elem_id="chat") as tab:
        turns = gr.State(())
        last = gr.State("")  # the question asked last, whether or not it was answered
        conversation = gr.Chatbot(
            label=i18n("conversation"),
            elem_id="conversation",
            show_label=False,
            container=False,
            height="auto",
            buttons=[],
            latex_delimiters=[],
            line_breaks=False,
            allow_tags=False,
            feedback_options=None,
            group_consecutive_messages=False,
        )
        with gr.Row(elem_id="examples") as examples:
            cards = [gr.Button(visible=False, elem_classes="example") for _ in range(EXAMPLES_SHOWN)]
        with gr.Row(elem_id="ask"):
            question = gr.Textbox(
                label=i18n("question"),
                placeholder=i18n("ask_placeholder"),
                container=False,
                show_label=False,
                max_lines=6,
                autofocus=True,
                elem_id="question",
            )
            send = gr.Button(i18n("send"), variant="primary", elem_id="send", scale=0, min_width=110)
            stop = gr.Button(i18n("stop"), elem_id="stop", visible=False, scale=0, min_width=110)
        with gr.Row(elem_id="after", visible=False) as after:
            again = gr.Button(i18n("again"), elem_id="again", size="sm", scale=0, min_width=0)
            fresh = gr.Button(i18n("new_chat"), elem_id="fresh", size="sm", scale=0, min_width=0)

    def typed(words: str, may_type: bool) -> gr.Textbox:
        return gr.Textbox(words, interactive=may_type)  # one question at a time

    def busy() -> tuple[Any, ...]:
        return gr.Button(visible=False), gr.Button(visible=True), gr.Row(visible=False), gr.Row(visible=False)

    def idle(messages: Messages) -> tuple[Any, ...]:
        has_begun = bool(messages)
        return (
            gr.Button(visible=True),
            gr.Button(visible=False),
            gr.Row(visible=has_begun),
            gr.Row(visible=not has_begun),
        )

    def ask(words: str, messages: Messages, turns: Turns, language: Language) -> Iterator[tuple[Any, ...]]:
        """Answer what was typed; without words nothing happens."""
        if not words or not words.strip():
            yield gr.skip(), gr.skip(), gr.skip(), gr.skip(), *idle(messages)
            return
        now, told = messages, turns
        for now, told in reply(engine, words.strip(), messages, turns, language):
            yield typed("", False), now, told, words, *busy()
        yield typed("", True), now, told, words, *idle(now)

    def retry(messages: Messages, turns: Turns, words: str, language: Language) -> Iterator[tuple[Any, ...]]:
        """Ask the last question again, in its own place."""
        was_answered = bool(turns) and turns[-1].question == words.strip()
        yield from ask(words, messages[:-2], turns[:-1] if was_answered else turns, language)

    def example(number: int, language: Language) -> gr.Button:
        known = examples_of(language)
        return gr.Button(known[number], visible=True) if number < len(known) else gr.Button(visible=False)

    def welcome(language: Language) -> gr.Chatbot:
        told = "" if engine.ready.is_set() else f'<p role="status">{text("loading", language)}</p>'
        promise = f"<h2>{text('welcome', language)}</h2><p>{text('promise', language)}</p>"
        words = f'<div class="welcome">{promise}{told}</div>'
        return gr.Chatbot(label=text("conversation", language), placeholder=words)

    outputs = [question, conversation, turns, last, send, stop, after, examples]
    inputs = [question, conversation, turns, language]
    limits: dict[str, Any] = {"concurrency_limit": STREAMS, **QUIET}
    asking = [
        gr.on(
            [question.submit, send.click], ask, inputs, outputs, api_name="ask", **limits | {"api_visibility": "public"}
        ),
        *(card.click(ask, [card, *inputs[1:]], outputs, **limits) for card in cards),
        again.click(retry, [conversation, turns, last, language], outputs, **limits),
    ]
    # In two steps: what the answer had under way must not arrive after the note that it was stopped.
    stop.click(None, cancels=asking, **QUIET).then(
        lambda messages, language: (typed("", True), stopped(messages, language), *idle(messages)),
        [conversation, language],
        [question, conversation, send, stop, after, examples],
        **QUIET,
    )
    fresh.click(lambda: ([], (), *idle([])), outputs=[conversation, turns, send, stop, after, examples], **QUIET)
    return {
        tab: label(gr.Tab, label="questions"),
        conversation: welcome,
        **{card: partial(example, number) for number, card in enumerate(cards)},
        question: label(gr.Textbox, label="question", placeholder="ask_placeholder"),
        send: label(gr.Button, "send"),
        stop: label(gr.Button, "stop"),
        again: label(gr.Button, "again"),
        fresh: label(gr.Button, "new_chat"),
    }
