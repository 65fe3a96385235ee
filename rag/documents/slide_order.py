"""The shapes of a slide in the order in which they are read: cards side by side one after the other."""

from collections.abc import Sequence
from typing import Any

NEAR = 0.25  # of a shape's width or height that edges of one column or row may be apart
LABEL = 40  # characters of a label that stands left of what it names


def in_reading_order(shapes: Sequence[Any]) -> list[list[Any]]:
    """Group shapes that are read together: a column of a regular arrangement is a card, all others stand alone."""
    ordered = sorted(shapes, key=lambda s: (s.top or 0, s.left or 0))
    texts = [s for s in ordered if _has_text(s)]
    columns = _columns(texts)
    height = {len(column) for column in columns}
    is_regular = len(columns) > 1 and len(height) == 1 and height != {1} and _stand_level(columns)
    if not is_regular:
        return [[shape] for shape in ordered]
    if len(columns) == 2 and height != {2} and all(len(s.text_frame.text) <= LABEL for s in columns[0]):
        cards = [list(row) for row in zip(*columns, strict=True)]
    else:
        cards = columns
    inside = {id(shape) for card in cards for shape in card}
    others = [[shape] for shape in ordered if id(shape) not in inside]
    first = min(shape.top or 0 for card in cards for shape in card)
    above = [group for group in others if (group[0].top or 0) < first]
    return [*above, *cards, *(group for group in others if group not in above)]


def _has_text(shape: Any) -> bool:
    return bool(getattr(shape, "has_text_frame", False) and shape.text_frame.text.strip())


def _columns(shapes: Sequence[Any]) -> list[list[Any]]:
    """Group shapes whose left edges are one, left to right."""
    columns: list[list[Any]] = []
    for shape in sorted(shapes, key=lambda s: (s.left or 0, s.top or 0)):
        last = columns[-1][0] if columns else None
        if last is not None and abs((shape.left or 0) - (last.left or 0)) <= NEAR * max(1, last.width or 1):
            columns[-1].append(shape)
        else:
            columns.append([shape])
    return [sorted(column, key=lambda s: s.top or 0) for column in columns]


def _stand_level(columns: Sequence[Sequence[Any]]) -> bool:
    """Tell whether the shapes of all columns stand in rows."""
    return all(
        max(s.top or 0 for s in row) - min(s.top or 0 for s in row) <= NEAR * max(1, *(s.height or 1 for s in row))
        for row in zip(*columns, strict=True)
    )
