"""Documents that programs send: saved for as long as they are indexed, with progress."""

import logging
import queue
import shutil
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from fastapi import UploadFile

from rag.api.access import Refused
from rag.documents.parsed import MAX_FILE
from rag.index.protocol import Index, Stage
from rag.indexing import Outcome, index_paths
from rag.people.sight import is_hidden
from rag.problems import RagError
from rag.schema import Scope
from rag.service.engine import Engine

MAX_FILES = 100  # of one upload
BLOCK = 1 << 20  # bytes

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Step:
    """Hold how far an upload is: the stage, the source at work, its number and that of all."""

    stage: Stage
    source: str
    number: int
    total: int


class Upload:
    """Hold files in a folder of their own until they are indexed."""

    def __init__(self, files: Sequence[UploadFile]) -> None:
        """Save the files. Raises `Refused` where one has no name, or they are too many or too large."""
        if len(files) > MAX_FILES:
            raise Refused(413, f"at most {MAX_FILES} files at a time", "too_many_files")
        self._folder = Path(mkdtemp(prefix="rag-api-"))
        try:
            self._paths = [_saved(file, self._folder / str(n)) for n, file in enumerate(files)]
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise

    def check_names(self, index: Index, only: Scope) -> None:
        """Raise `Refused` where a file would replace a document that whoever sends it cannot see."""
        for path in self._paths:
            if is_hidden(index, path.name, only):
                shutil.rmtree(self._folder, ignore_errors=True)
                raise Refused(409, f"{path.name}: choose another name", "name_taken")

    def steps(self, engine: Engine) -> Iterator[Step | list[Outcome]]:
        """Index the files and yield each step, then what became of them.

        The work is done to its end even where nobody listens any more. Raises `RagError`.
        """
        events: queue.Queue[Step | list[Outcome] | RagError] = queue.Queue()

        def hear(stage: Stage, source: str, number: int, total: int) -> None:
            events.put(Step(stage, source, number, total))

        def work() -> None:
            try:
                index = engine.writer()
                with index.writing():
                    outcomes = index_paths(index, self._paths, hear)
                    # While nobody else writes: whoever indexes a file of the same name would
                    # take these for another document's, as long as they are there.
                    shutil.rmtree(self._folder, ignore_errors=True)
                events.put(outcomes)
            except RagError as problem:
                events.put(problem)
            except Exception:  # whatever it is, whoever waits must hear of it
                log.exception("an upload could not be indexed")
                events.put(RagError("index.upload"))
            finally:
                shutil.rmtree(self._folder, ignore_errors=True)

        # A program that is stopped meanwhile leaves an index without the document at work.
        threading.Thread(target=work, name="indexing", daemon=True).start()
        while isinstance(event := events.get(), Step):
            yield event
        if isinstance(event, RagError):
            raise event
        yield event

    def outcomes(self, engine: Engine) -> list[Outcome]:
        """Index the files and return what became of them. Raises `RagError`."""
        *_, last = self.steps(engine)
        return last if isinstance(last, list) else []


def _saved(file: UploadFile, folder: Path) -> Path:
    """Write an upload to a folder of its own under its own name, which is never a path."""
    name = Path((file.filename or "").replace("\\", "/")).name
    if name in ("", ".", ".."):
        raise Refused(400, "files: each file needs a name", "no_name")
    if (file.size or 0) > MAX_FILE:
        raise Refused(413, f"{name} is larger than {MAX_FILE // 1_000_000} MB", "too_large")
    folder.mkdir()
    path = folder / name
    with path.open("wb") as out:
        while block := file.file.read(BLOCK):
            out.write(block)
    return path
