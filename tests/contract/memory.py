"""An index in memory, as small as the protocol allows: the second engine of the contract."""

import threading
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np

from rag.index.embeddings import Embedder
from rag.index.protocol import Embed, Embedded, Progress
from rag.schema import (
    EVERYTHING,
    Counts,
    Document,
    Entry,
    Found,
    Origin,
    Query,
    Restriction,
    Scope,
)
from rag.text.analysis import tokens
from rag.text.language import Language
from rag.text.weights import Word, coverage, weigh

Stored = tuple[Entry, Document, list[Embedded]]


class MemoryIndex:
    """Keep documents in a dictionary, by source; published states are copies of it."""

    def __init__(self, embedder: Embedder) -> None:
        self.embedder = embedder
        self.version = 0
        self._ids = count(1)
        self._held: dict[str, Stored] = {}
        self._public: dict[str, Stored] = {}
        self._restrictions: dict[tuple[str, str], Restriction] = {}
        self._writer = threading.Lock()

    def _inside(self, only: Scope) -> list[Stored]:
        rules = self.restrictions()
        return [self._held[s] for s in sorted(self._held) if only.admits(self._held[s][0], rules)]

    def search(self, query: Query, k: int, only: Scope = EVERYTHING) -> list[Found]:
        vector = self.embedder.encode_queries([query.text])[0]
        asked = self.weigh(query.text, query.language)
        public = [self._public.get(entry.source) for entry, _, _ in self._inside(only)]
        scored = [f for stored in public if stored for f in _scored(stored, vector)]
        scored = [replace(f, lexical=max(coverage(asked, t) for t in f.tokens)) for f in scored]
        near = sorted(scored, key=lambda f: -f.sentence)[:k]
        return near + [f for f in sorted(scored, key=lambda f: -f.lexical)[:k] if f not in near]

    def weigh(self, text: str, language: Language) -> list[Word]:
        return weigh(text, language, self)

    @property
    def count(self) -> int:
        return len(self._bags("plain"))

    def frequency(self, form: str, token: str) -> int:
        return sum(token in bag for bag in self._bags(form))

    def terms(self, form: str, prefix: str) -> Iterable[str]:
        return {t for bag in self._bags(form) for t in bag if t.startswith(prefix)}

    def _bags(self, form: str) -> list[set[str]]:
        held = (passages for _, _, passages in self._public.values())
        return [tokens(p.text)[form] for passages in held for p, _ in passages]

    def read(self, source: str, start: int, end: int, only: Scope = EVERYTHING) -> str:
        document = self.document(source, only)
        return document.text[start:end] if document else ""

    def document(self, source: str, only: Scope = EVERYTHING) -> Document | None:
        return next((d for entry, d, _ in self._inside(only) if entry.source == source), None)

    def passages(self, source: str, only: Scope = EVERYTHING) -> list[Found]:
        nothing = np.zeros(self.embedder.dimension, np.float32)
        own = (stored for stored in self._inside(only) if stored[0].source == source)
        return [f for stored in own for f in _scored(stored, nothing)]

    def documents(self, only: Scope = EVERYTHING) -> list[Entry]:
        return [entry for entry, _, _ in self._inside(only)]

    def find(self, *, source: str = "", sha256: str = "", only: Scope = EVERYTHING) -> Entry | None:
        entries = self.documents(only)
        wanted = (e for e in entries if (e.source == source if source else e.origin.sha256 == sha256))
        return next(wanted, None)

    def counts(self, only: Scope = EVERYTHING) -> Counts:
        entries = self.documents(only)
        return Counts(len(entries), sum(entry.passages for entry in entries))

    def restrictions(self) -> list[Restriction]:
        return list(self._restrictions.values())

    def writing(self) -> AbstractContextManager[bool]:
        return self._writer

    def add(self, document: Document, origin: Origin, passages: Iterable[Embedded]) -> None:
        former = self.find(source=document.source)
        number = former.id if former else next(self._ids)
        own = [(replace(p, id=next(self._ids)), rows) for p, rows in passages]
        place = (number, document.source, document.title, document.kind, origin)
        entry = Entry(*place, "", len(own), former.labels if former else frozenset())
        self._held[document.source] = entry, document, own
        self.version += 1

    def rename(self, document: int, source: str, path: Path) -> None:
        former, content, passages = next(s for s in self._held.values() if s[0].id == document)
        del self._held[former.source]
        own = [(replace(p, source=source), rows) for p, rows in passages]
        entry = replace(former, source=source, origin=replace(former.origin, path=path))
        self._held[source] = entry, replace(content, source=source), own
        rule = self._restrictions.get(("source", former.source))
        if rule:
            self.restrict(replace(rule, name=source))
        self.version += 1

    def remove(self, source: str) -> bool:
        self.version += 1
        return self._held.pop(source, None) is not None

    def label(self, source: str, labels: Iterable[str]) -> None:
        entry, document, passages = self._held[source]
        self._held[source] = replace(entry, labels=frozenset(labels)), document, passages

    def restrict(self, restriction: Restriction) -> None:
        self._restrictions.pop((restriction.kind, restriction.name), None)
        if restriction.groups:
            self._restrictions[restriction.kind, restriction.name] = restriction

    def publish(self) -> None:
        self._public = dict(self._held)

    def backup(self, path: Path) -> None:
        """Refuse: what is only in memory is kept nowhere."""
        raise NotImplementedError

    def check(self) -> str | None:
        return None if self._public == self._held else "changes are not published"

    def check_settings(self) -> None:
        """Nothing is kept that other settings could have made."""

    def is_outdated(self) -> bool:
        return False

    def renew(self, embed: Embed, progress: Progress) -> None:
        for number, (entry, document, _) in enumerate(self._inside(EVERYTHING), 1):
            progress("embedding", entry.source, number, len(self._held))
            self.add(document, entry.origin, embed(document))


def _scored(stored: Stored, vector: np.ndarray[tuple[int], np.dtype[np.float32]]) -> list[Found]:
    """Give the passages of a document with their cosines."""
    _, document, passages = stored
    return [
        Found(p, rows, rows @ vector, float(rows.mean(axis=0) @ vector), 0.0, document.text[:400])
        for p, rows in passages
    ]
