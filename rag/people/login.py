"""Who gets in: a name and its password, and a pause after ten wrong ones in a row."""

import hashlib
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import delete
from sqlalchemy.orm import Session

from rag.people.accounts import canonical
from rag.people.database import Database
from rag.people.passwords import Passwords
from rag.people.tables import Account, Failure, now

MOST = 10  # wrong passwords in a row
PAUSE = timedelta(minutes=1)
MEMORY = timedelta(days=1)  # after which wrong passwords are forgotten
IPV6_NETWORK = 64  # bits: what one household or office has of IPv6 addresses


@dataclass
class Paused(Exception):
    """Say in how many seconds a password may be tried again."""

    seconds: int


class Login:
    """Check names and passwords."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = now) -> None:
        self._database = database
        self._clock = clock
        self._passwords = Passwords()

    def name(self, name: str, password: str, address: str) -> str | None:
        """Return the name of the person that a password lets in, or None.

        Raises `Paused`, whatever the password, where too many were wrong.
        """
        name = canonical(name)
        subjects = [subject_of(name), _hashed("address", _network(address))]
        with self._database.reading() as session:
            self._check_pause(session, subjects)
            account = session.get(Account, name)
            known = account.password if account else None
        is_right = self._passwords.is_right(password, known)
        with self._database.writing() as session:
            if is_right:
                session.execute(delete(Failure).where(Failure.subject.in_(subjects)))
                return name
            self._count(session, subjects)
            return None

    def _check_pause(self, session: Session, subjects: list[str]) -> None:
        for subject in subjects:
            failure = session.get(Failure, subject)
            if failure and failure.count >= MOST:
                left = failure.last + PAUSE - self._clock()
                if left > timedelta():
                    raise Paused(ceil(left.total_seconds()))

    def _count(self, session: Session, subjects: list[str]) -> None:
        moment = self._clock()
        session.execute(delete(Failure).where(Failure.last < moment - MEMORY))
        for subject in subjects:
            failure = session.get(Failure, subject)
            before = failure.count if failure and failure.count < MOST else 0
            session.merge(Failure(subject=subject, count=before + 1, last=moment))


def subject_of(name: str) -> str:
    """Return what wrong passwords for a name are counted under."""
    return _hashed("name", canonical(name))


def _network(address: str) -> str:
    """Return the network that counts as one address: of IPv6, one person has 2^64."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address) or parsed.ipv4_mapped:
        return str(parsed)
    return str(ipaddress.ip_network((int(parsed), IPV6_NETWORK), strict=False))


def _hashed(kind: str, value: str) -> str:
    return hashlib.sha256(f"{kind} {value}".encode("utf-8", "replace")).hexdigest()
