"""What stands before each part of the API: nothing of a request is read before it is let in."""

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from rag.api.access import Access, Refused
from rag.api.failures import reply


class Gate:
    """Pass on the requests that `access` lets in, and hold their place until they are answered."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app = app
        self.access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            async with self.access.place(Request(scope)):
                await self.app(scope, receive, send)
        except Refused as problem:
            await reply(problem.status, problem.message, problem.code)(scope, receive, send)
