"""The path of a document: file → text → passages → vectors → stored → published."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory, mkdtemp
from typing import Literal

from rag import metrics
from rag.documents.files import File, find_files, is_text, unpack
from rag.documents.formats import format_of
from rag.documents.loader import load_document
from rag.documents.parsed import MAX_FILE
from rag.documents.unreadable import UnreadableFile
from rag.index.preparation import embedded_passages, prepare
from rag.index.protocol import Index, Progress
from rag.problems import RagError
from rag.schema import Attachment, Document, Origin

What = Literal["added", "updated", "unchanged", "skipped", "removed"]
WHAT: tuple[What, ...] = ("added", "updated", "unchanged", "skipped", "removed")
DEEP = 3  # files inside files inside files


@dataclass(frozen=True)
class Outcome:
    """Hold what became of a file: for a skipped one `why`, for one whose content was known under another name `of`.

    `moved` tells that the other name is gone: the document has taken the name of this file. `but` says what of a
    document could not be read.
    """

    source: str
    what: What
    why: RagError | None = None
    of: str = ""
    moved: bool = False
    but: tuple[RagError, ...] = ()


def index_paths(
    index: Index, paths: Sequence[Path], progress: Progress = lambda *_: None, keep_missing: bool = False
) -> list[Outcome]:
    """Add or update files and folders of files, remove what has vanished from the folders, and publish.

    `progress` hears the stage, the source at work, its number from 1 and the number of all. Each document is stored
    as soon as it is embedded, so an interrupted run loses at most one. Raises `RagError` where a path is not there, the
    index was made with other settings, another process is writing, or the disk is full.
    """
    denied: list[Outcome] = []
    files = [
        file
        for path in paths
        for file in find_files(path, lambda problem: denied.append(Outcome(problem.source, "skipped", problem)))
    ]
    with index.writing(), TemporaryDirectory(prefix="rag-unpacked-") as folder:
        prepare(index, progress)
        run = Run(index, progress, Path(folder), len(files))
        outcomes = denied + [outcome for number, file in enumerate(files, 1) for outcome in run.index(file, number)]
        if not keep_missing:
            outcomes += run.remove_missing([path.absolute() for path in paths if path.is_dir()])
        progress("publishing", "", len(files), len(files))
        index.publish()
    for outcome in outcomes:
        metrics.uploads.labels(outcome.what).inc()
    return outcomes


class Run:
    """Index one file after another, and remember which there were."""

    def __init__(self, index: Index, progress: Progress, folder: Path, count: int) -> None:
        self._index = index
        self._progress = progress
        self._folder = folder  # for the files inside other files
        self._count = count
        self._there: dict[str, Path] = {}  # source → the file that it is, or is in
        self._opened: set[Path] = set()  # the files that others are in
        self._unopened: set[str] = set()  # the sources that are as they were: so is what is in them

    def index(self, file: File, number: int) -> Iterator[Outcome]:
        """Index a file, and the files inside it."""
        file = replace(file, source=_own_source(self._index, file, self._there))
        waiting = [(file, 0)]
        while waiting:
            current, depth = waiting.pop()
            self._there[current.source] = current.origin
            self._progress("reading", current.source, number, self._count)
            try:
                outcome, inside = self._index_one(current, number)
            except UnreadableFile as problem:
                outcome, inside = Outcome(current.source, "skipped", problem), ()
            except FileNotFoundError:
                outcome, inside = (
                    Outcome(current.source, "skipped", UnreadableFile("file.vanished", current.source)),
                    (),
                )
            if outcome:
                yield outcome
                self._unopened |= {current.source} if outcome.what == "unchanged" else set()
            if inside:
                self._opened.add(current.origin)
            if depth < DEEP:
                folder = Path(mkdtemp(dir=self._folder)) if inside else self._folder
                found = list(unpack(inside, current, folder))
                waiting += [(file, depth + 1) for file in reversed(found)]

    def remove_missing(self, folders: Sequence[Path]) -> Iterator[Outcome]:
        """Remove the documents whose file in one of the folders is gone, or that their file does not hold any more."""
        for entry in self._index.documents():
            origin = entry.origin.path
            is_gone = any(origin.is_relative_to(folder) for folder in folders) and not origin.exists()
            if is_gone or (origin in self._opened and not self._is_there(entry.source)):
                self._index.remove(entry.source)
                yield Outcome(entry.source, "removed")

    def _is_there(self, source: str) -> bool:
        """Tell whether a document was met, or is inside one that was left unopened."""
        containers = {str(parent) for parent in PurePosixPath(source).parents}
        return source in self._there or not containers.isdisjoint(self._unopened)

    def _index_one(self, file: File, number: int) -> tuple[Outcome | None, tuple[Attachment, ...]]:
        """Index one file, and return those inside it; a mere container has no outcome of its own."""
        index, source = self._index, file.source
        if not is_text(source):
            raise UnreadableFile("file.name", source)
        sha256 = content_hash(file.path)
        is_known = index.find(source=source) is not None
        same = index.find(sha256=sha256) if sha256 else None
        if same is None:
            document = load_document(file.path, source)
            if not any(map(str.isalnum, document.text)):
                return None, document.attachments
            self._progress("embedding", source, number, self._count)
            origin = Origin(file.origin, sha256, file.path.stat().st_size)
            index.add(document, origin, embedded_passages(document, index.embedder))
            what: What = "updated" if is_known else "added"
            return Outcome(source, what, but=tuple(_reserves(document))), document.attachments
        if same.source == source:
            return Outcome(source, "unchanged"), ()
        if same.source in self._there or content_hash(same.origin.path) == sha256:
            if is_known:  # this file had a content of its own, which is gone
                index.remove(source)
            return Outcome(source, "updated" if is_known else "unchanged", of=same.source), ()
        index.rename(same.id, source, file.origin)
        return Outcome(source, "updated", of=same.source, moved=True), ()


def _reserves(document: Document) -> Iterator[RagError]:
    """Name what of a document could not be read, or not surely."""
    if document.blank:
        yield RagError("file.blank_pages", pages=", ".join(map(str, document.blank)))
    if document.recognized:
        yield RagError("file.recognized_pages", pages=", ".join(map(str, document.recognized)))
    if document.uncomputed:
        yield RagError("file.uncomputed", cells=" ; ".join(document.uncomputed))


def _own_source(index: Index, file: File, there: dict[str, Path]) -> str:
    """Name a file by its folders too, as far as another file that is still there has its name already."""
    own, source = file.origin, file.source
    if not is_text(str(own)):  # `Run` says so
        return source
    folders = list(own.parts[1 : -len(source.split("/"))])
    while True:
        known = index.find(source=source)
        other = there.get(source) or (known.origin.path if known and known.origin.path.is_file() else own)
        if other == own or not folders:
            return source
        source = f"{folders.pop()}/{source}"


def content_hash(path: Path) -> str:
    """Hash the content of a file; empty where it is no file that the loaders read."""
    try:
        if format_of(path) is None or not path.is_file() or path.stat().st_size > MAX_FILE:
            return ""
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
