"""What the database holds: documents, their passages, and a vector for each sentence."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.index import structure
from rag.index.database import Database
from rag.index.protocol import Counts, Entry, Origin, Vectors
from rag.problems import RagError
from rag.schema import Document, Passage

LISTED = """SELECT id, source, title, kind, path, sha256, size, metadata, added,
    (SELECT count(*) FROM passages WHERE document = documents.id) FROM documents"""
TEXTS = "SELECT source, title, kind, text, pages, parts FROM documents"
BATCH = 500
HEAD = 400  # characters of a document in which whoever it is about is named

Embedded = tuple[Passage, Vectors]  # a passage, and one row for each of its sentences


class Catalog(Database):
    """Read and write documents, passages and vectors."""

    def documents(self) -> list[Entry]:
        """List all documents by source."""
        return [_entry(row) for row in self.rows(f"{LISTED} ORDER BY source")]

    def find(self, *, source: str = "", sha256: str = "") -> Entry | None:
        """Find a document by its source or by the hash of its content."""
        key, value = ("source", source) if source else ("sha256", sha256)
        rows = self.rows(f"{LISTED} WHERE {key} = ?", [value])
        return _entry(rows[0]) if rows else None

    def counts(self) -> Counts:
        """Count documents and passages."""
        return Counts(*self.rows("SELECT (SELECT count(*) FROM documents), (SELECT count(*) FROM passages)")[0])

    def document(self, source: str) -> Document | None:
        """Read one document with its text, or None."""
        rows = self.rows(f"{TEXTS} WHERE source = ?", [source])
        if not rows:
            return None
        source, title, kind, text, pages, parts = rows[0]
        return Document(source, title, kind, text, tuple(json.loads(pages)), parts=structure.read_parts(parts))

    def read(self, source: str, start: int, end: int) -> str:
        """Read a span of a document's stored text; empty if the document is not there."""
        rows = self.rows("SELECT substr(text, ? + 1, ?) FROM documents WHERE source = ?", [start, end - start, source])
        return str(rows[0][0]) if rows else ""

    def add(self, document: Document, origin: Origin, passages: Iterable[Embedded]) -> None:
        """Add a document, or replace the one of the same source."""
        if "\0" in document.text:
            raise RagError("file.nul")
        with self.transaction() as connection:
            connection.execute("DELETE FROM documents WHERE source = ?", [document.source])
            now = datetime.now(UTC).isoformat(timespec="seconds")
            values = [document.source, str(origin.path), origin.sha256, document.title, document.kind, origin.size, now]
            query = "INSERT INTO documents VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            parts = structure.written_parts(document.parts)
            more = [document.text, json.dumps(document.pages), origin.metadata, parts]
            owner = connection.execute(query, [*values, *more]).lastrowid
            for passage in passages:
                insert_passage(connection, owner or 0, passage)

    def rename(self, document: int, source: str, path: Path) -> None:
        """Give a document another source: its file was moved."""
        with self.transaction() as connection:
            connection.execute("DELETE FROM documents WHERE source = ? AND id != ?", [source, document])
            connection.execute("UPDATE documents SET source = ?, path = ? WHERE id = ?", [source, str(path), document])

    def remove(self, source: str) -> bool:
        """Remove a document and all that it brought; tell whether it was there."""
        with self.transaction() as connection:
            return connection.execute("DELETE FROM documents WHERE source = ?", [source]).rowcount > 0

    def passages_of(self, source: str) -> list[tuple[Passage, Vectors, str]]:
        """Read all passages of a document in order, as `passages` does."""
        query = "SELECT p.id FROM passages p JOIN documents d ON d.id = p.document WHERE d.source = ? ORDER BY p.id"
        found = self.passages([row[0] for row in self.rows(query, [source])])
        return [found[identifier] for identifier in sorted(found)]

    def passages(self, ids: Sequence[int]) -> dict[int, tuple[Passage, Vectors, str]]:
        """Read passages by id, each with its vectors and the head of its document; those that are gone are left out."""
        found: dict[int, tuple[Passage, Vectors, str]] = {}
        for batch in _batches(ids):
            own: dict[int, list[tuple[Any, ...]]] = {}
            query = f'SELECT passage, start, "end", vector FROM vectors WHERE passage IN ({_marks(batch)}) ORDER BY id'
            for row in self.rows(query, batch):
                own.setdefault(row[0], []).append(row)
            query = f"""SELECT p.id, d.source, d.title, p.start, p."end", p.heading, p.language, p.text, p.marks,
                d.pages, substr(d.text, 1, {HEAD})
                FROM passages p JOIN documents d ON d.id = p.document WHERE p.id IN ({_marks(batch)})"""
            for identifier, source, title, start, end, heading, language, text, *more in self.rows(query, batch):
                marks, pages, head = more
                if rows := own.get(identifier):
                    spans, begun = tuple((r[1], r[2]) for r in rows), tuple(json.loads(pages))
                    told = source, title, start, end, heading, language, text, spans, begun
                    passage = Passage(*told, structure.read_marks(marks), identifier)
                    found[identifier] = passage, matrix([r[3] for r in rows]), head
        return found

    def owners(self, vectors: Sequence[int]) -> dict[int, int]:
        """Read, by id of a vector, its passage; those that are no longer there are left out."""
        found: dict[int, int] = {}
        for batch in _batches(vectors):
            found.update(self.rows(f"SELECT id, passage FROM vectors WHERE id IN ({_marks(batch)})", batch))
        return found

    def all_vectors(self, dimension: int) -> tuple[NDArray[np.int64], Vectors]:
        """Read the ids and the rows of all vectors."""
        rows = self.rows("SELECT id, vector FROM vectors ORDER BY id")
        ids = np.array([row[0] for row in rows], np.int64)
        return ids, matrix([row[1] for row in rows]) if rows else np.zeros((0, dimension), np.float32)

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


def matrix(blobs: Sequence[bytes]) -> Vectors:
    """Read stored vectors as rows."""
    return np.frombuffer(b"".join(blobs), np.float32).reshape(len(blobs), -1)


def insert_passage(connection: sqlite3.Connection, document: int, embedded: Embedded, tables: str = "") -> None:
    """Insert a passage and its vectors, into tables whose names begin as told."""
    new, vectors = embedded
    values = [document, new.start, new.end, new.heading, new.language, new.text, structure.written_marks(new.marks)]
    query = f"INSERT INTO {tables}passages VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)"
    passage = connection.execute(query, values).lastrowid or 0
    rows = [(passage, *span, vector.tobytes()) for span, vector in zip(new.spans, vectors, strict=True)]
    connection.executemany(f"INSERT INTO {tables}vectors VALUES (NULL, ?, ?, ?, ?)", rows)


def _entry(row: tuple[Any, ...]) -> Entry:
    identifier, source, title, kind, path, sha256, size, metadata, added, passages = row
    return Entry(identifier, source, title, kind, Origin(Path(path), sha256, size, metadata), added, passages)


def _batches(ids: Sequence[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), BATCH):
        yield [int(i) for i in ids[start : start + BATCH]]


def _marks(values: Sequence[int]) -> str:
    return ",".join("?" * len(values))
