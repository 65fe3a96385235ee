"""Rows of tables as the reader learns from them: said with the names of their columns, as it reads them later.

The tables are invented, and so is what is asked of them (`written/tables.jsonl.gz`): for each column questions with a
place for the row, rows that a table does not have, and questions that no column answers.
"""

import gzip
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from models.training.items import Item
from rag.text.tables import labelled, row

TABLES = Path(__file__).with_name("written") / "tables.jsonl.gz"
# How often a row answers; how often it does not as no column does; else it is another row.
RIGHT, LACKING = 0.5, 0.25
LOWER = 0.5  # how often a row is asked for in small letters

Table = dict[str, Any]


def read_tables(path: Path = TABLES) -> list[Table]:
    """Read the tables."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def table_items(tables: list[Table]) -> Iterator[Item]:
    """Make rows of tables that answer a question about them, or do not, without end."""
    while True:
        yield _table_item(random.choice(tables))


def _table_item(table: Table) -> Item:
    names = [cells[0] for cells in table["rows"]]
    columns = list(zip(*(cells[1:] for cells in table["rows"]), strict=True))
    values = [random.sample(column, len(column)) for column in columns]  # else the right ones are learned by heart
    number, column = random.randrange(len(names)), random.choice(list(table["asks"]))
    form, asked, is_right = random.choice(table["asks"][column]), names[number], random.random() < RIGHT
    if not is_right and random.random() < LACKING:
        form = random.choice(table["lacks"])
    elif not is_right:
        asked = random.choice([name for name in names if name != asked] + table["absent"])
    asked = asked[0].lower() + asked[1:] if random.random() < LOWER else asked
    cells = [names[number], *(column[number] for column in values)]
    text = labelled(row(table["header"]), row(cells))
    value = cells[int(column)]
    start = text.index(f"{table['header'][int(column)]} : ") + len(table["header"][int(column)]) + 3
    answer = (start, start + len(value)) if is_right else None
    return Item(form.format(r=asked), text, [(0, len(text))], [0] * is_right, is_right, answer)
