"""Question files: JSONL, one question a line, with the spans that answer it word for word."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.problems import CommandError
from rag.schema import Question, Turn

OWN = Path(__file__).with_name("questions.jsonl")
CALIBRATION = Path(__file__).with_name("calibration.jsonl")


@dataclass(frozen=True)
class Gold:
    """Hold a span of a source that answers a question, as its exact text."""

    source: str
    span: str


@dataclass(frozen=True)
class EvalQuestion:
    """Hold a question with all that is needed to judge its answer.

    `turn` is its kind of turn; `own` tells a turn of a conversation that has a subject of its own, and `searches` the
    words that must be searched where it takes them from the turns before.
    """

    id: str
    question: Question
    lang: str
    kind: str
    answerable: bool
    gold: tuple[Gold, ...]
    need_all: bool
    must_include: tuple[tuple[str, ...], ...]
    split: str
    turn: str = "search"
    own: bool | None = None
    searches: tuple[str, ...] = ()


def load_questions(path: Path = OWN) -> list[EvalQuestion]:
    """Read a question file; raise `CommandError` naming the line that is wrong."""
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read; give a UTF-8 file of questions, one JSON object a line") from error
    questions: list[EvalQuestion] = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                questions.append(_question(json.loads(line)))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise CommandError(
                    f"{path}, line {number}: not a question ({type(error).__name__}: {error})"
                ) from error
    if not questions:
        raise CommandError(f"{path} holds no question")
    return questions


def _question(row: Mapping[str, Any]) -> EvalQuestion:
    history = tuple(Turn(turn["question"], turn["answer"]) for turn in row.get("history") or ())
    return EvalQuestion(
        id=str(row["id"]),
        question=Question(row["question"], history),
        lang=row["lang"],
        kind=row["kind"],
        answerable=bool(row["answerable"]),
        gold=tuple(Gold(gold["source"], gold["span"]) for gold in row["gold"]),
        need_all=row.get("need") == "all",
        must_include=tuple(tuple(alternatives) for alternatives in row.get("must_include", [])),
        split=row.get("split", "all"),
        turn=row.get("turn", "search"),
        own=row.get("own"),
        searches=tuple(row.get("searches", [])),
    )
