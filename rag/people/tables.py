"""The tables of the people: accounts, the tokens that stand for them, wrong passwords."""

from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from rag.people.person import Person, Role

Kind = Literal["session", "key"]  # of a token


def now() -> datetime:
    """Tell the time as the tables hold it: UTC, without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)


class Base(DeclarativeBase):
    """Collect the tables."""


class Account(Base):
    """Hold a person; of the password only its argon2id hash."""

    __tablename__ = "accounts"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    password: Mapped[str] = mapped_column(Text)
    role: Mapped[Role] = mapped_column(String(16))
    groups: Mapped[list[str]] = mapped_column(JSON)
    created: Mapped[datetime] = mapped_column(default=now)

    @property
    def person(self) -> Person:
        """Return who it is."""
        return Person(self.name, self.role, frozenset(self.groups))


class Token(Base):
    """Hold what stands for a person: a session of a browser, a key of a program.

    Of the token itself only its SHA-256; it is random, so that nothing slower is needed.
    """

    __tablename__ = "tokens"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(ForeignKey("accounts.name", ondelete="CASCADE"), index=True)
    kind: Mapped[Kind] = mapped_column(String(16))
    created: Mapped[datetime] = mapped_column(default=now)
    expires: Mapped[datetime | None]


class Failure(Base):
    """Count the wrong passwords in a row for a name or an address, of which it holds a hash."""

    __tablename__ = "failures"

    subject: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
    last: Mapped[datetime]
