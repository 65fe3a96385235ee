"""An answer's statements as paragraphs and items of a list, for whatever shows them."""

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["paragraph", "item"]
BULLETS = ("-", "*", "•")


@dataclass(frozen=True)
class Block:
    """Hold the statements that stand in one paragraph or item, as `Answer.to_dict` describes them."""

    kind: Kind
    statements: list[dict[str, Any]]


def blocks(answer: dict[str, Any]) -> list[Block]:
    """Join the statements between which no line ends."""
    joined: list[Block] = []
    for statement in answer["statements"]:
        before = statement["before"]
        if joined and "\n" not in before:
            joined[-1].statements.append(statement)
            continue
        is_item = before.rstrip(" ").endswith(BULLETS) or before.strip().rstrip(".)").isdigit()
        joined.append(Block("item" if is_item else "paragraph", [statement]))
    return joined
