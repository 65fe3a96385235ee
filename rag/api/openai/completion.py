"""An answer as a chat completion, whole or in chunks.

Shapes: https://platform.openai.com/docs/api-reference/chat.
"""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

from rag.answer.answer import Answer
from rag.api.failures import failure
from rag.api.openai.text import Growth, new_id, shown, url_citations
from rag.problems import RagError


class Completion:
    """Write an answer as a chat completion; `count` counts the tokens of a text."""

    def __init__(self, model: str, count: Callable[[str], int], base_url: str) -> None:
        self._count = count
        self._base_url = base_url
        self._head = {"id": new_id("chatcmpl"), "created": int(time.time()), "model": model}

    def whole(self, answer: Answer) -> dict[str, Any]:
        """Write a whole answer."""
        message = {
            "role": "assistant",
            "content": shown(answer.text),
            "refusal": None,
            "annotations": self._annotations(answer),
        }
        choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
        return {**self._head, "object": "chat.completion", "choices": [choice], "usage": self._usage(answer)}

    def events(self, answers: Iterator[Answer], with_usage: bool) -> Iterator[str]:
        """Write an answer as it grows; the citations come with the last chunk."""
        yield self._event({"role": "assistant", "content": ""})
        growth = Growth(answers)
        try:
            for text in growth:
                yield self._event({"content": text})
        except RagError as problem:
            yield f"data: {json.dumps(failure(str(problem), problem.code, 503), ensure_ascii=False)}\n\n"
            return
        answer = growth.answer
        annotations = self._annotations(answer, growth.offset) if answer else []
        yield self._event({"annotations": annotations}, "stop")
        if with_usage and answer:
            yield self._chunk(choices=[], usage=self._usage(answer))
        yield "data: [DONE]\n\n"

    def _event(self, delta: dict[str, Any], finish: str | None = None) -> str:
        return self._chunk(choices=[{"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}])

    def _chunk(self, **held: Any) -> str:
        chunk = {**self._head, "object": "chat.completion.chunk", **held}
        return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n"

    def _annotations(self, answer: Answer, offset: int = 0) -> list[dict[str, Any]]:
        cited = url_citations(answer, self._base_url, offset)
        return [{"type": "url_citation", "url_citation": citation} for citation in cited]

    def _usage(self, answer: Answer) -> dict[str, int]:
        asked, told = self._count(answer.question), self._count(answer.text)
        return {"prompt_tokens": asked, "completion_tokens": told, "total_tokens": asked + told}
