"""The file that holds the truth: one SQLite database, its transactions, and what describes it.

A reader sees all of a transaction or nothing, and a process killed at any moment loses at most the one it was in.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rag.index.embedded.migrations import STEPS, bring_up_to_date, steps_taken
from rag.problems import RagError


class Database:
    """Read and write one file; each thread has its own connection."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()

    @property
    def _connection(self) -> sqlite3.Connection:
        if not hasattr(self._local, "connection"):
            with self._plain_errors():
                self._local.connection = self._connect()
        found: sqlite3.Connection = self._local.connection
        return found

    def _connect(self) -> sqlite3.Connection:
        if self.path.exists() and not (os.access(self.path, os.W_OK) and os.access(self.path.parent, os.W_OK)):
            # Whoever may only read has no write-ahead log to read either: the file as the last writer closed it.
            connection = sqlite3.connect(f"{self.path.absolute().as_uri()}?immutable=1", uri=True, isolation_level=None)
            if self._steps_taken(connection) < len(STEPS):
                raise RagError("index.read_only", path=self.path)
            return connection
        connection = sqlite3.connect(self.path, timeout=30, isolation_level=None)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        taken = self._steps_taken(connection)
        if taken == 0:
            connection.execute("PRAGMA journal_mode = WAL")
        if taken < len(STEPS):
            bring_up_to_date(connection)
        return connection

    def _steps_taken(self, connection: sqlite3.Connection) -> int:
        taken = steps_taken(connection)
        if taken < 0:
            raise RagError("index.foreign", path=self.path)
        if taken > len(STEPS):
            raise RagError("index.newer", path=self.path)
        return taken

    @contextmanager
    def _plain_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            message = str(error)
            if "full" in message:
                raise RagError("index.full", path=self.path) from error
            if "locked" in message:
                raise RagError("index.locked", path=self.path) from error
            if "readonly" in message or "unable to open" in message:
                raise RagError("index.denied", path=self.path) from error
            if "malformed" in message or "not a database" in message:
                raise RagError("index.damaged", path=self.path, detail=message) from error
            raise RagError("index.unusable", path=self.path, detail=message) from error

    @contextmanager
    def transaction(self, counts: bool = True) -> Iterator[sqlite3.Connection]:
        """Make all changes inside visible at once, or none of them; one that `counts` counts the version up."""
        connection = self._connection
        with self._plain_errors():
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                if counts:
                    connection.execute("UPDATE meta SET value = value + 1 WHERE key = 'version'")
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def rows(self, query: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Read all rows of a query."""
        connection = self._connection
        with self._plain_errors():
            return connection.execute(query, parameters).fetchall()

    def get(self, key: str) -> str | None:
        """Read a value that describes the index."""
        rows = self.rows("SELECT value FROM meta WHERE key = ?", [key])
        return str(rows[0][0]) if rows else None

    def put(self, values: dict[str, str]) -> None:
        """Write values that describe the index, without counting as a change of its content."""
        with self.transaction(counts=False) as connection:
            connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())

    @property
    def version(self) -> int:
        """Count the changes since the index was made."""
        return int(self.get("version") or 0)

    def copy_to(self, path: Path) -> None:
        """Copy the whole file, as it is at one moment, while others read and write."""
        copy = sqlite3.connect(path)
        try:
            with self._plain_errors():
                self._connection.backup(copy)
        finally:
            copy.close()

    def close(self) -> None:
        """Close this thread's connection; the next use opens it again."""
        if hasattr(self._local, "connection"):
            self._local.connection.close()
            del self._local.connection
