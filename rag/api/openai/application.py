"""The API that OpenAI's clients speak, at `/v1`: models, chat completions, responses, embeddings.

There is one model, `documents`: it answers from the documents, or refuses, whatever a system message says. A citation
is a `url_citation` of the words that rest on it, with the exact span of its source beside: source, page, start, end and
quote.
"""

import base64
from dataclasses import replace
from typing import Any

import numpy as np
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse

from rag.api.access import Refused
from rag.api.failures import tell_failures
from rag.api.openai.completion import Completion
from rag.api.openai.requests import ChatRequest, EmbeddingRequest, ResponseRequest, question_of
from rag.api.openai.response import Response
from rag.api.tracing import NOTHING_OF_REQUESTS
from rag.index.embeddings import Embedder
from rag.people.sight import visible
from rag.service.engine import Engine

MODEL = "documents"
MAX_INPUTS = 256  # texts to embed in one request
EVENTS = "text/event-stream"


def openai_application(engine: Engine) -> FastAPI:
    """Build the application for `/v1`."""
    app = FastAPI(openapi_url=None, telemetry=NOTHING_OF_REQUESTS)
    tell_failures(app)
    count = engine.embedder.count_tokens

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
        question = replace(question_of(asked.messages), only=visible())
        completion = Completion(MODEL, count, _base_url(request))
        if not asked.stream:
            return completion.whole(engine.answering().invoke(question))
        with_usage = bool(asked.stream_options and asked.stream_options.include_usage)
        return StreamingResponse(completion.events(engine.stream(question), with_usage), media_type=EVENTS)

    @app.post("/responses", response_model=None)
    def responses(asked: ResponseRequest, request: Request) -> dict[str, Any] | StreamingResponse:
        """Answer a question, at once or as the answer grows; nothing is stored."""
        _check_model(asked.model, MODEL)
        question = replace(question_of(asked.messages), only=visible())
        response = Response(MODEL, count, _base_url(request))
        if not asked.stream:
            return response.whole(engine.answering().invoke(question))
        return StreamingResponse(response.events(engine.stream(question)), media_type=EVENTS)

    @app.post("/embeddings")
    def embeddings(asked: EmbeddingRequest) -> dict[str, Any]:
        """Embed texts with the model that searches."""
        _check_model(asked.model, MODEL, engine.settings.embedding_model)
        return _embeddings(asked, engine.embedder)

    return app


def _embeddings(asked: EmbeddingRequest, embedder: Embedder) -> dict[str, Any]:
    texts = [asked.input] if isinstance(asked.input, str) else asked.input
    if len(texts) > MAX_INPUTS:
        raise Refused(400, f"input: at most {MAX_INPUTS} texts at a time", "too_many_inputs")
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


def _base_url(request: Request) -> str:
    return str(request.base_url).removesuffix("v1/")


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "this machine"}


def _check_model(name: str, *known: str) -> None:
    if name not in known:
        raise Refused(404, f"model: there is no {name[:80]!r} here; there is {' and '.join(known)}", "model_not_found")
