"""The path of a document: file → text → passages → vectors → stored → published."""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from rag.loaders import KINDS, MAX_FILE, UnreadableFile, load_document
from rag.records import Progress
from rag.schema import RagError
from rag.store import PassageStore


@dataclass
class Summary:
    """Hold what became of each file, by source; what was skipped comes with the reason in one sentence."""

    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def index_paths(store: PassageStore, paths: Sequence[Path], progress: Progress = lambda *_: None) -> Summary:
    """Add or update files and folders of files, and publish them.

    `progress` hears the stage, the source at work, its number from 1 and the number of all. Each document is stored
    as soon as it is embedded, so an interrupted run loses at most one. Raises `RagError` where a path is not there, the
    index was made with other settings, another process is writing, or the disk is full.
    """
    summary = Summary()
    files = [file for path in paths for file in find_files(path, summary.skipped)]
    with store.writing():
        store.prepare()
        paths_by_source: dict[str, Path] = {}
        for number, (path, source) in enumerate(files, 1):
            progress("reading", source, number, len(files))
            if paths_by_source.setdefault(source, path) != path:
                first = paths_by_source[source]
                summary.skipped.append(f"{path}: {first} has the same name; index the folder that holds both")
                continue
            try:
                _index_file(store, path, source, summary, partial(progress, "embedding", source, number, len(files)))
            except UnreadableFile as error:
                summary.skipped.append(str(error))
            except FileNotFoundError:
                summary.skipped.append(f"{source}: it has vanished")
        progress("publishing", "", len(files), len(files))
        store.publish_if_stale()
    return summary


def find_files(path: Path, unreadable: list[str]) -> Iterator[tuple[Path, str]]:
    """Give each file and its source: the name of a file, or the path relative to the folder it was found in.

    Folders that may not be read are named in `unreadable`; links to folders are not followed.
    """

    def remember(error: OSError) -> None:
        unreadable.append(f"{error.filename}: the folder may not be read; check its permissions")

    if not path.exists():
        raise RagError(f"{path} is not there; give a file or a folder that exists")
    if not path.is_dir():
        yield path, path.name
        return
    if not os.access(path, os.R_OK | os.X_OK):
        raise RagError(f"the folder {path} may not be read; check its permissions")
    for folder, folders, names in os.walk(path, onerror=remember):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith("."):
                file = Path(folder) / name
                yield file, file.relative_to(path).as_posix()


def _index_file(store: PassageStore, path: Path, source: str, summary: Summary, embedding: Callable[[], None]) -> None:
    try:
        source.encode()
    except UnicodeEncodeError as error:
        raise UnreadableFile(f"{source}: its name is not UTF-8; rename it") from error
    sha256 = content_hash(path)
    known = store.database.document("source", source) is not None
    same = store.database.document("sha256", sha256) if sha256 else None
    if same is None:
        document = load_document(path, source)
        embedding()
        store.add_document(document, path.absolute(), sha256, path.stat().st_size)
        (summary.updated if known else summary.added).append(source)
    elif same.source == source:
        summary.unchanged.append(source)
    elif content_hash(Path(same.path)) == sha256:
        if known:  # this file had a content of its own, which is gone
            store.database.remove(source)
        (summary.updated if known else summary.unchanged).append(f"{source} (same content as {same.source})")
    else:
        store.database.rename(same.id, source, path.absolute())
        summary.updated.append(f"{source} (was {same.source})")


def content_hash(path: Path) -> str:
    """Hash the content of a file; empty where it is no file that the loaders read."""
    try:
        if path.suffix.lower() not in KINDS or not path.is_file() or path.stat().st_size > MAX_FILE:
            return ""
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
