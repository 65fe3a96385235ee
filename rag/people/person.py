"""Who somebody is to the program: a name, a role, and the groups that see what is restricted."""

import hashlib
from dataclasses import dataclass
from typing import Literal

from rag.schema import EVERYTHING, Scope

Role = Literal["reader", "editor", "admin"]
ROLES: tuple[Role, ...] = ("reader", "editor", "admin")  # each may do what those before it may


@dataclass(frozen=True)
class Person:
    """Hold a person who is logged in."""

    name: str
    role: Role
    groups: frozenset[str] = frozenset()

    def may(self, role: Role) -> bool:
        """Return whether the person may do what a role may."""
        return ROLES.index(self.role) >= ROLES.index(role)

    @property
    def scope(self) -> Scope:
        """Return what the person may see: an admin everything."""
        return EVERYTHING if self.role == "admin" else Scope(groups=self.groups)


def owner_id(name: str) -> str:
    """Return what a person's conversations are held under."""
    return hashlib.sha256(name.encode()).hexdigest()
