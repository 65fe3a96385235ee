"""What the command line prints for people."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from rich import progress as progress_bar
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn

from rag.answer.answer import Answer
from rag.index.protocol import Progress, Stage
from rag.indexing import WHAT, Outcome
from rag.schema import Counts, Entry, Found


def printable(text: str) -> str:
    """Make a text harmless for a terminal: control characters of documents and file names are shown, not obeyed."""
    return "".join("\N{REPLACEMENT CHARACTER}" if _obeyed(c) else c for c in text)


def _obeyed(character: str) -> bool:
    # Cc: escape sequences; Cs: halves of characters; Bidi: text that shows in another order than it stands.
    control = unicodedata.category(character) in ("Cc", "Cs") and character not in "\n\t\r"
    return control or character in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def print_stream(console: Console, answers: Iterable[Answer]) -> Answer:
    """Print an answer as it grows, then its numbered citations; return the final one."""
    printed, begun = "", False
    for answer in answers:
        if not begun and answer.statements and answer.trace.searched != " ".join(answer.question.split()):
            console.print(printable(f"({answer.trace.searched})"), style="dim")
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


def print_passages(console: Console, found: Sequence[Found]) -> None:
    """Print passages, best first."""
    for number, f in enumerate(found, 1):
        p = f.passage
        head = f"{number}. {p.source}, {p.start}–{p.end} ({f.score:.2f})"
        console.print(printable(head), style="bold", soft_wrap=True)
        console.print(printable(p.text), soft_wrap=True)
        console.print()


def print_documents(console: Console, documents: Sequence[Entry]) -> None:
    """Print what is indexed, by source."""
    for d in documents:
        console.print(printable(d.source), style="bold", soft_wrap=True)
        details = f"{d.kind}, {d.origin.size:,} bytes, {d.passages} passages, added {d.added[:10]}"
        console.print(printable(f"    {d.title} ({details})"), soft_wrap=True)


def print_outcomes(console: Console, outcomes: Sequence[Outcome], counts: Counts) -> None:
    """Print how many files were added, updated, unchanged, skipped and removed, and why."""
    console.print(", ".join(f"{sum(o.what == what for o in outcomes)} {what}" for what in WHAT))
    for o in outcomes:
        if o.why is not None:
            console.print(printable(f"  skipped {o.source}: {o.why}"), soft_wrap=True)
        if o.what == "removed":
            console.print(printable(f"  removed {o.source}: its file is not there any more"), soft_wrap=True)
        for but in o.but:
            console.print(printable(f"  {o.what} {o.source}, but {but}"), soft_wrap=True)
    console.print(f"the index holds {counts.documents} documents, {counts.passages} passages")


@contextmanager
def progress(console: Console) -> Iterator[Progress]:
    """Show a progress bar while documents are indexed."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with progress_bar.Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("reading")

        def advance(stage: Stage, source: str, number: int, total: int) -> None:
            bar.update(task, description=f"{stage} {printable(source)[-50:]}", completed=number - 1, total=total)

        yield advance
