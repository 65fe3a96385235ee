"""An answer as a response, whole or as events, in the simplest form: one message of one text.

Shapes: https://platform.openai.com/docs/api-reference/responses.
"""

import json
import time
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

from rag.answer.answer import Answer
from rag.api.openai.text import Growth, new_id, shown, url_citations
from rag.problems import RagError


class Response:
    """Write an answer as a response; `count_tokens` counts the tokens of a text."""

    def __init__(self, model: str, count_tokens: Callable[[str], int], base_url: str) -> None:
        self._count_tokens = count_tokens
        self._base_url = base_url
        self._message_id = new_id("msg")
        self._number = count()
        self._head = {
            "id": new_id("resp"),
            "object": "response",
            "created_at": int(time.time()),
            "model": model,
            "error": None,
            "incomplete_details": None,
            "instructions": None,
            "metadata": {},
            "parallel_tool_calls": False,
            "previous_response_id": None,
            "store": False,
            "tool_choice": "none",
            "tools": [],
        }

    def whole(self, answer: Answer) -> dict[str, Any]:
        """Write a whole answer."""
        return self._completed(answer, shown(answer.text))

    def events(self, answers: Iterator[Answer]) -> Iterator[str]:
        """Write an answer as it grows; the citations come with what is completed."""
        yield self._event("response.created", response=self._state("in_progress"))
        place = {"item_id": self._message_id, "output_index": 0, "content_index": 0}
        empty = {**self._message("in_progress"), "content": []}
        yield self._event("response.output_item.added", output_index=0, item=empty)
        yield self._event("response.content_part.added", **place, part=_part("", []))
        growth, pieces = Growth(answers), list[str]()
        try:
            for text in growth:
                pieces.append(text)
                yield self._event("response.output_text.delta", **place, delta=text, logprobs=[])
        except RagError as problem:
            error = {"code": "server_error", "message": str(problem)}
            yield self._event("response.failed", response={**self._state("failed"), "error": error})
            return
        if growth.answer is None:
            return
        text = "".join(pieces)
        completed = self._completed(growth.answer, text, growth.offset)
        message = completed["output"][0]
        yield self._event("response.output_text.done", **place, text=text, logprobs=[])
        yield self._event("response.content_part.done", **place, part=message["content"][0])
        yield self._event("response.output_item.done", output_index=0, item=message)
        yield self._event("response.completed", response=completed)

    def _event(self, kind: str, **held: Any) -> str:
        event = {"type": kind, "sequence_number": next(self._number), **held}
        return f"event: {kind}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n"

    def _state(self, status: str, *output: dict[str, Any]) -> dict[str, Any]:
        return {**self._head, "status": status, "output": list(output)}

    def _message(self, status: str) -> dict[str, Any]:
        return {"id": self._message_id, "type": "message", "role": "assistant", "status": status}

    def _completed(self, answer: Answer, text: str, offset: int = 0) -> dict[str, Any]:
        cited = url_citations(answer, self._base_url, offset)
        part = _part(text, [{"type": "url_citation", **citation} for citation in cited])
        message = {**self._message("completed"), "content": [part]}
        asked, told = self._count_tokens(answer.question), self._count_tokens(answer.text)
        usage = {
            "input_tokens": asked,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": told,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": asked + told,
        }
        return {**self._state("completed", message), "usage": usage}


def _part(text: str, annotations: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": annotations, "logprobs": []}
