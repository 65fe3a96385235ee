"""What people did: one JSON object a line, in a file that only grows, and is rotated.

It names no document and holds no text: a document stands there as the hash of its source.
"""

import hashlib
import json
import logging
import os
from collections.abc import Callable
from datetime import UTC, datetime
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock

from rag.problems import RagError

FILE = "audit.jsonl"
MAX_BYTES = 10_000_000
FILES = 10  # former ones that are kept; older lines go
COMMAND_LINE = "(command line)"  # who did it: no name of a person's
FORGOTTEN = "(forgotten)"


class Audit:
    """Write down and read what people did; several processes may."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._lock = FileLock(folder / f"{FILE}.lock")
        self._handler = _Handler(self._path, maxBytes=MAX_BYTES, backupCount=FILES, delay=True, encoding="utf-8")
        self._handler.setFormatter(logging.Formatter("%(message)s"))

    def note(self, who: str, action: str, **details: str) -> None:
        """Write one line. Raises `RagError` where it cannot be written."""
        time = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"time": time, "who": who, "action": action, **details}, ensure_ascii=False)
        record = logging.LogRecord(__name__, logging.INFO, "", 0, line, None, None)
        self._locked(lambda: self._handler.handle(record))

    def lines(self, most: int) -> list[dict[str, Any]]:
        """Read the last lines, the newest first."""
        read: list[dict[str, Any]] = []
        for path in self._paths():
            for line in reversed(path.read_text(encoding="utf-8").splitlines()):
                if len(read) == most:
                    return read
                if held := _parsed(line):
                    read.append(held)
        return read

    def forget(self, name: str) -> None:
        """Leave a person's name out of all lines. Raises `RagError`."""

        def rewrite() -> None:
            for path in self._paths():
                former = path.read_text(encoding="utf-8").splitlines()
                lines = [_without(held, name) for line in former if (held := _parsed(line))]
                new = path.with_name(f"{path.name}.new")
                with _private(new, "w") as out:
                    out.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
                    out.flush()
                    os.fsync(out.fileno())
                new.replace(path)

        self._locked(rewrite)

    def _paths(self) -> list[Path]:
        """List the files, the newest first."""
        former = [self._path.with_name(f"{FILE}.{number}") for number in range(1, FILES + 1)]
        return [path for path in (self._path, *former) if path.exists()]

    def _locked(self, work: Callable[[], object]) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._lock:
                work()
        except OSError as error:
            raise RagError("audit.unusable", name=self._path, detail=error.strerror) from error


class _Handler(RotatingFileHandler):
    """Open the file for each line alone: others rotate and rewrite it meanwhile."""

    def emit(self, record: logging.LogRecord) -> None:
        super().emit(record)
        self.close()

    def _open(self) -> TextIOWrapper:
        return _private(Path(self.baseFilename), "a")

    def handleError(self, record: logging.LogRecord) -> None:
        """Let whoever writes hear of it: what is not written down is not done."""
        raise


def digest_of(source: str) -> str:
    """Return what stands for a document in the log."""
    return hashlib.sha256(source.encode("utf-8", "replace")).hexdigest()[:16]


def _private(path: Path, mode: Literal["a", "w"]) -> TextIOWrapper:
    """Open a file of its owner's alone."""
    flags = os.O_WRONLY | os.O_CREAT | (os.O_APPEND if mode == "a" else os.O_TRUNC)
    return os.fdopen(os.open(path, flags, 0o600), mode, encoding="utf-8")


def _parsed(line: str) -> dict[str, Any] | None:
    """Read a line; one that a kill cut off is none."""
    try:
        held: dict[str, Any] = json.loads(line)
    except ValueError:
        return None
    return held


def _without(line: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: FORGOTTEN if value == name else value for key, value in line.items()}
