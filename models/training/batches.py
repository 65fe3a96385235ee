"""What is drawn for a step of training: windows of like length, from the sets in turn."""

import random
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from models.training.items import Item, Passages, items, swapped_items
from models.training.laws import law_items

POOL, BATCH = 192, 32  # windows that are drawn together and sorted by length; of a step
# How often a question is of each set. At first much is read of all kinds; then those written for the domain count most.
FIRST_SHARES = {
    "piaf_fr": 2.5,
    "squad_en": 2.0,
    "xquad_en": 0.5,
    "hr_fr": 0.3,
    "spf_fr": 0.2,
    "clapnq_en": 0.3,
    "written": 0.3,
    "nomiracl": 0.3,
    "new": 1.2,
    "claim": 0.2,
    "swapped": 0.7,
    "laws": 5.0,
}
SHARES = {
    "piaf_fr": 1.2,
    "xquad_en": 0.5,
    "hr_fr": 0.3,
    "spf_fr": 0.15,
    "clapnq_en": 0.4,
    "written": 0.8,
    "nomiracl": 0.3,
    "new": 5.2,
    "claim": 0.8,
    "swapped": 0.5,
}


def batches(prepared: dict[str, Any], shares: dict[str, float] = SHARES) -> Iterator[list[Item]]:
    """Draw batches of like length, without end."""
    passages: Passages = prepared["P"]
    by_set: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for question in prepared["Q"]:
        by_set[question["src"]].append(question)
    made = {"swapped"} | {"laws"} & prepared.keys()
    names = [name for name in shares if name in by_set or name in made]
    waiting: dict[str, list[dict[str, Any]]] = defaultdict(list)
    keys, pool = list(passages), list[Item]()
    while True:
        while len(pool) < POOL:
            name = random.choices(names, [shares[n] for n in names])[0]
            if name == "swapped":
                pool += swapped_items(passages[random.choice(keys)])
                continue
            if name == "laws":
                pool += law_items(prepared["laws"])
                continue
            waiting[name] = waiting[name] or random.sample(by_set[name], len(by_set[name]))
            pool += items(waiting[name].pop(), passages)
        pool.sort(key=lambda item: len(item.text) + len(item.question))
        start = random.randrange(len(pool) - BATCH + 1)
        yield pool[start : start + BATCH]
        del pool[start : start + BATCH]
