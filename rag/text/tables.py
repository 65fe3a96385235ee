"""Tables in a text: a line for each row with ` | ` between its cells, or the same in Markdown's form."""

import re
from collections.abc import Iterable

BETWEEN = " | "
EDGE = re.compile(r"(?<!\\)\|")
# A figure with a unit or none: what a row holds, and the name of a column does not.
FIGURE = re.compile(
    r"[-+(~≈]?\s*\d[\d\s.,/:'’-]*\)?\s*(?:[%€$£]|chf|eur\w*|usd|k€|m€|h|j|jours?|mois|ans?|années?|semaines?|heures?"
    r"|min\w*|days?|months?|years?|weeks?|hours?)?(?:\s+[^\W\d]+)?",
    re.IGNORECASE,
)
YEAR = re.compile(r"(?:19|20)\d\d(?:[-/](?:19|20)?\d\d)?")


def row(cells: Iterable[str]) -> str:
    """Write a row; a sign inside a cell is made no edge of it. Empty where all cells are."""
    written = [" ".join(cell.replace("|", "¦").split()) for cell in cells]
    return BETWEEN.join(written).strip() if any(written) else ""


def is_row(line: str) -> bool:
    """Tell a row of a table from other lines."""
    bare = line.strip()
    return BETWEEN in bare or (bare.startswith("|") and len(bare) > 1)


def cells(line: str, width: int = 0) -> list[str]:
    """Split a row into its cells, empty ones too; the edges of a line may be Markdown's, or those of empty cells."""
    bare = line.strip()
    inner = bare[1:-1] if bare.startswith("|") and bare.endswith("|") and len(bare) > 1 else bare
    split = [cell.strip() for cell in EDGE.split(inner)]
    whole = [cell.strip() for cell in EDGE.split(bare)]
    return whole if len(whole) == width != len(split) else split


def labelled(names: str, line: str) -> str:
    """Say a row as a sentence would: its first cell, then each column's name and value; as it is without names."""
    columns = cells(names) if names else []
    values = cells(line, len(columns))
    if len(columns) != len(values) or len(columns) < 2:
        return " : ".join(values) if len(values) == 2 else BETWEEN.join(values)
    told = [
        f"{name} : {value}" if name else value for name, value in zip(columns[1:], values[1:], strict=True) if value
    ]
    return f"{values[0]} – " * bool(values[0]) + " ; ".join(told) if told else values[0]


def is_figure(text: str) -> bool:
    """Tell a figure, with its unit or without; a year may name a column."""
    return bool(FIGURE.fullmatch(text)) and not YEAR.fullmatch(text)
