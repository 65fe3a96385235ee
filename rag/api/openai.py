"""The API that OpenAI's clients speak, at `/v1`: models, chat completions with citations, embeddings.

Shapes: https://platform.openai.com/docs/api-reference/chat. There is one model, `documents`: it answers from the
documents, or refuses, whatever a system message says. A citation is a `url_citation` of the words that rest on it, with
the exact span of its source beside: source, page, start, end and quote.
"""

import base64
import json
import time
import uuid
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Literal
from urllib.parse import urlencode

import numpy as np
from fastapi import Depends, FastAPI, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from rag.answer.answer import Answer
from rag.api.access import Access, Refused
from rag.api.failures import failure, tell_failures
from rag.problems import RagError
from rag.schema import Question, Turn
from rag.service.engine import Engine

MODEL = "documents"
MAX_INPUTS = 256  # texts to embed in one request


class Part(BaseModel):
    """Hold a part of a message; only text is read."""

    type: str
    text: str = ""


class Message(BaseModel):
    """Hold a message of a conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None

    @property
    def text(self) -> str:
        """Read what it says. Raises `Refused` where it is no text."""
        if isinstance(self.content, str) or self.content is None:
            return self.content or ""
        if any(part.type != "text" for part in self.content):
            raise Refused(400, "messages: only text can be asked", "unsupported_content")
        return "\n".join(part.text for part in self.content)


class StreamOptions(BaseModel):
    """Hold what a stream ends with."""

    include_usage: bool = False


class ChatRequest(BaseModel):
    """Hold a conversation to go on with; what a language model could be tuned with is accepted and means nothing."""

    model: str
    messages: list[Message] = Field(min_length=1)
    stream: bool = False
    stream_options: StreamOptions | None = None
    n: Literal[1] | None = 1


class EmbeddingRequest(BaseModel):
    """Hold texts to embed: passages, or with `input_type` queries."""

    model: str
    input: str | list[str] = Field(min_length=1, max_length=1_000_000)
    encoding_format: Literal["float", "base64"] = "float"
    input_type: Literal["passage", "query"] = "passage"


def openai_application(engine: Engine, access: Access) -> FastAPI:
    """Build the application for `/v1`."""
    app = FastAPI(openapi_url=None, dependencies=[Depends(access)])
    tell_failures(app)

    @app.get("/models")
    def models() -> dict[str, Any]:
        """List the models: one that answers and one that embeds."""
        names = (MODEL, engine.settings.embedding_model)
        return {"object": "list", "data": [_model(name) for name in names]}

    @app.get("/models/{name:path}")
    def model(name: str) -> dict[str, Any]:
        """Describe a model."""
        _check_model(name, MODEL, engine.settings.embedding_model)
        return _model(name)

    @app.post("/chat/completions", response_model=None)
    def chat(asked: ChatRequest, request: Request) -> dict[str, Any] | StreamingResponse:
        """Answer the last message of a conversation, at once or as the answer grows."""
        _check_model(asked.model, MODEL)
        question = question_of(asked.messages)
        answering = engine.answering()
        completion = Completion(engine, question, str(request.base_url).removesuffix("v1/"))
        if not asked.stream:
            return completion.whole(answering.invoke(question))
        with_usage = bool(asked.stream_options and asked.stream_options.include_usage)
        return StreamingResponse(
            completion.events(answering.stream(question), with_usage), media_type="text/event-stream"
        )

    @app.post("/embeddings")
    def embeddings(asked: EmbeddingRequest) -> dict[str, Any]:
        """Embed texts with the model that searches."""
        _check_model(asked.model, MODEL, engine.settings.embedding_model)
        texts = [asked.input] if isinstance(asked.input, str) else asked.input
        if len(texts) > MAX_INPUTS:
            raise Refused(400, f"input: at most {MAX_INPUTS} texts at a time", "too_many_inputs")
        embedder = engine.embedder
        encode = embedder.encode_queries if asked.input_type == "query" else embedder.encode_passages
        rows = [np.asarray(row, "<f4") for row in encode(texts)]
        as_text = asked.encoding_format == "base64"
        data = [
            {
                "object": "embedding",
                "index": number,
                "embedding": base64.b64encode(row.tobytes()).decode() if as_text else row.tolist(),
            }
            for number, row in enumerate(rows)
        ]
        count = sum(map(embedder.count_tokens, texts))
        usage = {"prompt_tokens": count, "total_tokens": count}
        return {"object": "list", "model": asked.model, "data": data, "usage": usage}

    return app


def question_of(messages: list[Message]) -> Question:
    """Take the last message as the question and each exchange before it as a turn. Raises `Refused`."""
    said = [message for message in messages if message.role in ("user", "assistant")]
    if not said or said[-1].role != "user":
        raise Refused(400, "messages: the last one must be the user's question", "no_question")
    turns = (
        Turn(one.text, next_one.text)
        for one, next_one in pairwise(said)
        if (one.role, next_one.role) == ("user", "assistant")
    )
    return Question(said[-1].text, tuple(turns))


class Completion:
    """Write an answer as a chat completion, whole or in chunks."""

    def __init__(self, engine: Engine, question: Question, base_url: str) -> None:
        self._engine = engine
        self._question = question
        self._base_url = base_url
        self._head = {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": int(time.time()), "model": MODEL}

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
        """Write an answer as it grows, as server-sent events; the citations come with the last chunk."""
        yield self._event({"role": "assistant", "content": ""})
        said, answer = "", None
        try:
            for answer in answers:
                text = shown(answer.text)
                if not text.startswith(said):  # what a model wrote was given up
                    yield self._event({"content": "\n\n"})
                    said = ""
                if text != said:
                    yield self._event({"content": text[len(said) :]})
                said = text
        except RagError as problem:
            yield f"data: {json.dumps(failure(str(problem), problem.code, 503), ensure_ascii=False)}\n\n"
            return
        yield self._event({"annotations": self._annotations(answer) if answer else []}, "stop")
        if with_usage and answer:
            yield self._chunk(choices=[], usage=self._usage(answer))
        yield "data: [DONE]\n\n"

    def _event(self, delta: dict[str, Any], finish: str | None = None) -> str:
        return self._chunk(choices=[{"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}])

    def _chunk(self, **held: Any) -> str:
        chunk = {**self._head, "object": "chat.completion.chunk", **held}
        return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n"

    def _annotations(self, answer: Answer) -> list[dict[str, Any]]:
        cited = {citation.number: citation for citation in answer.citations}
        return [
            {"type": "url_citation", "url_citation": self._citation(cited[number], *span)}
            for statement, span in zip(answer.statements, answer.spans, strict=True)
            for number in statement.citations
            if number in cited
        ]

    def _citation(self, citation: Any, start: int, end: int) -> dict[str, Any]:
        place = urlencode({"source": citation.source, "span": f"{citation.start}-{citation.end}"})
        kept = ("source", "page", "start", "end", "quote")
        return {
            "url": f"{self._base_url}document?{place}",
            "title": citation.title,
            "start_index": start,
            "end_index": end,
            **{name: getattr(citation, name) for name in kept},
        }

    def _usage(self, answer: Answer) -> dict[str, int]:
        count = self._engine.embedder.count_tokens
        asked, told = count(self._question.text), count(answer.text)
        return {"prompt_tokens": asked, "completion_tokens": told, "total_tokens": asked + told}


def shown(text: str) -> str:
    """Keep a picture that a document names from being fetched by whoever renders the answer: it becomes a link.

    An exclamation mark gives way to one of the same width, so that spans hold.
    """
    return text.replace("![", "\uff01[")


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "this machine"}


def _check_model(name: str, *known: str) -> None:
    if name not in known:
        raise Refused(404, f"model: there is no {name[:80]!r} here; there is {' and '.join(known)}", "model_not_found")
