"""A language is a folder: nothing else in the program names it."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from rag.text.language import FOLDER, LANGUAGES
from tests.conftest import ROOT

SPANISH = ROOT / "tests" / "data" / "es"
GUIDE = """Guía de los empleados

Los empleados tienen veintitrés días de vacaciones al año. El director es Carlos Núñez.
El teletrabajo está permitido los lunes y los viernes.
"""
QUESTIONS = {
    "quote": "¿Cuántos días de vacaciones tienen los empleados?",
    "refusal": "¿Cuál es la receta de la paella valenciana?",
    "talk": "hola",
    "french": "Qui est le directeur de la société ?",
}


def flat(table: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Give each value of nested tables its dotted name."""
    values: dict[str, Any] = {}
    for key, value in table.items():
        inner = isinstance(value, dict)
        values |= flat(value, f"{prefix}{key}.") if inner else {f"{prefix}{key}": value}
    return values


def read(folder: Path, name: str) -> dict[str, Any]:
    return flat(tomllib.loads((folder / name).read_text(encoding="utf-8")))


def places(value: str | list[str]) -> set[str | None]:
    texts = [value] if isinstance(value, str) else value
    return {name for text in texts for _, name, _, _ in Formatter().parse(text)} - {None}


@pytest.mark.parametrize("folder", [*(FOLDER / language for language in LANGUAGES), SPANISH])
def test_every_pack_is_whole(folder: Path) -> None:
    open_ended = ("opposites.", "turns.", "found_in.")
    for name in ("pack.toml", "answers.toml"):
        own, english = (
            {key: value for key, value in values.items() if not key.startswith(open_ended)}
            for values in (read(folder, name), read(FOLDER / "en", name))
        )
        assert own.keys() == english.keys()
        if name == "answers.toml":
            assert all(places(own[key]) == places(english[key]) for key in own)


@pytest.mark.slow
def test_a_folder_makes_a_language_that_answers(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "rag", tmp_path / "rag", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(SPANISH, tmp_path / "rag" / "text" / "languages" / "es")
    (tmp_path / "models").symlink_to(ROOT / "models")
    (tmp_path / "guia.txt").write_text(GUIDE, encoding="utf-8")
    lines = (json.dumps({"id": key, "question": text}) for key, text in QUESTIONS.items())
    (tmp_path / "questions.jsonl").write_text("\n".join(lines), encoding="utf-8")

    def rag(*arguments: str) -> str:
        command = [sys.executable, "-m", "rag", *arguments]
        return subprocess.run(
            command,
            cwd=tmp_path,
            env={**os.environ, "RAG_INDEX": "index"},
            capture_output=True,
            check=True,
            encoding="utf-8",
        ).stdout

    rag("index", "guia.txt")
    rows = map(json.loads, rag("ask", "--batch", "questions.jsonl").splitlines())
    answers = {row["id"]: row for row in rows}
    assert [answers[key]["language"] for key in QUESTIONS] == ["es", "es", "es", "fr"]
    assert answers["quote"]["answer"] == (
        "Esto es lo que dicen los documentos:\n\n- Los empleados tienen veintitrés días de vacaciones al año. [1]"
    )
    assert answers["quote"]["citations"][0]["quote"] in GUIDE
    assert answers["refusal"]["refused"]
    assert answers["refusal"]["answer"] == (
        "Los documentos no responden a esta pregunta. He buscado en 1 documento y 1 pasaje."
    )
    assert answers["talk"]["answer"].startswith("¡Hola!")
    assert answers["french"]["answer"].startswith("Voici ce qu’en disent les documents")
