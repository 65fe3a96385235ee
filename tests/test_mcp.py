"""The tools for language models, asked for by the protocol's own client, over stdio and over HTTP."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from mcp import Client, MCPError, StdioServerParameters
from mcp_types import CallToolResult, TextContent, TextResourceContents

from rag.api.access import Access
from rag.api.application import Api
from rag.service.engine import Engine
from rag.settings import Settings
from tests.conftest import ROOT, SEEDS

QUESTION = "what tools does Kaufman recommend for lawyers?"
LISTING = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
SENT = {"accept": "application/json, text/event-stream", "mcp-protocol-version": "2025-06-18"}


def told(result: CallToolResult) -> dict[str, Any]:
    """Read what a tool gives; its text and its structure say the same."""
    (block,) = result.content
    assert isinstance(block, TextContent)
    assert not result.is_error, block.text
    assert json.loads(block.text) == result.structured_content
    held: dict[str, Any] = json.loads(block.text)
    return held


async def check(client: Client) -> None:
    """Use every tool and resource as a language model's host does."""
    assert sorted(tool.name for tool in (await client.list_tools()).tools) == ["ask", "read", "search"]
    answer = told(await client.call_tool("ask", {"question": QUESTION}))
    assert not answer["refused"]
    assert "Legora" in answer["answer"]
    for citation in answer["citations"]:
        place = {name: citation[name] for name in ("source", "start", "end")}
        assert told(await client.call_tool("read", place))["text"] == citation["quote"]
    passages = told(await client.call_tool("search", {"query": "Klarna chatbot", "k": 2}))["passages"]
    assert len(passages) == 2
    assert "Klarna" in passages[0]["text"]
    refusal = told(await client.call_tool("ask", {"question": "How do I bake bread at home?"}))
    assert refusal["refused"]
    assert refusal["citations"] == []
    unknown = await client.call_tool("read", {"source": "../nowhere.txt"})
    assert unknown.is_error
    assert "../nowhere.txt is not in the index" in str(unknown.content)
    resources = (await client.list_resources()).resources
    assert len(resources) == 5
    (document,) = (await client.read_resource(resources[0].uri)).contents
    assert isinstance(document, TextResourceContents)
    name = unquote(resources[0].uri.removeprefix("document:///"))
    assert document.text == (SEEDS / name).read_text(encoding="utf-8")
    with pytest.raises(MCPError, match=r"nowhere\.txt"):
        await client.read_resource("document:///nowhere.txt")


@pytest.mark.slow
@pytest.mark.anyio
async def test_over_stdio(seeds_index: Path) -> None:
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "rag", "mcp"], cwd=ROOT, env={"RAG_INDEX": str(seeds_index)}
    )
    async with Client(server, raise_exceptions=True) as client:
        await check(client)


@pytest.mark.slow
def test_nothing_but_the_protocol_is_written_to_stdout(seeds_index: Path) -> None:
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    asked = {"name": "search", "arguments": {"query": "Klarna", "k": 1}}
    messages = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": asked},
    ]
    environment = {**os.environ, "RAG_INDEX": str(seeds_index), "RAG_TYPO": "a note on stderr"}
    command = [sys.executable, "-m", "rag", "mcp"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write("".join(json.dumps(message) + "\n" for message in messages).encode())
        process.stdin.flush()
        answers = [json.loads(process.stdout.readline()) for _ in range(2)]
        process.stdin.close()
        assert [answer["id"] for answer in answers] == [1, 2]
        assert not answers[1]["result"]["isError"]
        assert process.stdout.read() == b""
        assert process.wait(30) == 0
        assert b"RAG_TYPO" in process.stderr.read()


@pytest.mark.slow
@pytest.mark.anyio
async def test_over_http(address: str) -> None:
    async with Client(f"{address}mcp") as client:
        await check(client)
    foreign = httpx.post(f"{address}mcp", json=LISTING, headers={**SENT, "origin": "https://evil.invalid"})
    assert foreign.status_code == 403


@pytest.mark.parametrize(
    ("key", "client", "sent", "status"),
    [
        (None, "127.0.0.1", None, 200),
        (None, "192.0.2.7", None, 401),
        ("secret", "192.0.2.7", "other", 401),
        ("secret", "192.0.2.7", "secret", 200),
        ("secret", "127.0.0.1", "other", 401),
    ],
)
def test_the_rules_of_access_are_those_of_the_api(
    tmp_path: Path, key: str | None, client: str, sent: str | None, status: int
) -> None:
    api = Api(Engine(Settings(index=tmp_path / "index"), create=True), Access(key, is_behind_proxy=False))
    app = FastAPI(lifespan=api.lifespan)
    api.mount(app)
    key_sent = {} if sent is None else {"authorization": f"Bearer {sent}"}
    with TestClient(app, client=(client, 50000)) as programs:
        reply = programs.post("/mcp", json=LISTING, headers={**SENT, **key_sent})
    assert reply.status_code == status
    assert ("RAG_API_KEY" in reply.text) == (status == 401)
