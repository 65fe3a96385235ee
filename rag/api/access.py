"""Who may use the API, how much at a time, and what whoever may not is told."""

import hmac
import ipaddress
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.requests import Request

from rag.documents.parsed import MAX_FILE
from rag.people import sight

MAX_BODY = 1_000_000  # bytes of a request in JSON
MAX_UPLOAD = 10 * MAX_FILE
MAX_AT_ONCE = 64  # requests; more would only wait for each other
RETRY_AFTER = 1  # seconds


@dataclass
class Refused(Exception):
    """Say in one sentence why a request is not served: HTTP status, and a word for programs."""

    status: int
    message: str
    code: str


class Access:
    """Let in who brings the key, and from this machine itself everybody, unless a proxy is in front.

    A wrong key is refused from everywhere. It also bounds how much is served at once.
    """

    def __init__(self, key: str | None, is_behind_proxy: bool, places: int = MAX_AT_ONCE) -> None:
        self.key = key
        self.is_behind_proxy = is_behind_proxy
        self._places = places

    @asynccontextmanager
    async def place(self, request: Request) -> AsyncIterator[None]:
        """Hold a place for a request as long as it is served. Raises `Refused`."""
        self._check_key(request)
        if request.method == "POST":
            _check_length(request)
        if self._places == 0:
            sentence = f"too many requests at once; ask again in {RETRY_AFTER} second"
            raise Refused(429, sentence, "rate_limit_exceeded")
        self._places -= 1
        try:
            yield
        finally:
            self._places += 1

    def _check_key(self, request: Request) -> None:
        if sight.person.get():  # the door has let them in
            return
        scheme, _, sent = request.headers.get("authorization", "").partition(" ")
        is_same = hmac.compare_digest(sent.strip().encode(), (self.key or "").encode())
        if self.key and is_same and scheme.lower() == "bearer":
            return
        is_needed = bool(scheme and self.key) or not self._is_from_here(request)
        if is_needed and self.key is None:
            raise Refused(401, "the API is off for other machines; set RAG_API_KEY on the server", "api_off")
        if is_needed:
            sentence = "send the server's RAG_API_KEY as `Authorization: Bearer KEY`"
            raise Refused(401, sentence, "invalid_api_key")

    def _is_from_here(self, request: Request) -> bool:
        if self.is_behind_proxy or request.client is None:
            return False
        return ipaddress.ip_address(request.client.host.partition("%")[0]).is_loopback


def _check_length(request: Request) -> None:
    """Refuse a body before it is read."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        raise Refused(411, "say the length of the request in Content-Length", "length_required")
    is_upload = request.headers.get("content-type", "").startswith("multipart/")
    limit = MAX_UPLOAD if is_upload else MAX_BODY
    if int(length) > limit:
        raise Refused(413, f"the request is larger than {limit // 1_000_000} MB", "too_large")
