"""Every problem that the program can raise is told in both languages, with the same places to fill."""

import ast
import re
from pathlib import Path
from string import Formatter

from rag.problems import sentences
from tests.conftest import ROOT

RAISING = {"RagError", "UnreadableFile"}


def places(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def raised(path: Path) -> list[tuple[str, set[str]]]:
    """List the codes that a file raises problems with, and the values it gives them."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RAISING:
            code = node.args[0] if node.args else None
            if isinstance(code, ast.Constant) and isinstance(code.value, str):
                found.append((code.value, {keyword.arg for keyword in node.keywords if keyword.arg}))
    return found


def test_each_sentence_has_the_same_places_in_both_languages() -> None:
    for code, told in sentences().items():
        assert set(told) == {"fr", "en"}, code
        assert places(told["fr"]) == places(told["en"]), code
        assert "\n" not in told["fr"] + told["en"], code


def test_french_is_spaced_as_french_is() -> None:
    for code, told in sentences().items():
        assert not re.search(r"[^\s\u00a0][:;?!»](?:\s|$)| [:;?!»]|« ", told["fr"].replace("http:", "")), code


def test_every_problem_raised_has_its_sentence_and_every_sentence_is_raised() -> None:
    calls = [call for path in (ROOT / "rag").rglob("*.py") for call in raised(path)]
    for code, values in calls:
        assert places(sentences()[code]["en"]) == values, code
    assert {code for code, _ in calls} == set(sentences())
