"""What stands before the whole application where people log in: nobody passes without a right."""

import hmac
from functools import partial
from urllib.parse import parse_qs

import anyio
from anyio.to_thread import run_sync
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from rag.api.failures import reply
from rag.people import sight
from rag.people.audit import digest_of
from rag.people.login import Paused
from rag.people.page import WORDS, login_page, preferred
from rag.people.people import People
from rag.people.person import Person
from rag.people.rules import OPEN, Rule, rule_of
from rag.people.sight import PERSON
from rag.people.tokens import SESSION
from rag.problems import RagError

COOKIE = "rag_session"
PROGRAMS = ("/api/", "/v1/", "/mcp", "/metrics", "/gradio_api/", "/openapi.json")
MAX_FORM = 8192  # bytes
OPERATOR = Person("RAG_API_KEY", "admin")  # names of people have no capitals


class Door:
    """Serve the log-in, and pass on what the rules allow to whoever is logged in."""

    def __init__(self, app: ASGIApp, people: People, key: str | None, is_behind_proxy: bool) -> None:
        self.app = app
        self._people = people
        self._key = key
        self._is_behind_proxy = is_behind_proxy
        self._one = anyio.CapacityLimiter(1)  # passwords are checked one after the other

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        try:
            decision = await self._decision(scope, receive)
        except RagError as problem:
            decision = reply(503, str(problem), problem.code)
        if isinstance(decision, Response):
            await _send(decision, scope, receive, send)
            return
        scope[PERSON] = decision
        former = sight.person.set(decision)
        try:
            await self.app(scope, receive, send)
        finally:
            sight.person.reset(former)

    async def _decision(self, scope: Scope, receive: Receive) -> Response | Person | None:
        """Return who may pass, None for everybody, or what is answered in its place."""
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        found = rule_of(scope.get("method", "WEBSOCKET"), path)
        if found and found[0].who == OPEN:
            return await self._login(Request(scope, receive)) if path == "/login" else None
        connection = HTTPConnection(scope)
        person = await run_sync(self._person, connection)
        if person is None:
            return _unknown(connection, path)
        refusal = await self._refusal(person, found)
        if refusal is None and path == "/logout":
            return await self._logout(connection)
        return refusal or person

    def _person(self, connection: HTTPConnection) -> Person | None:
        """Return who it is: by a key where one is sent, else by the session."""
        tokens = self._people.tokens
        if "authorization" in connection.headers:
            scheme, _, sent = connection.headers["authorization"].partition(" ")
            sent = sent.strip()
            if scheme.lower() != "bearer" or not sent:
                return None
            if self._key and hmac.compare_digest(sent.encode(), self._key.encode()):
                return OPERATOR
            return tokens.person(sent, "key")
        token = connection.cookies.get(COOKIE)
        return tokens.person(token, "session") if token else None

    async def _refusal(self, person: Person, found: tuple[Rule, dict[str, str]] | None) -> Response | None:
        """Say no, or write down what is allowed."""
        if found is None or found[0].who == "nobody":
            return reply(404, "there is nothing at this address", "not_served")
        rule, values = found
        note = partial(self._people.audit.note, person.name)
        if not rule.lets(person):
            await run_sync(partial(note, "was refused", route=rule.path))
            return reply(403, f"this is for the role {rule.who}", "not_allowed")
        if rule.action:
            document = {"document": digest_of(values["source"])} if "source" in values else {}
            await run_sync(partial(note, rule.action, **document))
        return None

    async def _login(self, request: Request) -> Response:
        language = preferred(request.headers.get("accept-language", ""))
        if request.method != "POST":
            return HTMLResponse(login_page(language))
        form = await _form(request)
        if form is None:
            return reply(413, f"send name and password in at most {MAX_FORM} bytes", "too_large")
        name, password = form
        enter = partial(self._people.enter, name, password, self._address(request))
        is_page = "text/html" in request.headers.get("accept", "")
        try:
            token = await run_sync(enter, limiter=self._one)
        except Paused as paused:
            sentence = WORDS[language]["paused"].format(seconds=paused.seconds)
            headers = {"retry-after": str(paused.seconds)}
            if is_page:
                return HTMLResponse(login_page(language, name, sentence), 429, headers)
            refusal = reply(429, sentence, "too_many_wrong_passwords")
            refusal.headers.update(headers)
            return refusal
        if token is None:
            sentence = WORDS[language]["wrong"]
            if is_page:
                return HTMLResponse(login_page(language, name, sentence), 401)
            return reply(401, sentence, "wrong_password")
        entry = RedirectResponse(f"{request.scope.get('root_path', '')}/", 303)
        lasts = int(SESSION.total_seconds())
        is_secure = self._is_behind_proxy or request.url.scheme == "https"
        entry.set_cookie(COOKIE, token, lasts, httponly=True, samesite="lax", secure=is_secure)
        return entry

    async def _logout(self, connection: HTTPConnection) -> Response:
        token = connection.cookies.get(COOKIE, "")
        await run_sync(self._people.leave, token)
        response = RedirectResponse(f"{connection.scope.get('root_path', '')}/login", 303)
        response.delete_cookie(COOKIE, httponly=True, samesite="lax")
        return response

    def _address(self, request: Request) -> str:
        """Return where a request comes from: a proxy tells it last in X-Forwarded-For."""
        client = request.client.host if request.client else ""
        if not self._is_behind_proxy:
            return client
        return request.headers.get("x-forwarded-for", client).rpartition(",")[2].strip()


def _unknown(connection: HTTPConnection, path: str) -> Response:
    """Lead a browser that wants a page to the log-in, and tell all others."""
    scope = connection.scope
    is_page = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
    is_page = is_page and "text/html" in connection.headers.get("accept", "")
    if is_page and not path.startswith(PROGRAMS):
        return RedirectResponse(f"{scope.get('root_path', '')}/login", 303)
    refusal = reply(401, "log in at /login, or send a key as `Authorization: Bearer KEY`", "not_logged_in")
    refusal.headers["www-authenticate"] = "Bearer"
    return refusal


async def _send(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer; a websocket is closed where its server cannot send a response."""
    if scope["type"] == "websocket" and "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008})
        return
    await response(scope, receive, send)


async def _form(request: Request) -> tuple[str, str] | None:
    """Read name and password, or None where more is sent than they can be."""
    body = b""
    async for block in request.stream():
        body += block
        if len(body) > MAX_FORM:
            return None
    try:
        fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=10)
    except ValueError:
        return None
    return fields.get("name", [""])[0], fields.get("password", [""])[0]
