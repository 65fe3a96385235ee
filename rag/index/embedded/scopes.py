"""A scope as a condition on the table of documents, so that SQLite applies it."""

from collections.abc import Collection

from rag.schema import EVERYTHING, Scope

# What is restricted is shown to whoever is in a group of every restriction that applies.
SHOWN = """NOT EXISTS (
    SELECT 1 FROM restrictions r WHERE (
        (r.kind = 'source' AND r.name = documents.source)
        OR (r.kind = 'folder' AND substr(documents.source, 1, length(r.name) + 1) = r.name || '/')
        OR (r.kind = 'label' AND r.name IN (SELECT label FROM labels WHERE document = documents.id))
    ) AND NOT EXISTS (
        SELECT 1 FROM restrictions o
        WHERE o.kind = r.kind AND o.name = r.name AND o.member IN ({})
    )
)"""


def condition(only: Scope) -> tuple[str, list[str]]:
    """Write the SQL that holds for the documents of a scope, and its values."""
    if only == EVERYTHING:
        return "1", []
    choices: list[str] = []
    values: list[str] = []
    if only.sources:
        choices.append(f"documents.source IN ({_marks(only.sources)})")
        values += sorted(only.sources)
    for folder in sorted(only.folders):
        choices.append("substr(documents.source, 1, length(?) + 1) = ? || '/'")
        values += [folder, folder]
    if only.labels:
        labels = _marks(only.labels)
        own = f"SELECT document FROM labels WHERE label IN ({labels})"
        choices.append(f"documents.id IN ({own})")
        values += sorted(only.labels)
    conditions = [f"({' OR '.join(choices)})"] * bool(choices)
    if only.groups is not None:
        conditions.append(SHOWN.format(_marks(only.groups)))
        values += sorted(only.groups)
    return " AND ".join(conditions) or "1", values


def _marks(values: Collection[str]) -> str:
    return ",".join("?" * len(values))
