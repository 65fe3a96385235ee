"""What the command line prints and reads: text for people, JSON for programs."""

import json
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from rag import indexing, records
from rag.records import StoredDocument
from rag.schema import Answer, Citation, Passage, Question, Turn
from rag.store import PassageStore


def printable(text: str) -> str:
    """Make a text harmless for a terminal: control characters of documents and file names are shown, not obeyed."""
    return "".join("\N{REPLACEMENT CHARACTER}" if _obeyed(c) else c for c in text)


def _obeyed(character: str) -> bool:
    # Cc: escape sequences; Cs: halves of characters; Bidi: text that shows in another order than it stands.
    control = unicodedata.category(character) in ("Cc", "Cs") and character not in "\n\t\r"
    return control or character in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def clean(text: str) -> str:
    """Replace halves of characters, which undecodable arguments and some JSON hold."""
    return text.encode("utf-8", "replace").decode()


def as_json(question: Question, answer: Answer) -> dict[str, Any]:
    """Write an answer as the object that `ask --json` and `ask --batch` print."""
    return {
        "question": question.text,
        "searched": answer.searched,
        "answer": answer.text,
        "refused": answer.refused,
        "language": answer.language,
        "citations": [citation_as_json(c) for c in answer.citations],
        "passages": [passage_as_json(p) for p in answer.passages],
        "model": answer.model,
        **({"notice": answer.notice} if answer.notice else {}),
        "seconds": {name: round(value, 4) for name, value in answer.seconds.items()},
    }


def citation_as_json(citation: Citation) -> dict[str, Any]:
    """Write a citation as an object."""
    return {name: getattr(citation, name) for name in ("number", "source", "title", "start", "end", "page", "quote")}


def passage_as_json(passage: Passage) -> dict[str, Any]:
    """Write a passage as an object."""
    kept = {name: passage.metadata[name] for name in ("source", "start", "end")}
    return {**kept, "score": round(passage.metadata["score"], 4), "text": passage.page_content}


def read_batch(path: Path) -> list[tuple[Any, Question]]:
    """Read the questions of a JSONL file; raise `ValueError` naming the file and the line that is wrong."""
    questions: list[tuple[Any, Question]] = []
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(
            f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8 text'}"
        ) from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            turns = [(turn["question"], turn["answer"]) for turn in row.get("history") or []]
            history = tuple(Turn(clean(str(question)), clean(str(answer))) for question, answer in turns)
            if not isinstance(row["question"], str):
                raise TypeError
            questions.append((row["id"], Question(clean(row["question"]), history)))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            wanted = '{"id", "question", "history": [{"question", "answer"}]}, history optional'
            raise ValueError(f"{path}, line {number}: every line must be a JSON object {wanted}") from error
    return questions


def print_stream(console: Console, question: Question, answers: Iterable[Answer]) -> Answer:
    """Print an answer as it grows, then its numbered citations; give the final one."""
    printed, begun = "", False
    for answer in answers:
        if not begun and answer.statements and answer.searched != " ".join(question.text.split()):
            console.print(printable(f"({answer.searched})"), style="dim")
        begun = begun or bool(answer.statements)
        if not answer.text.startswith(printed):  # what a model wrote was given up
            console.print("\n")
            printed = ""
        console.print(printable(answer.text[len(printed) :]), soft_wrap=True, end="")
        printed = answer.text
    console.print("\n")
    if answer.notice:
        console.print(printable(answer.notice), style="dim", soft_wrap=True)
        console.print()
    for statement in answer.statements:
        if statement.reason:
            told = f"({statement.verdict}: {statement.reason}) {statement.text}"
            console.print(printable(told), style="dim", soft_wrap=True)
    for c in answer.citations:
        page = "" if c.page is None else f", page {c.page}"
        console.print(
            printable(f"[{c.number}] {c.title} — {c.source}{page}, {c.start}–{c.end}"), style="bold", soft_wrap=True
        )
        console.print(printable(f"    {c.quote}"), soft_wrap=True)
    return answer


def print_passages(console: Console, passages: Sequence[Passage]) -> None:
    """Print passages, best first."""
    for number, passage in enumerate(passages, 1):
        m = passage.metadata
        console.print(
            printable(f"{number}. {m['source']}, {m['start']}–{m['end']} ({m['score']:.2f})"),
            style="bold",
            soft_wrap=True,
        )
        console.print(printable(passage.page_content), soft_wrap=True)
        console.print()


def print_documents(console: Console, documents: Sequence[StoredDocument]) -> None:
    """Print what is indexed, by source."""
    for d in documents:
        console.print(printable(d.source), style="bold", soft_wrap=True)
        details = f"{d.kind}, {d.size:,} bytes, {d.passages} passages, added {d.added[:10]}"
        console.print(printable(f"    {d.title} ({details})"), soft_wrap=True)


def print_summary(console: Console, summary: indexing.Summary, store: PassageStore) -> None:
    """Print how many files were added, updated, unchanged and skipped, and why they were."""
    counts = [(name, getattr(summary, name)) for name in ("added", "updated", "unchanged", "skipped")]
    console.print(", ".join(f"{len(sources)} {name}" for name, sources in counts))
    for reason in summary.skipped:
        console.print(printable(f"  skipped {reason}"), soft_wrap=True)
    documents, passages = store.database.count("documents"), store.database.count("passages")
    console.print(f"the index holds {documents} documents, {passages} passages")


@contextmanager
def progress(console: Console) -> Iterator[records.Progress]:
    """Show a progress bar while documents are indexed."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("reading")

        def advance(stage: records.Stage, source: str, number: int, total: int) -> None:
            bar.update(task, description=f"{stage} {printable(source)[-50:]}", completed=number - 1, total=total)

        yield advance
