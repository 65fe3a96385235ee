"""The documents behind the window: adding with progress, removing, checking."""

import logging
import queue
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from rag.answer.wording import amounts, counted
from rag.index.protocol import Stage
from rag.indexing import Outcome, content_hash, index_paths
from rag.people.sight import is_hidden
from rag.problems import RagError
from rag.schema import Entry
from rag.service.engine import Engine
from rag.text.language import Language
from rag.window.bin import Bin, Removal
from rag.window.render import shown
from rag.window.rights import check_editor, seen
from rag.window.texts import number, text

log = logging.getLogger(__name__)
STAGES: tuple[Stage, ...] = ("reading", "embedding", "publishing")


@dataclass
class Upload:
    """Hold where each file of an upload stands: its stage, then what became of it."""

    names: Sequence[str]
    at: dict[str, Stage] = field(default_factory=dict)
    outcome: dict[str, str] = field(default_factory=dict)
    problem: str = ""

    def html(self, language: Language) -> str:
        """Show a bar for each file, or what became of it."""
        names = dict.fromkeys([*self.names, *self.outcome])  # an archive's files are no uploads of their own
        rows = "".join(f"<li>{self._row(name, language)}</li>" for name in names)
        problem = f'<p class="notice" role="alert">{shown(self.problem)}</p>' if self.problem else ""
        return f'<div role="status">{problem}<ul class="upload">{rows}</ul></div>'

    def _row(self, name: str, language: Language) -> str:
        done = self.outcome.get(name)
        stage = self.at.get(name)
        steps = len(STAGES) if done else STAGES.index(stage) if stage else 0
        words = done or text(stage or "waiting", language)
        bar = f'<progress max="{len(STAGES)}" value="{steps}" aria-label="{shown(name)}"></progress>'
        return f"<strong>{shown(name)}</strong>{bar}<span>{shown(words)}</span>"


def replaced(engine: Engine, files: Sequence[Path]) -> list[Entry]:
    """List the documents that uploaded files would replace: of the same name, with another content."""
    known = ((file, engine.index.find(source=file.name, only=seen())) for file in files)
    return [entry for file, entry in known if entry and entry.origin.sha256 != content_hash(file)]


def forget(files: Sequence[Path]) -> None:
    """Delete uploaded copies, each with the folder that it came in."""
    for file in files:
        shutil.rmtree(file.parent, ignore_errors=True)


def add(engine: Engine, bin: Bin, files: Sequence[Path], language: Language) -> Iterator[str]:
    """Index uploaded files and show how far it is; what they replace goes into the bin, the copies are deleted."""
    upload, only = Upload([file.name for file in files]), seen()
    try:
        check_editor()
        if taken := [file.name for file in files if is_hidden(engine.index, file.name, only)]:
            raise RagError("people.name_taken", name=taken[0])
    except RagError as problem:
        for file in files:
            shutil.rmtree(file.parent, ignore_errors=True)
        upload.problem = problem.told(language)
        yield upload.html(language)
        return
    events: queue.Queue[tuple[Stage, str] | list[Outcome] | RagError | OSError] = queue.Queue()

    def heard(stage: Stage, source: str, number: int, total: int) -> None:
        events.put((stage, source))

    def work() -> None:
        try:
            for entry in replaced(engine, files):
                bin.put(engine.index, entry)
            events.put(index_paths(engine.writer(), files, heard))
        except (RagError, OSError) as error:
            events.put(error)
        except Exception:  # whatever it is, whoever waits must hear of it
            log.exception("an upload could not be indexed")
            events.put(RagError("index.upload"))
        finally:
            forget(files)

    yield upload.html(language)
    threading.Thread(target=work, name="indexing", daemon=True).start()
    while isinstance(event := events.get(), tuple):
        stage, source = event
        for name in [source] if source else upload.names:
            upload.at[name] = stage
        yield upload.html(language)
    if isinstance(event, list):
        shown_of = [replace(o, of="") if is_hidden(engine.index, o.of, only) else o for o in event]
        upload.outcome = {outcome.source: became(outcome, language) for outcome in shown_of}
    else:
        upload.problem = problem_told(event, language)
    yield upload.html(language)


def became(outcome: Outcome, language: Language) -> str:
    """Say what became of a file."""
    if outcome.why is not None:
        return text("skipped_because", language, reason=outcome.why.told(language))
    done = text(outcome.what, language)
    if outcome.but:
        told = "\u00a0; ".join(problem.told(language) for problem in outcome.but)
        return text("added_but", language, done=done, but=told)
    return text("was" if outcome.moved else "same_as", language, done=done, source=outcome.of) if outcome.of else done


def remove(engine: Engine, bin: Bin, source: str, title: str, language: Language) -> str:
    """Remove a document into the bin and say so."""
    check_editor()
    index = engine.writer()
    with index.writing():
        entry = index.find(source=source, only=seen())
        if entry:
            bin.put(index, entry)
        was_there = entry is not None and index.remove(source)
        index.publish()
    return text("deleted", language, title=title) if was_there else text("already_gone", language)


def restore(engine: Engine, bin: Bin, removal: str, title: str, language: Language) -> str:
    """Put a document of the bin back and say so."""
    check_editor()
    index = engine.writer()
    with index.writing():
        bin.restore(index, removal)
        index.publish()
    return text("restored", language, title=title)


def erase(engine: Engine, bin: Bin, removal: str, title: str, language: Language) -> str:
    """Delete a document from the bin too and say so."""
    check_editor()
    bin.erase(removal)
    return text("erased", language, title=title)


def check(engine: Engine, language: Language) -> str:
    """Verify the index, repair what can be made again from the documents, and say what was found."""
    check_editor()
    index = engine.writer()
    if index.check() is None:
        return text("whole", language)
    with index.writing():
        index.publish()
    return text("repaired", language)


def holds(engine: Engine, language: Language) -> str:
    """Say how much the index holds."""
    counts = engine.index.counts(seen())
    if not counts.documents:
        return text("empty_index", language)
    return text("holds", language, **amounts(language, counts))


def details(document: Entry, language: Language) -> str:
    """Describe a document in one line."""
    kilobytes = max(1, round(document.origin.size / 1000))
    return text(
        "details",
        language,
        kind=document.kind,
        size=f"{number(kilobytes, language)}\u00a0{'ko' if language == 'fr' else 'kB'}",
        passages=counted(language, document.passages, "passage"),
        date=day(document.added[:10], language),
    )


def card(document: Entry, is_doubted: bool, language: Language) -> str:
    """Show a document, and the question whether to delete it."""
    asked = f'<p class="notice" role="alert">{text("confirm", language, title=shown(document.title))}</p>'
    return (
        f'<div class="card"><strong>{shown(document.title)}</strong><br><span class="aside">{shown(document.source)} · '
        f"{details(document, language)}</span>{asked if is_doubted else ''}</div>"
    )


def binned(removal: Removal, language: Language) -> str:
    """Show a document of the bin."""
    said = text("binned", language, date=day(removal.day, language))
    origin = f'<span class="aside">{shown(removal.source)} · {said}</span>'
    return f'<div class="card"><strong>{shown(removal.title)}</strong><br>{origin}</div>'


def day(iso: str, language: Language) -> str:
    """Write a day as the language does."""
    return "/".join(reversed(iso.split("-"))) if language == "fr" else iso


def told(work: Callable[..., str], engine: Engine, *arguments: object) -> str:
    """Do what changes the index and tell what came of it, or what went wrong, in one sentence.

    The last argument is the language, for `work` and for the sentence.
    """
    language: Language = "en" if arguments[-1] == "en" else "fr"
    try:
        return f'<p role="status">{shown(work(engine, *arguments))}</p>'
    except (RagError, OSError) as error:
        return f'<p class="notice" role="alert">{shown(problem_told(error, language))}</p>'


def problem_told(error: RagError | OSError, language: Language) -> str:
    """Say a problem in a language; the operating system's reasons stay in its own."""
    if isinstance(error, RagError):
        return error.told(language)
    return text("system", language, name=error.filename or "index", reason=error.strerror or str(error))
