"""The command line: results on stdout, messages on stderr, the promised exit codes, JSON as documented."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rag.cli.main import main
from tests.conftest import ROOT, SEEDS

CITATION = {"number", "source", "title", "start", "end", "page", "quote"}


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch, seeds_index: Path) -> None:
    monkeypatch.setenv("RAG_INDEX", str(seeds_index))
    monkeypatch.chdir(ROOT)


def test_ask_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "--json", "combien d'employés Klarna a-t-elle remplacés par un chatbot ?"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert set(answer) >= {"question", "answer", "refused", "language", "citations", "passages", "model", "seconds"}
    assert set(answer["seconds"]) == {"retrieve", "answer", "total"}
    assert len(answer["passages"]) == 10
    scores = [passage["score"] for passage in answer["passages"]]
    assert scores == sorted(scores, reverse=True)
    for citation in answer["citations"]:
        assert set(citation) == CITATION
        text = (SEEDS / citation["source"]).read_text(encoding="utf-8")
        assert text[citation["start"] : citation["end"]] == citation["quote"]
    assert "700" in answer["answer"]


def test_ask_prints_the_answer_then_its_citations(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "combien d'employés Klarna a-t-elle remplacés par un chatbot ?"]) == 0
    answer, _, citations = capsys.readouterr().out.partition("\n\n[1] ")
    assert "700 employés" in answer
    assert "004_0eaf24d2a6bbbda3.txt" in citations


def test_batch_keeps_order_and_answers_every_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    questions = [
        {"id": 7, "question": "Qui dirige Fiverr ?"},
        {"id": "b", "question": ""},
        {"id": "c", "question": "Et chez Klarna ?", "history": [{"question": "Qui dirige Fiverr ?", "answer": "…"}]},
    ]
    path = tmp_path / "questions.jsonl"
    path.write_text("\n".join(map(json.dumps, questions)))
    assert main(["ask", "--batch", str(path)]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["id"] for line in lines] == [7, "b", "c"]
    assert lines[1]["refused"]
    assert "Klarna" in lines[2]["searched"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["ask", ""], 2, "words"),
        (["ask", "🎉🎉"], 2, "words"),
        (["ask", "x" * 100_000], 2, "100000"),
        (["ask"], 2, "--batch"),
        (["ask", "--batch", "nowhere.jsonl"], 2, "nowhere.jsonl"),
        (["search", "", "-k", "3"], 2, "words"),
        (["search", "IA", "-k", "0"], 2, "at least 1"),
        (["index", "nowhere"], 1, "nowhere is not there"),
        (["remove", "nothing.txt"], 1, "nothing.txt is not in the index"),
    ],
)
def test_bad_input_is_one_sentence(
    capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, message: str
) -> None:
    assert main(arguments) == code
    printed = capsys.readouterr()
    assert printed.out == ""
    assert message in " ".join(printed.err.split())
    assert "Traceback" not in printed.err


def test_bad_batch_line_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text('{"id": 1, "question": "a"}\n{"id": 2}\n')
    assert main(["ask", "--batch", str(path)]) == 2
    assert "line 2" in capsys.readouterr().err


def test_halves_of_characters_and_line_separators_do_no_harm(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "questions.jsonl"
    lines = '{"id": 1, "question": "Klarna\\ud800 ?"}\n{"id": 2, "question": "IBM\u2028?"}\n'
    path.write_text(lines, encoding="utf-8-sig")
    assert main(["ask", "--batch", str(path)]) == 0
    assert main(["search", "Klarna \udcff", "-k", "1"]) == 0


def test_no_index_says_how_to_make_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RAG_INDEX", str(tmp_path / "none"))
    assert main(["ask", "Qui dirige Fiverr ?"]) == 1
    assert "python -m rag index" in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "none").exists()


def test_index_documents_remove_check(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RAG_INDEX", str(tmp_path / "index"))
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "préavis \x1b[31m.txt").write_text("Le préavis est de trois mois.")
    (folder / "empty.txt").touch()
    assert main(["index", str(folder)]) == 0
    summary = capsys.readouterr().out
    assert "1 added, 0 updated, 0 unchanged, 1 skipped" in summary
    assert "empty.txt: it is empty" in summary
    assert main(["documents"]) == 0
    listed = capsys.readouterr().out
    assert "préavis" in listed
    assert "\x1b" not in listed
    assert main(["check"]) == 0
    assert "whole" in capsys.readouterr().out
    next((tmp_path / "index").rglob("*.faiss")).write_bytes(b"")
    assert main(["check", "--dry-run"]) == 0
    assert "would be rebuilt" in capsys.readouterr().out
    assert main(["check"]) == 0
    assert "was rebuilt" in capsys.readouterr().out
    assert main(["remove", "préavis \x1b[31m.txt"]) == 0
    assert main(["index", str(folder / "empty.txt")]) == 1


def test_settings_show_their_origin(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("RAG_INDXE", "typo")
    assert main(["settings"]) == 0
    printed = capsys.readouterr()
    assert "environment" in printed.out
    assert "RAG_INDXE is not a setting" in " ".join(printed.err.split())


def test_runs_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "rag", "nonsense"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
