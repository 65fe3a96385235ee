"""A name for each request, by which its reply and what is logged meanwhile are found again."""

import logging
import re
import time
import uuid
from contextvars import ContextVar

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "x-request-id"
GIVEN = re.compile(rb"[\w.-]{1,64}", re.ASCII)

REQUESTS = __name__
log = logging.getLogger(REQUESTS)
request_id: ContextVar[str] = ContextVar("request_id", default="")


class RequestId:
    """Tell each request's name in its reply: the one that it brings, or a new one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(HEADER.encode(), b"")
        name = given.decode() if GIVEN.fullmatch(given) else uuid.uuid4().hex
        token = request_id.set(name)
        began = time.monotonic()
        status = 0

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = name
            await send(message)

        try:
            await self.app(scope, receive, named)
        finally:
            area = "/".join(scope["path"].split("/")[:3])  # what follows may name a document
            seconds = round(time.monotonic() - began, 4)
            held = {"method": scope["method"], "area": area, "status": status, "seconds": seconds}
            log.info("request", extra=held)
            request_id.reset(token)
