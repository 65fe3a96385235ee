"""The program's own API, at `/api`: ask, search, documents, the text of a source; `/api/openapi.json` describes it."""

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from fastapi import Depends, FastAPI, File, Query, Request, UploadFile
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from rag.answer.answer import Answer
from rag.answering import SHOWN
from rag.api import contents
from rag.api.access import Access, Refused
from rag.api.failures import failure, tell_failures
from rag.documents.parsed import MAX_FILE
from rag.index import protocol
from rag.indexing import Outcome, index_paths
from rag.problems import RagError
from rag.schema import Question, Turn
from rag.service.engine import Engine

EVENTS = "text/event-stream"
MAX_FILES = 100  # of one upload


class Exchange(BaseModel):
    """Hold an earlier question and its answer."""

    question: str
    answer: str


class Asked(BaseModel):
    """Hold a question, with the conversation so far, oldest first."""

    question: str
    history: list[Exchange] = []


class Searched(BaseModel):
    """Hold a query and how many passages are wanted."""

    query: str = Field(min_length=1, max_length=4000)
    k: int = Field(default=SHOWN, ge=1, le=SHOWN)


def native_application(engine: Engine, access: Access) -> FastAPI:
    """Build the application for `/api`."""
    app = FastAPI(title="Ask the documents", docs_url=None, redoc_url=None, dependencies=[Depends(access)])
    tell_failures(app)

    @app.post("/ask", response_model=None)
    def ask(asked: Asked, request: Request) -> dict[str, Any] | StreamingResponse:
        """Answer a question: the object of `ask --json`, or with `Accept: text/event-stream` each state of it."""
        question = Question(asked.question, tuple(Turn(t.question, t.answer) for t in asked.history))
        answering = engine.answering()
        if request.headers.get("accept", "").startswith(EVENTS):
            return StreamingResponse(_events(answering.stream(question)), media_type=EVENTS)
        return answering.invoke(question).to_dict()

    @app.post("/search")
    def search(asked: Searched) -> dict[str, Any]:
        """Find passages, best first."""
        return {"passages": contents.passages(engine, asked.query, asked.k)}

    @app.get("/documents")
    def documents() -> dict[str, Any]:
        """List the documents."""
        return {"documents": [_entry(entry) for entry in engine.index.documents()]}

    @app.post("/documents")
    def add(files: Annotated[list[UploadFile], File()]) -> dict[str, Any]:
        """Add or update documents; one that is there already, word for word, changes nothing."""
        if len(files) > MAX_FILES:
            raise Refused(413, f"at most {MAX_FILES} files at a time", "too_many_files")
        with TemporaryDirectory(prefix="rag-api-") as folder:
            paths = [_saved(file, Path(folder) / str(number)) for number, file in enumerate(files)]
            outcomes = index_paths(engine.writer(), paths)
        return {"outcomes": list(map(_outcome, outcomes))}

    @app.delete("/documents/{source:path}")
    def remove(source: str) -> dict[str, Any]:
        """Remove a document."""
        index = engine.writer()
        with index.writing():
            was_there = index.remove(source)
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


def _events(answers: Iterator[Answer]) -> Iterator[str]:
    """Write each state of an answer as an event; the last one is named `final`, a failure `error`."""
    try:
        for answer in answers:
            name = "final" if answer.final else "partial"
            yield f"event: {name}\ndata: {json.dumps(answer.to_dict(), ensure_ascii=False)}\n\n"
    except RagError as problem:
        yield f"event: error\ndata: {json.dumps(failure(str(problem), problem.code, 503), ensure_ascii=False)}\n\n"


def _saved(file: UploadFile, folder: Path) -> Path:
    """Write an upload to a folder of its own under its own name, which is never a path."""
    name = Path((file.filename or "").replace("\\", "/")).name
    if name in ("", ".", ".."):
        raise Refused(400, "files: each file needs a name", "no_name")
    if (file.size or 0) > MAX_FILE:
        raise Refused(413, f"{name} is larger than {MAX_FILE // 1_000_000} MB", "too_large")
    folder.mkdir()
    path = folder / name
    with path.open("wb") as out:
        while block := file.file.read(1 << 20):
            out.write(block)
    return path


def _entry(entry: protocol.Entry) -> dict[str, Any]:
    kept = ("source", "title", "kind", "passages", "added")
    return {**{name: getattr(entry, name) for name in kept}, "bytes": entry.origin.size}


def _outcome(outcome: Outcome) -> dict[str, Any]:
    why = {"why": str(outcome.why)} if outcome.why is not None else {}
    but = {"but": [str(problem) for problem in outcome.but]} if outcome.but else {}
    return {"source": outcome.source, "outcome": outcome.what, **why, **but}
