"""The accounts of people: added, listed, changed, removed."""

import re
import unicodedata
from collections.abc import Iterable

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from rag.people.database import Database
from rag.people.passwords import hashed
from rag.people.person import Person, Role
from rag.people.tables import Account, Token
from rag.problems import CommandError
from rag.schema import Scope

NAME = re.compile(r"\w[\w.@+ -]{0,62}\w|\w")


class Accounts:
    """Keep who may log in."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def add(self, name: str, password: str, role: Role, groups: Iterable[str] = ()) -> Person:
        """Add a person. Raises `CommandError` where the name is none, or taken."""
        name = canonical(name)
        if not NAME.fullmatch(name):
            raise CommandError(f"{name[:64]!r} cannot be a name; use up to 64 letters, digits, spaces and . @ + - _")
        held = {"role": role, "groups": _normal(groups)}
        account = Account(name=name, password=hashed(password), **held)
        with self.database.writing() as session:
            if session.get(Account, name):
                raise CommandError(f"{name} is there already; remove it first, or use passwd")
            session.add(account)
            return account.person

    def all(self) -> list[Person]:
        """List everybody by name."""
        with self.database.reading() as session:
            return [account.person for account in session.scalars(select(Account).order_by(Account.name))]

    def change(self, name: str, role: Role | None, groups: Iterable[str] | None) -> Person:
        """Give a person another role or other groups; it counts from the next request on."""
        with self.database.writing() as session:
            account = _known(session, name)
            account.role = role or account.role
            account.groups = account.groups if groups is None else _normal(groups)
            return account.person

    def change_password(self, name: str, password: str) -> None:
        """Give a person another password, and end all sessions and keys of the former one."""
        content = hashed(password)
        with self.database.writing() as session:
            account = _known(session, name)
            account.password = content
            session.execute(delete(Token).where(Token.name == account.name))

    def remove(self, name: str) -> str:
        """Remove a person with all sessions and keys; return the name as it was held."""
        with self.database.writing() as session:
            account = _known(session, name)
            session.delete(account)
            return account.name

    def scope(self, name: str) -> Scope:
        """Return what somebody may see now: who is not known, what is restricted to nobody."""
        with self.database.reading() as session:
            account = session.get(Account, canonical(name))
            return account.person.scope if account else Scope(groups=frozenset())

    def is_empty(self) -> bool:
        """Return whether nobody may log in."""
        return not self.all()


def canonical(name: str) -> str:
    """Write a name in the one way in which it is held."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name.strip()).casefold())


def _normal(groups: Iterable[str]) -> list[str]:
    return sorted({unicodedata.normalize("NFC", group) for group in groups})


def _known(session: Session, name: str) -> Account:
    account = session.get(Account, canonical(name))
    if account is None:
        raise CommandError(f"there is nobody of the name {name[:64]!r}; see python -m rag user list")
    return account
