"""Who clicks in the window: Gradio runs its events away from the request that brought them."""

from gradio.context import LocalContext

from rag.people.person import Person
from rag.people.sight import PERSON
from rag.problems import RagError
from rag.schema import EVERYTHING, Scope


def whoever() -> Person | None:
    """Return the person whose event runs, or None where nobody needs to log in."""
    event = LocalContext.request.get(None)
    request = event.request if event else None
    person: Person | None = request.scope.get(PERSON) if request else None
    return person


def seen() -> Scope:
    """Return what whoever clicks may see."""
    person = whoever()
    return person.scope if person else EVERYTHING


def check_editor() -> None:
    """Raise `RagError` where whoever clicks may not change the documents."""
    person = whoever()
    if person and not person.may("editor"):
        raise RagError("people.not_allowed")
