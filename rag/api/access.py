"""Who may use the API, how much at a time, and what whoever may not is told."""

import hmac
import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from threading import BoundedSemaphore

from starlette.requests import Request

MAX_BODY = 1_000_000  # bytes of a request in JSON
MAX_AT_ONCE = 64  # requests; more would only wait for each other
RETRY_AFTER = 1  # seconds


@dataclass
class Refused(Exception):
    """Say in one sentence why a request is not served: HTTP status, and a word for programs to know it by."""

    status: int
    message: str
    code: str


class Access:
    """Let in who brings the key, and from this machine itself everybody, unless a proxy stands in front.

    A dependency of every route; it also bounds how much is served at once.
    """

    def __init__(self, key: str | None, is_behind_proxy: bool) -> None:
        self.key = key
        self.is_behind_proxy = is_behind_proxy
        self._room = BoundedSemaphore(MAX_AT_ONCE)

    def __call__(self, request: Request) -> Iterator[None]:
        """Hold a place for a request as long as it is served. Raises `Refused`."""
        if not (self._is_from_here(request) or self._has_key(request)):
            if self.key is None:
                raise Refused(401, "the API is off for other machines; set RAG_API_KEY on the server", "api_off")
            raise Refused(401, "send the server's RAG_API_KEY as `Authorization: Bearer KEY`", "invalid_api_key")
        if request.method == "POST":
            _check_length(request)
        if not self._room.acquire(blocking=False):
            raise Refused(429, f"too many requests at once; ask again in {RETRY_AFTER} second", "rate_limit_exceeded")
        try:
            yield
        finally:
            self._room.release()

    def _is_from_here(self, request: Request) -> bool:
        if self.is_behind_proxy or request.client is None:
            return False
        return ipaddress.ip_address(request.client.host.partition("%")[0]).is_loopback

    def _has_key(self, request: Request) -> bool:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        known = (self.key or "").encode()
        return bool(known) and scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), known)


def _check_length(request: Request) -> None:
    """Refuse a body before it is read; uploads have the limit of a file."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        raise Refused(411, "say the length of the request in Content-Length", "length_required")
    if int(length) > MAX_BODY and not request.headers.get("content-type", "").startswith("multipart/"):
        raise Refused(413, f"the request is larger than {MAX_BODY // 1_000_000} MB", "too_large")
