"""Who asks, while a request is served, and what they may see."""

from contextvars import ContextVar
from typing import Protocol

from rag.people.person import Person
from rag.schema import EVERYTHING, Entry, Scope

PERSON = "rag.person"  # in the ASGI scope of a connection
# None where nobody needs to log in. Threads that are started by hand do not inherit it: whoever
# answers in one hands the scope over.
person: ContextVar[Person | None] = ContextVar("person", default=None)


class Finder(Protocol):
    """Find documents, as an index does."""

    def find(self, *, source: str = "", sha256: str = "", only: Scope = EVERYTHING) -> Entry | None:
        """Find a document of a scope."""
        ...


def visible() -> Scope:
    """Return what whoever asks may see."""
    whoever = person.get()
    return whoever.scope if whoever else EVERYTHING


def is_hidden(index: Finder, source: str, only: Scope) -> bool:
    """Return whether there is a document of this name outside a scope."""
    known = index.find(source=source) if source else None
    return known is not None and index.find(source=source, only=only) is None
