"""Tokens: random words that stand for a person, in a browser's cookie or a program's header."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete

from rag.people.accounts import canonical
from rag.people.database import Database
from rag.people.person import Person
from rag.people.tables import Account, Kind, Token, now
from rag.problems import CommandError

SESSION = timedelta(hours=12)


class Tokens:
    """Issue tokens and know whose they are; of each only its hash is held."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = now) -> None:
        self._database = database
        self._clock = clock

    def issue(self, name: str, kind: Kind) -> str:
        """Return a new token of a person's. Raises `CommandError` where there is none."""
        token = secrets.token_urlsafe(32)
        moment = self._clock()
        expires = moment + SESSION if kind == "session" else None
        with self._database.writing() as session:
            if session.get(Account, canonical(name)) is None:
                raise CommandError(f"there is nobody of the name {name[:64]!r}; see python -m rag user list")
            session.execute(delete(Token).where(Token.expires < moment))
            held = {"sha256": _digest(token), "name": canonical(name), "kind": kind}
            session.add(Token(**held, created=moment, expires=expires))
        return token

    def person(self, token: str, kind: Kind) -> Person | None:
        """Return whose token it is, with today's role and groups, or None."""
        with self._database.reading() as session:
            known = session.get(Token, _digest(token))
            if known is None or known.kind != kind:
                return None
            if known.expires and known.expires <= self._clock():
                return None
            account = session.get(Account, known.name)
            return account.person if account else None

    def revoke(self, token: str) -> None:
        """End one token."""
        with self._database.writing() as session:
            session.execute(delete(Token).where(Token.sha256 == _digest(token)))

    def revoke_all(self, name: str) -> int:
        """End all sessions and keys of a person; return how many there were."""
        with self._database.writing() as session:
            names = session.scalars(delete(Token).where(Token.name == canonical(name)).returning(Token.sha256))
            return len(names.all())


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
