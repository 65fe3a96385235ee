"""The truth: one SQLite file with documents, passages and vectors; everything else is made from it.

A document is added, replaced or removed in one transaction, so a reader sees all of it or nothing, and a
process killed at any moment loses at most the document that it was adding.
"""

import json
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from rag.embeddings import Vectors
from rag.records import NewPassage, StoredDocument, StoredPassage
from rag.schema import Document, RagError, page_at

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL UNIQUE, path TEXT NOT NULL, sha256 TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL, kind TEXT NOT NULL, size INTEGER NOT NULL, added TEXT NOT NULL, text TEXT NOT NULL,
    pages TEXT NOT NULL
);
CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, heading TEXT NOT NULL, language TEXT NOT NULL, text TEXT NOT NULL
);
CREATE TABLE vectors (
    id INTEGER PRIMARY KEY AUTOINCREMENT, passage INTEGER NOT NULL REFERENCES passages ON DELETE CASCADE,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, vector BLOB NOT NULL
);
CREATE INDEX passages_document ON passages (document);
CREATE INDEX vectors_passage ON vectors (passage);
INSERT INTO meta VALUES ('format', '1'), ('version', '0');
"""
DOCUMENTS = """SELECT id, source, path, sha256, title, kind, size, added,
    (SELECT count(*) FROM passages WHERE document = documents.id) FROM documents"""
TEXTS = "SELECT id, source, title, kind, text, pages FROM documents"
START_AGAIN = "delete its folder and index again"
FORMAT = "1"
BATCH = 500


class Database:
    """Read and write the truth; each thread has its own connection."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()

    @property
    def _connection(self) -> sqlite3.Connection:
        if not hasattr(self._local, "connection"):
            with self._plain_errors():
                self._local.connection = self._connect()
            if self.get("format") != FORMAT:
                del self._local.connection
                raise RagError(f"the index {self.path} was made by another version; {START_AGAIN}")
        found: sqlite3.Connection = self._local.connection
        return found

    def _connect(self) -> sqlite3.Connection:
        if self.path.exists() and not (os.access(self.path, os.W_OK) and os.access(self.path.parent, os.W_OK)):
            # Whoever may only read has no write-ahead log to read either: the file as the last writer closed it.
            return sqlite3.connect(f"{self.path.absolute().as_uri()}?immutable=1", uri=True, isolation_level=None)
        connection = sqlite3.connect(self.path, timeout=30, isolation_level=None)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("BEGIN IMMEDIATE")
            if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
                for statement in SCHEMA.split(";\n"):
                    connection.execute(statement)
            connection.execute("COMMIT")
        return connection

    @contextmanager
    def _plain_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            message = str(error)
            if "full" in message:
                raise RagError(f"the disk is full: {self.path} is unchanged; free some space and try again") from error
            if "locked" in message:
                raise RagError(f"the index {self.path} is in use by another process; try again in a moment") from error
            if "readonly" in message or "unable to open" in message:
                raise RagError(
                    f"the index {self.path} cannot be opened; check the permissions of its folder"
                ) from error
            if "malformed" in message or "not a database" in message:
                raise RagError(f"the index {self.path} is damaged ({message}); {START_AGAIN}") from error
            raise RagError(f"the index {self.path} cannot be used ({message}); nothing in it was changed") from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Make all changes inside visible at once, or none of them; each one counts the version up."""
        connection = self._connection
        with self._plain_errors():
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
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
        connection = self._connection
        with self._plain_errors(), connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())

    @property
    def version(self) -> int:
        """Count the changes since the index was made."""
        return int(self.get("version") or 0)

    def documents(self) -> list[StoredDocument]:
        """List all documents by source."""
        return [StoredDocument(*row) for row in self.rows(f"{DOCUMENTS} ORDER BY source")]

    def document(self, key: Literal["source", "sha256"], value: str) -> StoredDocument | None:
        """Find a document by its source or by the hash of its content."""
        rows = self.rows(f"{DOCUMENTS} WHERE {key} = ?", [value])
        return StoredDocument(*rows[0]) if rows else None

    def count(self, what: Literal["documents", "passages"]) -> int:
        """Count all documents or all passages."""
        return int(self.rows(f"SELECT count(*) FROM {what}")[0][0])

    def add(self, document: Document, path: Path, sha256: str, size: int, passages: Iterable[NewPassage]) -> list[int]:
        """Add a document, or replace the one of the same source, and give the ids of its passages."""
        if "\0" in document.text:
            raise RagError(f"{document.source}: its text holds NUL characters")
        ids: list[int] = []
        with self.transaction() as connection:
            connection.execute("DELETE FROM documents WHERE source = ?", [document.source])
            now = datetime.now(UTC).isoformat(timespec="seconds")
            values = [document.source, str(path), sha256, document.title, document.kind, size, now, document.text]
            query = "INSERT INTO documents VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            owner = connection.execute(query, [*values, json.dumps(document.pages)]).lastrowid
            for passage in passages:
                ids.append(_insert(connection, owner or 0, passage))
        return ids

    def rename(self, document: int, source: str, path: Path) -> None:
        """Give a document another source: its file was moved."""
        with self.transaction() as connection:
            connection.execute("DELETE FROM documents WHERE source = ? AND id != ?", [source, document])
            connection.execute("UPDATE documents SET source = ?, path = ? WHERE id = ?", [source, str(path), document])

    def replace_passages(self, passages: list[tuple[int, list[NewPassage]]], meta: dict[str, str]) -> None:
        """Replace the passages of all documents, and what describes the index, in one transaction."""
        with self.transaction() as connection:
            connection.execute("DELETE FROM passages")
            for document, new in passages:
                for passage in new:
                    _insert(connection, document, passage)
            connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", meta.items())

    def stored_texts(self) -> list[tuple[int, Document]]:
        """Read all documents by id, to split and embed them again."""
        return [(row[0], _document(row)) for row in self.rows(f"{TEXTS} ORDER BY id")]

    def read(self, source: str) -> Document | None:
        """Read one document with its text, or None."""
        rows = self.rows(f"{TEXTS} WHERE source = ?", [source])
        return _document(rows[0]) if rows else None

    def remove(self, source: str) -> bool:
        """Remove a document and all that it brought; tell whether it was there."""
        with self.transaction() as connection:
            return connection.execute("DELETE FROM documents WHERE source = ?", [source]).rowcount > 0

    def delete_passages(self, ids: Sequence[int] | None) -> int:
        """Delete passages, or all documents; a document that has none left goes with its last. Count the passages."""
        with self.transaction() as connection:
            if ids is None:
                return connection.execute("DELETE FROM documents").rowcount
            deleted = 0
            for batch in _batches(ids):
                # What is left is no longer the file's content: the next indexing adds the file anew.
                owners = f"id IN (SELECT document FROM passages WHERE id IN ({_marks(batch)}))"
                connection.execute(f"UPDATE documents SET sha256 = 'part ' || id WHERE {owners}", batch)
                deleted += connection.execute(f"DELETE FROM passages WHERE id IN ({_marks(batch)})", batch).rowcount
            connection.execute("DELETE FROM documents WHERE id NOT IN (SELECT document FROM passages)")
            return deleted

    def passage_ids(self, document: int) -> list[int]:
        """List the passages of a document."""
        return [row[0] for row in self.rows("SELECT id FROM passages WHERE document = ? ORDER BY id", [document])]

    def slice(self, source: str, start: int, end: int) -> str:
        """Read a span of a document's stored text; empty if the document is not there."""
        rows = self.rows("SELECT substr(text, ? + 1, ?) FROM documents WHERE source = ?", [start, end - start, source])
        return str(rows[0][0]) if rows else ""

    def find(self, source: str, words: str) -> int | None:
        """Find where words stand in a document's stored text, or None."""
        rows = self.rows("SELECT instr(text, ?) FROM documents WHERE source = ?", [words, source])
        return int(rows[0][0]) - 1 if rows and rows[0][0] else None

    def passages(self, ids: Sequence[int]) -> dict[int, StoredPassage]:
        """Read passages by id; those that are no longer there are left out."""
        found: dict[int, StoredPassage] = {}
        for batch in _batches(ids):
            query = f"""SELECT p.id, p.document, d.source, d.title, p.start, p."end", p.heading, p.language, p.text,
                d.pages FROM passages p JOIN documents d ON d.id = p.document WHERE p.id IN ({_marks(batch)})"""
            for row in self.rows(query, batch):
                page = page_at(json.loads(row[9]), row[4])
                found[row[0]] = StoredPassage(*[*row[:9], page])
        return found

    def owners(self, vectors: Sequence[int]) -> dict[int, tuple[int, int, int]]:
        """Read, by id of a vector, its passage and its span; those that are no longer there are left out."""
        found: dict[int, tuple[int, int, int]] = {}
        for batch in _batches(vectors):
            query = f'SELECT id, passage, start, "end" FROM vectors WHERE id IN ({_marks(batch)})'
            found.update((row[0], row[1:]) for row in self.rows(query, batch))
        return found

    def spans(self, passages: Sequence[int]) -> dict[int, tuple[list[tuple[int, int]], Vectors]]:
        """Read, by passage, the spans of its sentences in order and their vectors."""
        rows: dict[int, list[tuple[Any, ...]]] = {}
        for batch in _batches(passages):
            query = f'SELECT passage, start, "end", vector FROM vectors WHERE passage IN ({_marks(batch)}) ORDER BY id'
            for row in self.rows(query, batch):
                rows.setdefault(row[0], []).append(row)
        return {
            passage: ([(row[1], row[2]) for row in own], _matrix([row[3] for row in own]))
            for passage, own in rows.items()
        }

    def all_vectors(self, dimension: int) -> tuple[NDArray[np.int64], Vectors]:
        """Read the ids and the rows of all vectors."""
        rows = self.rows("SELECT id, vector FROM vectors ORDER BY id")
        ids = np.array([row[0] for row in rows], np.int64)
        return ids, _matrix([row[1] for row in rows]) if rows else np.zeros((0, dimension), np.float32)

    def problems(self) -> list[str]:
        """Check the file itself and that every span lies in its document."""
        found = [str(row[0]) for row in self.rows("PRAGMA integrity_check") if row[0] != "ok"]
        found += [f"row {row[1]} of {row[0]} belongs to nothing" for row in self.rows("PRAGMA foreign_key_check")]
        for document, source, text in self.rows("SELECT id, source, text FROM documents"):
            query = 'SELECT id, start, "end", text FROM passages WHERE document = ?'
            for passage, start, end, copy in self.rows(query, [document]):
                if text[start:end] != copy:
                    found.append(f"passage {passage} is not what stands in {source}")
        return found


def _document(row: tuple[Any, ...]) -> Document:
    return Document(row[1], row[2], row[3], row[4], tuple(json.loads(row[5])))


def _matrix(blobs: Sequence[bytes]) -> Vectors:
    return np.frombuffer(b"".join(blobs), np.float32).reshape(len(blobs), -1)


def _insert(connection: sqlite3.Connection, document: int, new: NewPassage) -> int:
    values = [document, new.start, new.end, new.heading, new.language, new.text]
    passage = connection.execute("INSERT INTO passages VALUES (NULL, ?, ?, ?, ?, ?, ?)", values).lastrowid or 0
    rows = [(passage, *span, vector.tobytes()) for span, vector in zip(new.spans, new.vectors, strict=True)]
    connection.executemany("INSERT INTO vectors VALUES (NULL, ?, ?, ?, ?)", rows)
    return passage


def _batches(ids: Sequence[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), BATCH):
        yield [int(i) for i in ids[start : start + BATCH]]


def _marks(values: Sequence[int]) -> str:
    return ",".join("?" * len(values))
