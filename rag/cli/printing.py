"""What the command line prints for people."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich import progress as progress_bar
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn

from rag.cli.terminal import printable
from rag.index.protocol import Progress, Stage
from rag.indexing import WHAT, Outcome
from rag.schema import Counts, Entry, Found


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
