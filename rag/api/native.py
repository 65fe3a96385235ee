"""The program's own API, at `/api`: ask, search, documents, the text of a source."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import FastAPI, File, Query, Request, UploadFile
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from rag.answer.answer import Answer
from rag.answering import SHOWN
from rag.api import contents
from rag.api.failures import failure, tell_failures
from rag.api.tracing import NOTHING_OF_REQUESTS
from rag.api.uploads import Step, Upload
from rag.indexing import Outcome
from rag.people.sight import visible
from rag.problems import RagError
from rag.schema import Entry, Kind, Question, Turn
from rag.service.engine import Engine

EVENTS = "text/event-stream"


class Exchange(BaseModel):
    """Hold an earlier question and its answer."""

    question: str
    answer: str
    kind: Kind | None = None


class Asked(BaseModel):
    """Hold a question, with the conversation so far, oldest first."""

    question: str
    history: list[Exchange] = []


class Searched(BaseModel):
    """Hold a query and how many passages are wanted."""

    query: str = Field(min_length=1, max_length=4000)
    k: int = Field(default=SHOWN, ge=1, le=SHOWN)


def native_application(engine: Engine) -> FastAPI:
    """Build the application for `/api`."""
    app = FastAPI(openapi_url=None, telemetry=NOTHING_OF_REQUESTS)
    tell_failures(app)

    @app.post("/ask", response_model=None)
    def ask(asked: Asked, request: Request) -> dict[str, Any] | StreamingResponse:
        """Answer a question: the object of `ask --json`, or with `Accept: text/event-stream` each state of it."""
        turns = tuple(Turn(t.question, t.answer, t.kind) for t in asked.history)
        question = Question(asked.question, turns, visible())
        if _wants_events(request):
            return StreamingResponse(_answer_events(engine.stream(question)), media_type=EVENTS)
        return engine.answering().invoke(question).to_dict()

    @app.post("/search")
    def search(asked: Searched) -> dict[str, Any]:
        """Find passages, best first."""
        return {"passages": contents.passages(engine, asked.query, asked.k)}

    @app.get("/documents")
    def documents() -> dict[str, Any]:
        """List the documents."""
        return {"documents": [_entry(entry) for entry in engine.index.documents(visible())]}

    @app.post("/documents", response_model=None)
    def add(files: Annotated[list[UploadFile], File()], request: Request) -> dict[str, Any] | StreamingResponse:
        """Add or update documents; one that is there already, word for word, changes nothing.

        With `Accept: text/event-stream` each step is told.
        """
        upload = Upload(files)
        upload.check_names(engine.index, visible())
        if _wants_events(request):
            return StreamingResponse(_upload_events(upload.steps(engine)), media_type=EVENTS)
        return _outcomes(upload.outcomes(engine))

    @app.delete("/documents/{source:path}")
    def remove(source: str) -> dict[str, Any]:
        """Remove a document."""
        index = engine.writer()
        with index.writing():
            was_there = index.find(source=source, only=visible()) is not None
            was_there = was_there and index.remove(source)
            index.publish()
        if not was_there:
            raise RagError("document.unknown", source=source)
        return {"removed": source}

    @app.get("/source")
    def source(
        source: str, start: Annotated[int, Query(ge=0)] = 0, end: Annotated[int | None, Query(ge=0)] = None
    ) -> dict[str, Any]:
        """Read the text of a document, or a span of it."""
        return contents.span(engine, source, start, end)

    return app


def _wants_events(request: Request) -> bool:
    return request.headers.get("accept", "").startswith(EVENTS)


def _answer_events(answers: Iterator[Answer]) -> Iterator[str]:
    """Write each state of an answer; the last one is named `final`, a failure `error`."""
    try:
        for answer in answers:
            yield _event("final" if answer.final else "partial", answer.to_dict())
    except RagError as problem:
        yield _event("error", failure(str(problem), problem.code, 503))


def _upload_events(steps: Iterator[Step | list[Outcome]]) -> Iterator[str]:
    """Write each step of an upload; what became of the files is named `final`, a failure `error`."""
    try:
        for step in steps:
            if isinstance(step, Step):
                yield _event("progress", asdict(step))
            else:
                yield _event("final", _outcomes(step))
    except RagError as problem:
        yield _event("error", failure(str(problem), problem.code, 503))


def _event(name: str, data: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def _entry(entry: Entry) -> dict[str, Any]:
    kept = ("source", "title", "kind", "passages", "added")
    return {**{name: getattr(entry, name) for name in kept}, "bytes": entry.origin.size}


def _outcomes(outcomes: list[Outcome]) -> dict[str, Any]:
    return {"outcomes": [_outcome(outcome) for outcome in outcomes]}


def _outcome(outcome: Outcome) -> dict[str, Any]:
    why = {"why": str(outcome.why)} if outcome.why is not None else {}
    but = {"but": [str(problem) for problem in outcome.but]} if outcome.but else {}
    return {"source": outcome.source, "outcome": outcome.what, **why, **but}
