"""The server around the window: who may connect, what every reply says, and what it refuses to start with."""

import socket

import httpx
import pytest

from rag.problems import RagError
from rag.settings import Settings
from rag.window.server import check_address, main


@pytest.mark.slow
class TestServing:
    def test_it_says_when_questions_can_be_answered(self, address: str) -> None:
        reply = httpx.get(f"{address}healthz")
        assert reply.status_code == 200
        assert reply.json() == {"ready": True}

    def test_every_reply_forbids_what_is_foreign(self, address: str) -> None:
        for path in ("", "healthz", "static/window/style.css", "source?source=x&span=0-1", "nowhere"):
            headers = httpx.get(address + path).headers
            assert headers["x-content-type-options"] == "nosniff"
            policy = headers["content-security-policy"]
            assert "default-src 'self'" in policy
            assert "script-src 'self'" in policy
            assert "unsafe-eval" not in policy
            assert "'unsafe-inline'" not in policy.split("style-src")[0]

    def test_other_hosts_and_other_origins_are_refused(self, address: str) -> None:
        assert httpx.get(address, headers={"host": "evil.invalid"}).status_code == 400
        joined = httpx.post(f"{address}gradio_api/queue/join", json={}, headers={"origin": "https://evil.invalid"})
        assert joined.status_code == 403
        assert "access-control-allow-origin" not in httpx.get(address, headers={"origin": address[:-1]}).headers

    def test_no_monitoring_no_files_no_traces(self, address: str) -> None:
        assert httpx.get(f"{address}monitoring").status_code in (403, 404)
        assert httpx.get(f"{address}monitoring/summary").status_code in (403, 404)
        assert httpx.get(f"{address}gradio_api/file=/etc/passwd").status_code in (403, 404)
        assert "Traceback" not in httpx.post(f"{address}gradio_api/run/ask", json={"data": [1]}).text

    def test_a_source_is_shown_as_text_and_what_is_gone_is_named(self, address: str) -> None:
        name = "000_24cf3f8a1db7a7ed.txt"
        reply = httpx.get(f"{address}source", params={"source": name, "span": ["10-40", "50-60"]})
        assert reply.status_code == 200
        assert reply.text.count("<mark") == 2
        for wrong in ({"source": "../../etc/passwd", "span": "0-5"}, {"source": name, "span": "5-999999999"}):
            assert httpx.get(f"{address}source", params=wrong).status_code == 404
        assert httpx.get(f"{address}source", params={"source": name, "span": "x"}).status_code == 404


def test_an_address_that_others_reach_needs_a_proxy() -> None:
    with pytest.raises(RagError, match="without a login"):
        check_address(Settings(host="0.0.0.0"), None)
    with pytest.raises(RagError, match="not an address"):
        check_address(Settings(host="everywhere"), None)


def test_a_port_that_is_taken_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("RAG_PORT", str(taken.getsockname()[1]))
        assert main([]) == 1
    assert "RAG_PORT" in capsys.readouterr().err
    monkeypatch.setenv("RAG_PORT", "high")
    assert main([]) == 1
    assert "RAG_PORT=high" in capsys.readouterr().err
