"""The turns of a conversation: what a person asks and what the window shows while an answer comes."""

import logging
from collections.abc import Iterator
from typing import Any

from rag.problems import RagError
from rag.schema import Question, Turn
from rag.service.engine import Engine
from rag.text.language import Language
from rag.window.render import answer_html, shown
from rag.window.rights import seen
from rag.window.texts import text

log = logging.getLogger(__name__)
Messages = list[dict[str, Any]]
Turns = tuple[Turn, ...]


def said(role: str, html: str) -> dict[str, Any]:
    """Make a message of the conversation."""
    return {"role": role, "content": html}


def note(words: str) -> dict[str, Any]:
    """Make a message in which the window speaks for itself."""
    return said("assistant", f'<div class="answer"><p class="aside">{shown(words)}</p></div>')


def reply(
    engine: Engine, question: str, messages: Messages, turns: Turns, interface: Language
) -> Iterator[tuple[Messages, Turns]]:
    """Show the question at once, what is happening, the answer as it grows, and remember the turn when it is whole."""
    asked = [*messages, said("user", f"<p>{shown(question)}</p>")]
    waiting = text("searching" if engine.ready.is_set() else "loading", interface)
    yield [*asked, note(waiting)], turns
    try:
        for answer in engine.answering().stream(Question(question, turns, seen())):
            if answer.final:
                turns = (*turns, Turn(question, answer.text, answer.trace.kind))
            yield [*asked, said("assistant", answer_html(answer, interface))], turns
    except RagError as problem:
        yield [*asked, note(problem.told(interface))], turns
    except Exception:
        log.exception("a question could not be answered")
        yield [*asked, note(text("failed", interface))], turns


def stopped(messages: Messages, interface: Language) -> Messages:
    """Say that an answer was stopped, in the place where it would have stood."""
    kept = messages[:-1] if messages and messages[-1]["role"] == "assistant" else messages
    return [*kept, note(text("stopped", interface))]
