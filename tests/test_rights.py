"""Nobody is told a byte of what is restricted to others, whatever they ask and however."""

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from rag.api.access import Access
from rag.api.application import Api
from rag.api.door import Door
from rag.cli.main import main
from rag.index.embeddings import Embedder
from rag.index.preparation import embedded_passages, prepare
from rag.people.people import People
from rag.schema import Document, Origin, Restriction
from rag.service.engine import Engine
from rag.settings import Settings
from rag.window.sources import source_router
from tests.contract.memory import MemoryIndex

PEOPLE = ("ana", "bo", "cy")
GROUPS = ("paie", "rh")
BASE = "http://127.0.0.1"
QUESTION = "Quel est le salaire de Mme Aubert ?"
MCP = {"accept": "application/json, text/event-stream", "mcp-protocol-version": "2025-06-18"}


class House:
    """Hold an application over an index in memory, and one document for each person."""

    def __init__(self, folder: Path, embedder: Embedder) -> None:
        self.engine = Engine(Settings(index=folder), create=True)
        self.index = self.engine.index = MemoryIndex(embedder)
        self.people = People(folder)
        self.keys = {name: self._key(name) for name in PEOPLE}
        with self.index.writing():
            prepare(self.index)
            for name in PEOPLE:
                self.store(f"{name}/canari-{name}.txt", f"Le salaire de Mme Aubert est canari-{name} euros.")
            self.index.publish()
        api = Api(self.engine, Access(None, False))
        app = FastAPI(lifespan=api.lifespan)
        app.add_middleware(Door, self.people, None, False)
        api.mount(app)
        app.include_router(source_router(self.index))
        self.app = app

    def _key(self, name: str) -> str:
        self.people.accounts.add(name, "quatre chevaux gris", "editor")
        return self.people.tokens.issue(name, "key")

    def store(self, source: str, text: str) -> None:
        document = Document(source, f"Titre {source}", "text", text)
        origin = Origin(Path(source), sha256(text.encode()).hexdigest(), len(text))
        self.index.add(document, origin, embedded_passages(document, self.index.embedder))

    def restrict(self, rights: dict[str, tuple[str, frozenset[str]]]) -> None:
        """Restrict each person's document in one way to some groups, and nothing else."""
        for name, (kind, groups) in rights.items():
            source = f"{name}/canari-{name}.txt"
            self.index.label(source, [f"label-{name}"])
            names = {"source": source, "folder": name, "label": f"label-{name}"}
            for each in ("source", "folder", "label"):
                own = groups if each == kind else frozenset[str]()
                self.index.restrict(Restriction(each, names[each], own))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> House:
    return House(tmp_path_factory.mktemp("rights"), embedder)


@pytest.fixture(scope="module")
def client(house: House) -> Iterator[TestClient]:
    with TestClient(house.app, BASE) as client:
        yield client


def called(method: str, **parameters: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}


def replies(client: TestClient, key: str) -> Iterator[str]:
    """Ask in every way for every document, and yield all that is said."""
    headers = {"authorization": f"Bearer {key}"}
    asked = {"model": "documents", "messages": [{"role": "user", "content": QUESTION}]}
    posts: list[tuple[str, dict[str, Any], dict[str, str]]] = [
        ("/api/ask", {"question": QUESTION}, {}),
        ("/api/ask", {"question": QUESTION}, {"accept": "text/event-stream"}),
        ("/api/ask", {"question": "Quels documents as-tu ?"}, {}),
        ("/api/search", {"query": QUESTION}, {}),
        ("/v1/chat/completions", asked, {}),
        ("/v1/chat/completions", {**asked, "stream": True}, {}),
        ("/v1/responses", {"model": "documents", "input": QUESTION}, {}),
        ("/mcp", called("resources/list"), MCP),
        ("/mcp", called("tools/call", name="search", arguments={"query": QUESTION}), MCP),
        ("/mcp", called("tools/call", name="ask", arguments={"question": QUESTION}), MCP),
    ]
    for path, body, more in posts:
        reply = client.post(path, json=body, headers=headers | more)
        assert reply.status_code == 200, (path, reply.text)
        yield reply.text
    yield client.get("/api/documents", headers=headers).text
    for name in PEOPLE:
        source = f"{name}/canari-{name}.txt"
        where = {"source": source, "span": "0-10"}
        for path in ("/api/source", "/source", "/document"):
            reply = client.get(path, params=where, headers=headers)
            if reply.status_code == 200:
                yield reply.text
        read = called("tools/call", name="read", arguments={"source": source})
        reply = client.post("/mcp", json=read, headers=headers | MCP)
        if not reply.json()["result"].get("isError"):
            yield reply.text


groups = st.frozensets(st.sampled_from(GROUPS))
kinds = st.sampled_from(("source", "folder", "label"))


@pytest.mark.slow
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    member=st.fixed_dictionaries(dict.fromkeys(PEOPLE, groups)),
    rights=st.fixed_dictionaries(dict.fromkeys(PEOPLE, st.tuples(kinds, groups))),
)
def test_no_canary_reaches_the_wrong_person(
    house: House,
    client: TestClient,
    member: dict[str, frozenset[str]],
    rights: dict[str, tuple[str, frozenset[str]]],
) -> None:
    house.restrict(rights)
    for person in PEOPLE:
        house.people.accounts.change(person, "editor", member[person])
        told = "\n".join(replies(client, house.keys[person]))
        for name, (_, shown_to) in rights.items():
            may_see = not shown_to or bool(shown_to & member[person])
            assert (f"canari-{name}" in told) == may_see, (person, name)


def test_a_hidden_document_can_be_neither_removed_nor_replaced(house: House, client: TestClient) -> None:
    with house.index.writing():
        house.store("cache.txt", "Le salaire de M. Caché.")
        house.index.restrict(Restriction("source", "cache.txt", frozenset({"paie"})))
        house.index.publish()
    house.people.accounts.change("ana", "editor", [])
    headers = {"authorization": f"Bearer {house.keys['ana']}"}
    removed = client.delete("/api/documents/cache.txt", headers=headers)
    missing = client.delete("/api/documents/nothing.txt", headers=headers)
    assert removed.status_code == missing.status_code == 404
    assert removed.text.replace("cache", "nothing") == missing.text
    files = {"files": ("cache.txt", b"Autre chose.")}
    assert client.post("/api/documents", files=files, headers=headers).status_code == 409
    document = house.index.document("cache.txt")
    assert document
    assert "Caché" in document.text
    line = house.people.audit.lines(1)[0]
    assert (line["who"], line["action"]) == ("ana", "added")
    assert "cache" not in json.dumps(house.people.audit.lines(9))


def test_the_command_line_restricts_and_labels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RAG_INDEX", str(tmp_path / "index"))
    (tmp_path / "paie").mkdir()
    (tmp_path / "paie" / "note.txt").write_text("Le salaire de Mme Aubert est de 4 410 euros.")
    assert main(["index", str(tmp_path / "paie")]) == 0
    source = "note.txt"
    assert main(["label", source, "direction"]) == 0
    assert main(["restrict", "label", "direction", "--group", "rh"]) == 0
    assert "shown to rh; 1 documents today" in capsys.readouterr().out
    index = Engine(Settings(index=tmp_path / "index")).index
    assert index.restrictions() == [Restriction("label", "direction", frozenset({"rh"}))]
    assert main(["label", "nothing.txt", "x"]) == 1
