"""The web server around the window: who may connect, what a page may load, and whether questions can be answered."""

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

INLINE_SCRIPT = re.compile(rb"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL | re.IGNORECASE)
# Not by Gradio's `head=` and `css=`: the script must run before Gradio reads the browser's language, and Gradio
# rewrites selectors.
HEAD = (
    b'<head><script src="words.js"></script><script src="static/window/window.js"></script>'
    b'<script type="module" src="static/window/chat.js"></script>'
    b'<link rel="stylesheet" href="static/window/style.css"><link rel="icon" href="static/window/icon.svg">'
)
POLICY = (
    "default-src 'self'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'"
)


class Guard:
    """Refuse requests from other origins and say in each reply what a page may load: nothing but its own origin.

    The page's own inline scripts are allowed by their hashes (Content Security Policy level 3), so a script that a
    document smuggled in would not run even if it reached the page.
    """

    def __init__(self, app: Application) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        origin = headers.get(b"origin")
        if origin is not None and urlsplit(origin.decode("latin-1")).netloc != headers.get(b"host", b"").decode(
            "latin-1"
        ):
            await send({"type": "http.response.start", "status": 403, "headers": [(b"content-type", b"text/plain")]})
            await send({"type": "http.response.body", "body": b"requests from other sites are refused"})
            return
        await self.app(scope, receive, _Headers(send))


class _Headers:
    """Add the headers to a reply; a page of HTML is held back until it is whole, to hash its scripts."""

    def __init__(self, send: Send) -> None:
        self.send = send
        self.start: Message | None = None
        self.page = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [h for h in message["headers"] if not h[0].lower().startswith(b"access-control-")]
            is_page = (b"content-type", b"text/html; charset=utf-8") in kept
            kept = [h for h in kept if not (is_page and h[0].lower() == b"content-length")]
            message["headers"] = [
                *kept,
                (b"x-content-type-options", b"nosniff"),
                (b"referrer-policy", b"no-referrer"),
                (b"x-frame-options", b"DENY"),
            ]
            if is_page:
                self.start = message
                return
            message["headers"].append((b"content-security-policy", POLICY.format(scripts="").encode()))
        elif self.start is not None and message["type"] == "http.response.body":
            self.page += message.get("body", b"")
            if message.get("more_body"):
                return
            self.page = self.page.replace(b"<head>", HEAD, 1)
            digests = (base64.b64encode(hashlib.sha256(s).digest()).decode() for s in INLINE_SCRIPT.findall(self.page))
            scripts = " ".join(f"'sha256-{digest}'" for digest in digests)
            self.start["headers"].append((b"content-security-policy", POLICY.format(scripts=scripts).encode()))
            await self.send(self.start)
            message = {"type": "http.response.body", "body": self.page}
            self.start = None
        await self.send(message)
