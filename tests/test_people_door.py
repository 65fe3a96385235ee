"""The door: every route of the application, for nobody and for each role, as a plain client sees it."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from starlette.responses import Response
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from rag.api.door import COOKIE, Door
from rag.people.login import MOST
from rag.people.people import People
from rag.people.person import ROLES, Role
from rag.people.rules import OPEN, rules
from rag.problems import RagError
from rag.service.engine import Engine
from rag.settings import Settings
from rag.window.server import application, check_address
from tests.routes import routes

PASSWORD = "quatre chevaux gris"
PAGE = {"accept": "text/html,*/*"}
BASE = "http://127.0.0.1"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("people")
    people = People(folder)
    for role in ROLES:
        people.accounts.add(role, PASSWORD, role)
    return folder


@pytest.fixture(scope="module")
def app(folder: Path) -> Iterator[FastAPI]:
    """The whole application; no question is asked, so that its model need not load."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Engine, "start", lambda engine: None)
        keys = {"RAG_API_KEY": "the key of the operator"}
        settings = Settings(index=folder, login=True, keys=keys)

        async def built() -> FastAPI:  # in a loop that is closed: Gradio opens one where none is
            return application(Engine(settings, create=True))

        yield asyncio.run(built())


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    """A plain client that follows no redirect."""
    return TestClient(app, BASE, follow_redirects=False)


def session(folder: Path, name: str) -> dict[str, str]:
    return {"cookie": f"{COOKIE}={People(folder).tokens.issue(name, 'session')}"}


def filled(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "x", path)


def listed(app: FastAPI) -> list[tuple[str, str]]:
    return [(method, path) for method, path in routes(app.routes) if method != "HEAD"]


def test_every_route_has_a_rule(app: FastAPI) -> None:
    known = {(rule.method, rule.path) for rule in rules()}
    assert len(listed(app)) > 80
    assert [route for route in listed(app) if route not in known] == []
    assert {rule.who for rule in rules()} == {OPEN, *ROLES, "nobody"}


def test_nobody_passes_without_a_session(app: FastAPI, client: TestClient) -> None:
    opened = {(rule.method, rule.path) for rule in rules() if rule.who == OPEN}
    for method, path in listed(app):
        if (method, path) in opened:
            continue
        for headers in ({}, {"cookie": f"{COOKIE}=x"}, {"authorization": "Bearer x"}):
            reply = client.request(method, filled(path), headers=headers)
            assert reply.status_code == 401, (method, path)
    assert client.get("/nowhere").status_code == 401
    assert client.request("PATCH", "/api/ask").status_code == 401
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/gradio_api/queue/join"):
        pass


def test_a_browser_is_led_to_the_login(client: TestClient) -> None:
    reply = client.get("/", headers=PAGE)
    assert (reply.status_code, reply.headers["location"]) == (303, "/login")
    assert client.get("/api/documents", headers=PAGE).status_code == 401
    french = client.get("/login", headers={"accept-language": "fr-FR,en;q=0.5"})
    assert "Mot de passe" in french.text
    assert "<script" not in french.text
    assert "default-src 'self'" in french.headers["content-security-policy"]
    assert "Password" in client.get("/login", headers={"accept-language": "de,fr"}).text


async def passed(scope: Scope, receive: Receive, send: Send) -> None:
    """Stand for what is behind the door."""
    await Response(status_code=204)(scope, receive, send)


@pytest.mark.anyio
@pytest.mark.parametrize("role", ROLES)
async def test_each_role_passes_where_it_may(role: Role, app: FastAPI, folder: Path) -> None:
    door = Door(passed, People(folder), None, False)
    may = ROLES[: ROLES.index(role) + 1]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(door), base_url=BASE) as http:
        headers = session(folder, role)
        for rule in rules():
            if rule.path in ("/login", "/logout"):
                continue
            expected = 204 if rule.who in (OPEN, *may) else 404 if rule.who == "nobody" else 403
            reply = await http.request(rule.method, filled(rule.path), headers=headers)
            assert reply.status_code == expected, rule
        assert (await http.get("/nowhere", headers=headers)).status_code == 404
        assert (await http.request("PATCH", "/api/ask", headers=headers)).status_code == 404


def test_a_session_begins_and_ends(client: TestClient, folder: Path) -> None:
    form = {"name": "Reader", "password": PASSWORD}
    entry = client.post("/login", data=form)
    assert (entry.status_code, entry.headers["location"]) == (303, "/")
    cookie = entry.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie
    headers = {"cookie": cookie.partition(";")[0]}
    client.cookies.clear()
    assert client.get("/api/documents", headers=headers).json() == {"documents": []}
    assert client.post("/api/documents", headers=headers).status_code == 403
    assert client.post("/logout", headers=headers).status_code == 303
    assert client.get("/api/documents", headers=headers).status_code == 401
    did = [line["action"] for line in People(folder).audit.lines(3)]
    assert did == ["logged out", "was refused", "logged in"]


def test_keys_are_for_programs(client: TestClient, folder: Path) -> None:
    key = People(folder).tokens.issue("editor", "key")
    for known in (key, "the key of the operator"):
        headers = {"authorization": f"Bearer {known}"}
        assert client.get("/api/documents", headers=headers).status_code == 200
    assert client.get("/api/documents", headers={"cookie": f"{COOKIE}={key}"}).status_code == 401
    assert client.get("/api/documents", headers={"authorization": f"Basic {key}"}).status_code == 401


def test_other_sites_cannot_log_anybody_in(client: TestClient) -> None:
    form = {"name": "reader", "password": PASSWORD}
    assert client.post("/login", data=form, headers={"origin": "https://evil.invalid"}).status_code == 403


def test_wrong_passwords_are_told_and_paused(client: TestClient, folder: Path) -> None:
    form = {"name": '"><script>', "password": "wrong"}
    reply = client.post("/login", data=form, headers=PAGE)
    assert reply.status_code == 401
    assert "<script>" not in reply.text
    assert client.post("/login", content=b"name=" + b"x" * 10_000).status_code == 413
    for _ in range(MOST):
        last = client.post("/login", data={"name": "reader", "password": "wrong"})
    assert last.status_code == 429
    paused = client.post("/login", data={"name": "admin", "password": PASSWORD})
    assert paused.status_code == 429
    assert 0 < int(paused.headers["retry-after"]) <= 60


@pytest.mark.anyio
async def test_behind_a_proxy_the_cookie_is_secure(folder: Path) -> None:
    door = Door(passed, People(folder), None, True)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(door), base_url=BASE) as http:
        form = {"name": "editor", "password": PASSWORD}
        forwarded = {"x-forwarded-for": "127.0.0.1, 198.51.100.7"}
        reply = await http.post("/login", data=form, headers=forwarded)
        assert "Secure" in reply.headers["set-cookie"]


def test_it_does_not_start_where_nobody_can_log_in(folder: Path, tmp_path: Path) -> None:
    for settings in (Settings(index=tmp_path, host="0.0.0.0"), Settings(index=tmp_path, login=True)):
        with pytest.raises(RagError, match=r"add a person with python -m rag user add NAME"):
            check_address(settings, None)
    assert list(tmp_path.iterdir()) == []
    check_address(Settings(index=folder, login=True, port=1 << 15), None)
    check_address(Settings(index=tmp_path, host="0.0.0.0", port=1 << 15), "chat.example.org")
