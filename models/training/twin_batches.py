"""Batches of twins: a question answered and the same one not, in one step of the training."""

import random
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from models.training.items import Item
from models.training.tables import read_tables, table_items
from models.training.twins import Twin

POOL, TWINS = 48, 8  # twins that are drawn together and sorted by length; of a step
SHARES = {"written": 0.62, "squad": 0.28, "tables": 0.1}  # how often a twin is of each set
ELSEWHERE = 0.25  # how often a written question is also asked over a window of another text


def twin_batches(prepared: dict[str, list[Any]]) -> Iterator[list[Item]]:
    """Draw batches of twins of like length, without end."""
    twins = {name: [_twin(row) for row in rows] for name, rows in prepared.items()}
    tables = table_items(read_tables())
    waiting: dict[str, list[Twin]] = defaultdict(list)
    pool: list[list[Item]] = []
    while True:
        while len(pool) < POOL:
            name = random.choices(list(SHARES), list(SHARES.values()))[0]
            if name == "tables":
                pool.append([next(tables), next(tables)])
                continue
            waiting[name] = waiting[name] or random.sample(twins[name], len(twins[name]))
            answered, left = waiting[name].pop()
            pool.append([answered, left])
            if name == "written" and random.random() < ELSEWHERE:
                other = random.choice(twins[name])[1]
                item = Item(answered.question, other.text, other.spans, [], False)
                pool[-1].append(item)
        pool.sort(key=lambda items: max(len(item.text) + len(item.question) for item in items))
        start = random.randrange(len(pool) - TWINS + 1)
        yield [item for items in pool[start : start + TWINS] for item in items]
        del pool[start : start + TWINS]


def _twin(row: list[dict[str, Any]]) -> Twin:
    answered, left = (
        Item(
            one["question"],
            one["text"],
            [(start, end) for start, end in one["spans"]],
            one["gold"],
            one["answers"],
            tuple(one["answer"]) if one["answer"] else None,
        )
        for one in row
    )
    return answered, left
