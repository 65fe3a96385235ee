"""Passwords: argon2id, with the parameters that argon2-cffi takes from RFC 9106."""

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from rag.problems import CommandError

MAX_PASSWORD = 1024  # bytes

_hasher = PasswordHasher()


class Passwords:
    """Hash passwords and check them; whether somebody is known costs the same time."""

    def __init__(self) -> None:
        self._nobody = _hasher.hash(secrets.token_hex())

    def is_right(self, password: str, known: str | None) -> bool:
        """Return whether a password has this hash; `known` of None never matches."""
        try:
            _hasher.verify(known or self._nobody, password.encode("utf-8", "replace")[:MAX_PASSWORD])
        except (VerificationError, InvalidHashError):
            return False
        return known is not None


def hashed(password: str) -> str:
    """Hash a new password. Raises `CommandError` where it is none."""
    content = password.encode("utf-8", "replace")
    if not password.strip() or len(content) > MAX_PASSWORD:
        raise CommandError(f"a password needs from 1 to {MAX_PASSWORD} characters that can be seen")
    return _hasher.hash(content)
