"""What the database holds: documents, their passages, and a vector for each sentence."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.index.embedded import structure
from rag.index.embedded.database import Database
from rag.index.embedded.scopes import condition
from rag.index.protocol import Embedded
from rag.problems import RagError
from rag.schema import (
    EVERYTHING,
    Counts,
    Document,
    Entry,
    Origin,
    Passage,
    Restriction,
    Scope,
    Vectors,
)

LISTED = """SELECT id, source, title, kind, path, sha256, size, metadata, added,
    (SELECT count(*) FROM passages WHERE document = documents.id),
    (SELECT json_group_array(label) FROM labels WHERE document = documents.id)
    FROM documents"""
COLUMNS = (
    "source",
    "path",
    "sha256",
    "title",
    "kind",
    "size",
    "added",
    "text",
    "pages",
    "metadata",
    "parts",
)
TEXTS = "SELECT source, title, kind, text, pages, parts FROM documents"
BATCH = 500
HEAD = 400  # characters of a document in which whoever it is about is named


class Catalog(Database):
    """Read and write documents, passages and vectors."""

    def documents(self, only: Scope = EVERYTHING) -> list[Entry]:
        """List all documents by source."""
        inside, values = condition(only)
        return [_entry(row) for row in self.rows(f"{LISTED} WHERE {inside} ORDER BY source", values)]

    def find(self, *, source: str = "", sha256: str = "", only: Scope = EVERYTHING) -> Entry | None:
        """Find a document by its source or by the hash of its content."""
        key, value = ("source", source) if source else ("sha256", sha256)
        inside, values = condition(only)
        rows = self.rows(f"{LISTED} WHERE {key} = ? AND {inside}", [value, *values])
        return _entry(rows[0]) if rows else None

    def counts(self, only: Scope = EVERYTHING) -> Counts:
        """Count documents and passages."""
        inside, values = condition(only)
        own = f"SELECT id FROM documents WHERE {inside}"
        documents, passages = (
            self.rows(f"SELECT count(*) FROM {counted} IN ({own})", values)[0][0]
            for counted in ("documents WHERE id", "passages WHERE document")
        )
        return Counts(documents, passages)

    def document(self, source: str, only: Scope = EVERYTHING) -> Document | None:
        """Read one document with its text, or None."""
        inside, values = condition(only)
        rows = self.rows(f"{TEXTS} WHERE source = ? AND {inside}", [source, *values])
        if not rows:
            return None
        source, title, kind, text, pages, parts = rows[0]
        return Document(source, title, kind, text, tuple(json.loads(pages)), parts=structure.read_parts(parts))

    def read(self, source: str, start: int, end: int, only: Scope = EVERYTHING) -> str:
        """Read a span of a document's stored text; empty if the document is not there."""
        inside, values = condition(only)
        query = f"SELECT substr(text, ? + 1, ?) FROM documents WHERE source = ? AND {inside}"
        rows = self.rows(query, [start, end - start, source, *values])
        return str(rows[0][0]) if rows else ""

    def ids(self, only: Scope) -> list[int]:
        """List the ids of the documents of a scope."""
        inside, values = condition(only)
        return [row[0] for row in self.rows(f"SELECT id FROM documents WHERE {inside}", values)]

    def vectors_of(self, documents: Sequence[int]) -> NDArray[np.int64]:
        """List the ids of the vectors of documents."""
        query = """SELECT v.id FROM vectors v JOIN passages p ON p.id = v.passage
            WHERE p.document IN ({})"""
        batches = (self.rows(query.format(_marks(b)), b) for b in _batches(documents))
        return np.array([row[0] for rows in batches for row in rows], np.int64)

    def add(self, document: Document, origin: Origin, passages: Iterable[Embedded]) -> None:
        """Add a document, or replace the one of the same source, which keeps its labels."""
        if "\0" in document.text:
            raise RagError("file.nul")
        with self.transaction() as connection:
            query = "SELECT id FROM documents WHERE source = ?"
            former = connection.execute(query, [document.source]).fetchone()
            connection.execute("DELETE FROM passages WHERE document = ?", former or [0])
            now = datetime.now(UTC).isoformat(timespec="seconds")
            head = [document.source, str(origin.path), origin.sha256, document.title, document.kind]
            parts = structure.written_parts(document.parts)
            pages = json.dumps(document.pages)
            tail = [origin.size, now, document.text, pages, origin.metadata, parts]
            if former:
                query = f"UPDATE documents SET {' = ?, '.join(COLUMNS)} = ? WHERE id = ?"
                connection.execute(query, [*head, *tail, *former])
            else:
                marks = _marks(COLUMNS)
                query = f"INSERT INTO documents ({', '.join(COLUMNS)}) VALUES ({marks})"
                former = [connection.execute(query, [*head, *tail]).lastrowid]
            for passage in passages:
                insert_passage(connection, former[0], passage)

    def rename(self, document: int, source: str, path: Path) -> None:
        """Give a document another source: its file was moved."""
        with self.transaction() as connection:
            query = "SELECT source FROM documents WHERE id = ?"
            former = connection.execute(query, [document]).fetchone()
            remove = "DELETE FROM documents WHERE source = ? AND id != ?"
            connection.execute(remove, [source, document])
            rename = "UPDATE documents SET source = ?, path = ? WHERE id = ?"
            connection.execute(rename, [source, str(path), document])
            move = """INSERT OR IGNORE INTO restrictions
                SELECT kind, ?, member FROM restrictions WHERE kind = 'source' AND name = ?"""
            connection.execute(move, [source, *(former or [""])])

    def remove(self, source: str) -> bool:
        """Remove a document and all that it brought; tell whether it was there."""
        with self.transaction() as connection:
            query = "DELETE FROM documents WHERE source = ?"
            return connection.execute(query, [source]).rowcount > 0

    def label(self, source: str, labels: Iterable[str]) -> None:
        """Give a document these labels and no others."""
        with self.transaction(counts=False) as connection:
            own = "(SELECT id FROM documents WHERE source = ?)"
            connection.execute(f"DELETE FROM labels WHERE document = {own}", [source])
            add = "INSERT INTO labels SELECT id, ? FROM documents WHERE source = ?"
            connection.executemany(add, [(label, source) for label in sorted(set(labels))])

    def restrict(self, new: Restriction) -> None:
        """Show a document, a folder or a label to these groups only."""
        with self.transaction(counts=False) as connection:
            query = "DELETE FROM restrictions WHERE kind = ? AND name = ?"
            connection.execute(query, [new.kind, new.name])
            rows = [(new.kind, new.name, group) for group in sorted(new.groups)]
            connection.executemany("INSERT INTO restrictions VALUES (?, ?, ?)", rows)

    def restrictions(self) -> list[Restriction]:
        """List what is shown to some groups only."""
        query = "SELECT kind, name, json_group_array(member) FROM restrictions GROUP BY kind, name"
        return [Restriction(kind, name, frozenset(json.loads(groups))) for kind, name, groups in self.rows(query)]

    def passages_of(self, source: str, only: Scope = EVERYTHING) -> list[tuple[Passage, Vectors, str]]:
        """Read all passages of a document in order, as `passages` does."""
        inside, values = condition(only)
        own = f"SELECT id FROM documents WHERE source = ? AND {inside}"
        query = f"SELECT id FROM passages WHERE document = ({own}) ORDER BY id"
        found = self.passages([row[0] for row in self.rows(query, [source, *values])])
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
    identifier, source, title, kind, path, sha256, size, metadata, added, passages, labels = row
    origin = Origin(Path(path), sha256, size, metadata)
    own = frozenset(json.loads(labels))
    return Entry(identifier, source, title, kind, origin, added, passages, own)


def _batches(ids: Sequence[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), BATCH):
        yield [int(i) for i in ids[start : start + BATCH]]


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))
