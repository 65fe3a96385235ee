"""The bin: documents that were removed or replaced, kept for a while so that this can be undone."""

import json
import os
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rag.index.preparation import embedded_passages
from rag.index.protocol import Index
from rag.problems import RagError
from rag.schema import Document, Entry, Origin, Restriction, Scope
from rag.text.structure import Part

DAYS = 30


@dataclass(frozen=True)
class Removal:
    """Hold what is listed of a document in the bin."""

    id: str
    source: str
    title: str
    day: str
    labels: frozenset[str] = frozenset()

    def is_inside(self, only: Scope, restrictions: Sequence[Restriction]) -> bool:
        """Return whether a scope would hold the document if it were back."""
        origin = Origin(Path(self.source), "", 0)
        return only.admits(Entry(0, self.source, self.title, "", origin, "", 0, self.labels), restrictions)


class Bin:
    """Keep one file for each document in a folder of its own, readable by its owner alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, index: Index, entry: Entry) -> Removal:
        """Keep a document before it is removed; what has been here for too long goes."""
        document = index.document(entry.source)
        if document is None:
            raise RagError("document.unknown", source=entry.source)
        for path, content in self._all():
            if datetime.fromisoformat(content["removed"]) < datetime.now(UTC) - timedelta(days=DAYS):
                path.unlink(missing_ok=True)
        origin = {**asdict(entry.origin), "path": str(entry.origin.path)}
        kept = {name: value for name, value in asdict(document).items() if name != "attachments"}
        content = {
            "removed": datetime.now(UTC).isoformat(),
            "document": kept,
            "origin": origin,
            "labels": sorted(entry.labels),
        }
        return _removal(self._write(content), content)

    def _write(self, content: dict[str, Any]) -> Path:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        path = self._folder / f"{secrets.token_hex(16)}.json"
        coming = path.with_suffix(".coming")
        with os.fdopen(os.open(coming, os.O_CREAT | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
            json.dump(content, file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        return coming.replace(path)

    def all(self) -> list[Removal]:
        """List what is in the bin, the last removal first."""
        removals = sorted(self._all(), key=lambda each: str(each[1]["removed"]), reverse=True)
        return [_removal(path, content) for path, content in removals]

    def restore(self, index: Index, removal: str) -> str:
        """Put a document back in its place and return its source; it is published by whoever asks."""
        path, content = self._one(removal)
        kept, origin = content["document"], content["origin"]
        pages = {name: tuple(kept[name]) for name in ("pages", "blank", "recognized")}
        parts = kept["parts"] and tuple(Part(**{**p, "lead": tuple(p["lead"])}) for p in kept["parts"])
        document = Document(**{**kept, **pages, "parts": parts})
        if index.find(sha256=origin["sha256"]) is None:  # else its content is there again, under whatever name
            place = Origin(**{**origin, "path": Path(origin["path"])})
            index.add(document, place, embedded_passages(document, index.embedder))
            index.label(document.source, content.get("labels", ()))  # before anybody can find it
        path.unlink()
        return document.source

    def erase(self, removal: str) -> None:
        """Delete a document from the bin too."""
        self._one(removal)[0].unlink()

    def _one(self, removal: str) -> tuple[Path, dict[str, Any]]:
        for path, content in self._all():
            if path.stem == removal:
                return path, content
        raise RagError("document.unknown", source=removal)

    def _all(self) -> Iterator[tuple[Path, dict[str, Any]]]:
        for path in self._folder.glob("*.json"):
            yield path, json.loads(path.read_text(encoding="utf-8"))


def _removal(path: Path, content: dict[str, Any]) -> Removal:
    document = content["document"]
    return Removal(
        path.stem, document["source"], document["title"], content["removed"][:10], frozenset(content.get("labels", ()))
    )
