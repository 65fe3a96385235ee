"""Who a conversation belongs to: whoever is logged in, else the browser that holds a cookie nobody can guess."""

import re
import secrets
from typing import Annotated

from fastapi import Depends, Request, Response

from rag.people.person import owner_id
from rag.people.sight import person
from rag.text.language import Language

COOKIE = "rag_owner"
OWNER = re.compile(r"[0-9a-f]{32}")
YEARS = 5 * 365 * 24 * 3600  # seconds
LANGUAGE_COOKIE = "rag_language"  # written by static/window.js


def owner_of(request: Request, response: Response) -> str:
    """Return who is logged in, else the owner that the browser holds, or give it one.

    No script of a page can read the cookie.
    """
    if whoever := person.get():
        return owner_id(whoever.name)
    owner = request.cookies.get(COOKIE, "")
    if not OWNER.fullmatch(owner):
        owner = secrets.token_hex(16)
    is_secure = request.url.scheme == "https"
    response.set_cookie(COOKIE, owner, max_age=YEARS, httponly=True, samesite="lax", secure=is_secure)
    return owner


def language_of(cookies: dict[str, str], accepted: str) -> Language:
    """Return the language chosen in this browser before, or the one that it asks for first."""
    chosen = cookies.get(LANGUAGE_COOKIE) or accepted
    return "fr" if chosen.lower().startswith("fr") else "en"


def interface_of(request: Request) -> Language:
    """Return the language in which the window speaks to whoever asks."""
    return language_of(request.cookies, request.headers.get("accept-language", ""))


Owner = Annotated[str, Depends(owner_of)]
Interface = Annotated[Language, Depends(interface_of)]
