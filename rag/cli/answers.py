"""Answers as the command line prints them, whether they come from here or from a server."""

from collections.abc import Iterable
from typing import Any

from rag.cli.terminal import write


def print_answers(states: Iterable[dict[str, Any]]) -> None:
    """Print an answer as it grows, then its numbered citations; each state is that of `ask --json`."""
    printed, begun, answer = "", False, dict[str, Any]()
    for answer in states:
        if not begun and answer["statements"] and answer["searched"] != " ".join(answer["question"].split()):
            write(f"({answer['searched']})", "dim")
        begun = begun or bool(answer["statements"])
        if not answer["answer"].startswith(printed):  # what a model wrote was given up
            write("\n")
            printed = ""
        write(answer["answer"][len(printed) :], end="")
        printed = answer["answer"]
    write("\n")
    if "notice" in answer:
        write(f"{answer['notice']}\n", "dim")
    for statement in answer["statements"]:
        if statement["reason"]:
            write(f"({statement['verdict']}: {statement['reason']}) {statement['text']}", "dim")
    for citation in answer["citations"]:
        _print_citation(citation)


def _print_citation(citation: dict[str, Any]) -> None:
    page = "" if citation["page"] is None else f", page {citation['page']}"
    place = f"{citation['source']}{page}, {citation['start']}–{citation['end']}"
    write(f"[{citation['number']}] {citation['title']} — {place}", "bold")
    write(f"    {citation['quote']}")
