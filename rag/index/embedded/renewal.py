"""Embedding all stored documents again, for other settings or a later version; an interrupted run goes on later."""

from rag.index.embedded.catalog import Catalog, insert_passage
from rag.index.protocol import Embed, Progress

TARGET = "coming shape"  # in `meta`: what the passages that wait are made with
COLUMNS = 'document, start, "end", heading, language, text, marks'


def renew(catalog: Catalog, shape: dict[str, str], embed: Embed, progress: Progress) -> None:
    """Make the passages of all documents anew with `embed`, then let them take the place of the old in one transaction.

    Each document is kept as soon as it is done. The caller is the writer.
    """
    target = repr(sorted(shape.items()))
    if catalog.get(TARGET) != target:  # what waits there was made for something else
        with catalog.transaction(counts=False) as connection:
            connection.execute("DELETE FROM coming_passages")
            connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", [TARGET, target])
    documents = catalog.documents()
    done = {row[0] for row in catalog.rows("SELECT DISTINCT document FROM coming_passages")}
    for number, entry in enumerate(documents, 1):
        progress("embedding", entry.source, number, len(documents))
        document = catalog.document(entry.source)
        if entry.id in done or document is None:
            continue
        passages = embed(document)
        with catalog.transaction(counts=False) as connection:
            for passage in passages:
                insert_passage(connection, entry.id, passage, tables="coming_")
    with catalog.transaction() as connection:
        connection.execute("DELETE FROM passages")
        # New passages count on from the old, so that no id ever means two passages.
        shift = connection.execute("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'passages'")
        first = shift.fetchone()[0]
        connection.execute(f"INSERT INTO passages SELECT id + {first}, {COLUMNS} FROM coming_passages")
        connection.execute(
            f'INSERT INTO vectors SELECT NULL, passage + {first}, start, "end", vector FROM coming_vectors ORDER BY id'
        )
        connection.execute("DELETE FROM coming_passages")
        connection.execute("DELETE FROM meta WHERE key = ?", [TARGET])
        connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", shape.items())
