"""The tables, as steps from each version of them to the next: an index of any earlier version opens.

`PRAGMA user_version` counts the steps that were taken. The first version knew no steps and kept `format` in `meta`.
"""

import sqlite3

FIRST = """
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
INSERT INTO meta VALUES ('version', '0');
"""
# What an index embeds anew (other settings, a later version) waits here until all of it is there, document by
# document, so that an interrupted run goes on where it stopped and readers see the old passages until the end.
COMING = """
DELETE FROM meta WHERE key = 'format';
ALTER TABLE documents ADD COLUMN metadata TEXT NOT NULL DEFAULT '';
CREATE TABLE coming_passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, heading TEXT NOT NULL, language TEXT NOT NULL, text TEXT NOT NULL
);
CREATE TABLE coming_vectors (
    id INTEGER PRIMARY KEY AUTOINCREMENT, passage INTEGER NOT NULL REFERENCES coming_passages ON DELETE CASCADE,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, vector BLOB NOT NULL
);
CREATE INDEX coming_passages_document ON coming_passages (document);
CREATE INDEX coming_vectors_passage ON coming_vectors (passage);
"""
# Of documents; what is restricted is named, not numbered: a folder's documents may come later.
LABELS = """
CREATE TABLE labels (
    document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE, label TEXT NOT NULL,
    PRIMARY KEY (document, label)
) WITHOUT ROWID;
CREATE TABLE restrictions (
    kind TEXT NOT NULL, name TEXT NOT NULL, member TEXT NOT NULL, PRIMARY KEY (kind, name, member)
) WITHOUT ROWID;
"""
# What each sentence is, and which stretches of a document are no prose (JSON; empty where nobody has looked).
MARKS = """
ALTER TABLE documents ADD COLUMN parts TEXT NOT NULL DEFAULT '';
ALTER TABLE passages ADD COLUMN marks TEXT NOT NULL DEFAULT '';
ALTER TABLE coming_passages ADD COLUMN marks TEXT NOT NULL DEFAULT '';
"""
STEPS = (FIRST, COMING, LABELS, MARKS)
LEGACY_FORMAT = "1"  # what the first version wrote into `meta`


def steps_taken(connection: sqlite3.Connection) -> int:
    """Count the steps that the tables of a file have taken; -1 for a file that is no index of ours."""
    taken = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if taken or not connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table'").fetchone():
        return taken
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
        return -1
    row = connection.execute("SELECT value FROM meta WHERE key = 'format'").fetchone()
    return 1 if row == (LEGACY_FORMAT,) else -1


def bring_up_to_date(connection: sqlite3.Connection) -> None:
    """Take the steps that are missing, all of them or none."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for step in STEPS[steps_taken(connection) :]:
            for statement in step.split(";\n"):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(STEPS)}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
