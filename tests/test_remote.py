"""`ask` at a running server: the same answers without a model, and one sentence for whatever goes wrong."""

import json
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from rag.cli.main import main
from tests.conftest import ROOT

QUESTION = "what tools does Kaufman recommend for lawyers?"
HEAVY = {
    "torch",
    "numpy",
    "langchain_core",
    "sentence_transformers",
    "gradio",
    "rich",
    "pydantic",
    "httpx",
    "py3langid",
}


@pytest.mark.slow
class TestRunningServer:
    @pytest.fixture(autouse=True)
    def server(self, address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("RAG_SERVER", address)
        monkeypatch.setenv("RAG_INDEX", str(tmp_path / "none"))  # it is not opened

    def test_it_answers_as_the_server_does(self, address: str, capsys: pytest.CaptureFixture[str]) -> None:
        expected = httpx.post(f"{address}api/ask", json={"question": QUESTION}, timeout=60).json()
        assert main(["ask", QUESTION, "--json"]) == 0
        answer = json.loads(capsys.readouterr().out)
        assert {**answer, "seconds": 0} == {**expected, "seconds": 0}
        assert main(["ask", QUESTION]) == 0
        printed = capsys.readouterr().out
        assert expected["answer"] in printed
        assert all(citation["quote"] in printed for citation in expected["citations"])

    def test_a_file_of_questions_is_answered_line_by_line(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        questions = tmp_path / "questions.jsonl"
        turns = [{"question": "Qui dirige Fiverr ?", "answer": "…"}]
        rows = [{"id": 1, "question": QUESTION}, {"id": 2, "question": "Et chez Klarna ?", "history": turns}]
        questions.write_text("\n".join(map(json.dumps, rows)))
        assert main(["ask", "--batch", str(questions)]) == 0
        first, second = map(json.loads, capsys.readouterr().out.splitlines())
        assert "Legora" in first["answer"]
        assert "Klarna" in second["searched"]

    def test_a_receipt_needs_the_index(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["ask", QUESTION, "--receipt", "receipt.json"]) == 2
        assert "RAG_SERVER" in capsys.readouterr().err


def test_nothing_heavy_is_loaded() -> None:
    code = "import sys, rag.cli.main, rag.cli.remote; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert HEAVY.isdisjoint(done.stdout.split())


@pytest.mark.parametrize(
    ("server", "message"),
    [
        ("http://127.0.0.1:9", "does not answer"),
        ("file:///etc/passwd", "is not an address"),
        ("127.0.0.1:7860", "is not an address"),
    ],
)
def test_a_server_that_is_none_is_named(
    server: str, message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RAG_SERVER", server)
    assert main(["ask", QUESTION]) == 1
    told = capsys.readouterr().err
    assert server in told
    assert message in told
    assert "Traceback" not in told
