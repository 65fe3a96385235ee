"""Who may use which route: one table, and what is not in it is for nobody."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.routing import compile_path

from rag.people.person import ROLES, Person

OPEN = "everybody"
TABLE = Path(__file__).with_name("rules.txt")


@dataclass(frozen=True)
class Rule:
    """Say who may use a route, and what the log calls it."""

    who: str  # "everybody", "nobody", or the least role
    method: str
    path: str
    action: str = ""

    def lets(self, person: Person) -> bool:
        """Return whether a person may use the route."""
        return self.who == OPEN or any(role == self.who and person.may(role) for role in ROLES)

    def match(self, path: str) -> dict[str, str] | None:
        """Return the values in a path of this form, or None."""
        found = _pattern(self.path).match(path)
        return found.groupdict() if found else None


def rule_of(method: str, path: str) -> tuple[Rule, dict[str, str]] | None:
    """Return the first rule for a request, and the values in its path."""
    wanted = "GET" if method == "HEAD" else method
    for rule in rules():
        if rule.method == wanted and (values := rule.match(path)) is not None:
            return rule, values
    return None


@cache
def rules() -> list[Rule]:
    """Read the table."""
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    return [Rule(*line.split(maxsplit=3)) for line in lines if line and line[0] != "#"]


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return compile_path(path)[0]
