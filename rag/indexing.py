"""The path of a document: file → text → passages → vectors → stored → published."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rag.documents.formats import format_of
from rag.documents.loader import load_document
from rag.documents.parsed import MAX_FILE
from rag.documents.unreadable import UnreadableFile
from rag.index.protocol import Index, Origin, Progress
from rag.problems import RagError
from rag.schema import Document

What = Literal["added", "updated", "unchanged", "skipped"]
WHAT: tuple[What, ...] = ("added", "updated", "unchanged", "skipped")


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


def index_paths(index: Index, paths: Sequence[Path], progress: Progress = lambda *_: None) -> list[Outcome]:
    """Add or update files and folders of files, and publish them.

    `progress` hears the stage, the source at work, its number from 1 and the number of all. Each document is stored
    as soon as it is embedded, so an interrupted run loses at most one. Raises `RagError` where a path is not there, the
    index was made with other settings, another process is writing, or the disk is full.
    """
    outcomes: list[Outcome] = []
    files = [file for path in paths for file in find_files(path, outcomes)]
    with index.writing():
        index.prepare(progress)
        paths_by_source: dict[str, Path] = {}
        for number, (path, name) in enumerate(files, 1):
            source = _own_source(index, path, name, paths_by_source)
            progress("reading", source, number, len(files))
            try:
                outcome = _index_file(index, path, source, progress, (number, len(files)))
            except UnreadableFile as problem:
                outcome = Outcome(source, "skipped", problem)
            except FileNotFoundError:
                outcome = Outcome(source, "skipped", UnreadableFile("file.vanished", source))
            outcomes.append(outcome)
        progress("publishing", "", len(files), len(files))
        index.publish()
    return outcomes


def find_files(path: Path, outcomes: list[Outcome]) -> Iterator[tuple[Path, str]]:
    """Yield each file and its source: the name of a file, or the path relative to the folder it was found in.

    Folders that may not be read are added to `outcomes` as skipped; links to folders are not followed.
    """

    def remember(error: OSError) -> None:
        outcomes.append(Outcome(str(error.filename), "skipped", UnreadableFile("folder.denied", str(error.filename))))

    if not path.exists():
        raise RagError("path.not_there", path=path)
    if not path.is_dir():
        yield path, path.name
        return
    if not os.access(path, os.R_OK | os.X_OK):
        raise RagError("path.denied", path=path)
    for folder, folders, names in os.walk(path, onerror=remember):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith("."):
                file = Path(folder) / name
                yield file, file.relative_to(path).as_posix()


def _reserves(document: Document) -> Iterator[RagError]:
    """Name the pages that have no text of their own."""
    if document.blank:
        yield RagError("file.blank_pages", pages=", ".join(map(str, document.blank)))
    if document.recognized:
        yield RagError("file.recognized_pages", pages=", ".join(map(str, document.recognized)))


def _own_source(index: Index, path: Path, source: str, taken: dict[str, Path]) -> str:
    """Name a file by its folders too, as far as another file that is still there has its name already."""
    own = path.absolute()
    if not is_text(str(own)):  # `_index_file` says so
        return source
    folders = list(own.parts[1 : -len(source.split("/"))])
    while True:
        known = index.find(source=source)
        other = taken.get(source) or (known.origin.path if known and known.origin.path.is_file() else own)
        if other == own or not folders:
            taken[source] = own
            return source
        source = f"{folders.pop()}/{source}"


def _index_file(index: Index, path: Path, source: str, progress: Progress, place: tuple[int, int]) -> Outcome:
    if not is_text(source):
        raise UnreadableFile("file.name", source)
    sha256 = content_hash(path)
    is_known = index.find(source=source) is not None
    same = index.find(sha256=sha256) if sha256 else None
    if same is None:
        document = load_document(path, source)
        progress("embedding", source, *place)
        index.add(document, Origin(path.absolute(), sha256, path.stat().st_size))
        return Outcome(source, "updated" if is_known else "added", but=tuple(_reserves(document)))
    if same.source == source:
        return Outcome(source, "unchanged")
    if content_hash(same.origin.path) == sha256:
        if is_known:  # this file had a content of its own, which is gone
            index.remove(source)
        return Outcome(source, "updated" if is_known else "unchanged", of=same.source)
    index.rename(same.id, source, path.absolute())
    return Outcome(source, "updated", of=same.source, moved=True)


def is_text(name: str) -> bool:
    """Tell whether a name can be written as UTF-8: Linux takes any bytes for one."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def content_hash(path: Path) -> str:
    """Hash the content of a file; empty where it is no file that the loaders read."""
    try:
        if format_of(path) is None or not path.is_file() or path.stat().st_size > MAX_FILE:
            return ""
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
