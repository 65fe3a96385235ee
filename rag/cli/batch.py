"""Files of questions for `ask --batch`."""

import json
from pathlib import Path
from typing import Any, get_args

from rag.cli.terminal import clean
from rag.schema import Kind, Question, Turn

WANTED = '{"id", "question", "history": [{"question", "answer", "kind"}]}, history and kind optional'


def read_batch(path: Path) -> list[tuple[Any, Question]]:
    """Read the questions of a JSONL file; raise `ValueError` naming the file and the line that is wrong."""
    questions: list[tuple[Any, Question]] = []
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ValueError(f"{path} cannot be read: {reason}") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            questions.append(_question(json.loads(line)))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise ValueError(f"{path}, line {number}: every line must be a JSON object {WANTED}") from error
    return questions


def _question(row: Any) -> tuple[Any, Question]:
    history = tuple(map(_turn, row.get("history") or []))
    if not isinstance(row["question"], str):
        raise TypeError
    return row["id"], Question(clean(row["question"]), history)


def _turn(row: Any) -> Turn:
    kind = row.get("kind")
    if kind not in (None, *get_args(Kind)):
        raise ValueError(kind)
    return Turn(clean(str(row["question"])), clean(str(row["answer"])), kind)
