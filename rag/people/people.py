"""The people as the server needs them: who gets in, whose token it is, what they did."""

from pathlib import Path

from rag.people.accounts import Accounts
from rag.people.audit import Audit
from rag.people.database import FILE, Database
from rag.people.login import Login
from rag.people.tokens import Tokens


class People:
    """Hold all that is known of people beside an index."""

    def __init__(self, folder: Path) -> None:
        database = Database(folder)
        self.accounts = Accounts(database)
        self.tokens = Tokens(database)
        self.audit = Audit(folder)
        self._login = Login(database)

    def enter(self, name: str, password: str, address: str) -> str | None:
        """Return a new session's token where the password is right. Raises `Paused`."""
        known = self._login.name(name, password, address)
        if known is None:
            self.audit.note("(unknown)", "was refused", how="password")
            return None
        self.audit.note(known, "logged in")
        return self.tokens.issue(known, "session")

    def leave(self, token: str) -> None:
        """End a session."""
        person = self.tokens.person(token, "session")
        if person:
            self.audit.note(person.name, "logged out")
            self.tokens.revoke(token)


def is_empty(folder: Path) -> bool:
    """Return whether nobody can log in; nothing is written to find out."""
    return not (folder / FILE).exists() or Accounts(Database(folder)).is_empty()
