"""What is told of a request that failed: one sentence, in the form that OpenAI's clients know."""

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from rag.api.access import RETRY_AFTER, Refused
from rag.problems import RagError

log = logging.getLogger(__name__)


def failure(message: str, code: str, status: int) -> dict[str, Any]:
    """Describe a failure."""
    kind = "invalid_request_error" if status < 500 else "server_error"
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def reply(status: int, message: str, code: str) -> JSONResponse:
    """Make the response to a request that failed."""
    headers = {"retry-after": str(RETRY_AFTER)} if status in (429, 503) else {}
    return JSONResponse(failure(message, code, status), status, headers)


def tell_failures(app: FastAPI) -> None:
    """Answer each kind of failure with one sentence; what nobody foresaw is logged and not told."""

    @app.exception_handler(Refused)
    async def refused(request: Request, problem: Refused) -> JSONResponse:
        return reply(problem.status, problem.message, problem.code)

    @app.exception_handler(RequestValidationError)
    async def wrong(request: Request, problem: RequestValidationError) -> JSONResponse:
        first = problem.errors()[0]
        place = ".".join(str(part) for part in first["loc"][1:]) or "the request"
        return reply(400, f"{place}: {first['msg']}", "invalid_request")

    @app.exception_handler(HTTPException)
    async def not_served(request: Request, problem: HTTPException) -> JSONResponse:
        return reply(problem.status_code, f"{problem.detail}: {request.method} {request.url.path}", "not_served")

    @app.exception_handler(RagError)
    async def known(request: Request, problem: RagError) -> JSONResponse:
        return reply(404 if problem.code == "document.unknown" else 503, str(problem), problem.code)

    @app.exception_handler(Exception)
    async def unforeseen(request: Request, problem: Exception) -> JSONResponse:
        return reply(500, "the request failed; the server's log says why", "internal_error")
