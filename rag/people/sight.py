"""Who asks, while a request is served, and what they may see."""

from contextvars import ContextVar

from rag.people.person import Person
from rag.schema import EVERYTHING, Scope

# None where nobody needs to log in. Threads that are started by hand do not inherit it: whoever
# answers in one hands the scope over.
person: ContextVar[Person | None] = ContextVar("person", default=None)


def visible() -> Scope:
    """Return what whoever asks may see."""
    whoever = person.get()
    return whoever.scope if whoever else EVERYTHING
