"""The examples of the documentation do what they say."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

DOCUMENTATION = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
EXAMPLES = dict(
    re.findall(r"^## ([^\n]+)\n(?:(?!^## ).)*?```python\n(.*?)```", DOCUMENTATION, re.DOTALL | re.MULTILINE)
)
ADDRESS = "http://127.0.0.1:7860/"


def test_there_is_one_for_each_way_in() -> None:
    assert list(EXAMPLES) == ["OpenAI's client", "HTTP", "Language models (MCP)", "LangChain"]
    assert all(len([line for line in code.splitlines() if line]) <= 11 for code in EXAMPLES.values())


@pytest.mark.slow
@pytest.mark.parametrize("title", EXAMPLES)
def test_it_prints_the_answer(title: str, address: str, seeds_index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_INDEX", str(seeds_index))
    code = EXAMPLES[title].replace(ADDRESS, address)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Legora" in done.stdout
