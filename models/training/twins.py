"""Questions seen both ways: over a window that answers them, and over the same window without what answers.

    python -m models.training.twins WRITTEN2 SQUAD2 HELD.txt TWINS.json

WRITTEN2 and SQUAD2 are folders of sets; HELD.txt names the texts that are left out, a line each. A reader that learns
from twins gains nothing by how a question is worded: each wording is answered once and once not.
"""

import argparse
import gzip
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from models.training.items import Item
from rag.documents.splitter import passages
from rag.retrieval.windows import Window
from rag.schema import Passage
from rag.text.structure import Span
from rag.text.tables import BETWEEN

OVERLAP = 0.5  # share of a sentence, or of the gold span, that makes it gold

Row = dict[str, Any]
Twin = tuple[Item, Item]  # answered, not answered


def rows(path: Path) -> list[Row]:
    """Read a file of JSON lines."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def window_at(text: str, gold: Sequence[Span], place: int) -> tuple[Window, list[int]] | None:
    """Return the window around a character as the product reads it, and its sentences that overlap gold spans."""
    for cut in passages(text):
        spans, start, end = cut.spans, cut.spans[0][0], cut.spans[-1][1]
        if end <= place:
            continue
        passage = Passage("", "", start, end, cut.heading, "fr", text[start:end], spans, marks=cut.marks)
        number = next((n for n, span in enumerate(spans) if place < span[1]), len(spans) - 1)
        window = Window.around(passage, number)
        held = spans[window.first : window.last + 1]
        return window, [n for n, span in enumerate(held) if any(_is_within(span, g) for g in gold)]
    return None


def _is_within(sentence: Span, gold: Span) -> bool:
    common = min(sentence[1], gold[1]) - max(sentence[0], gold[0])
    return common >= OVERLAP * min(sentence[1] - sentence[0], gold[1] - gold[0])


def item_at(question: str, text: str, gold: Sequence[Span], place: int, answer: str = "") -> Item | None:
    """Make an item of the window around a character; None where it should answer and does not."""
    found = window_at(text, gold, place)
    if found is None:
        return None
    window, numbers = found
    if gold and not numbers:
        return None
    span = None
    for number in numbers if answer else ():
        start = window.text.find(answer, *window.spans[number])
        if start >= 0:
            span = (start, start + len(answer))
            break
    return Item(question, window.text, list(window.spans), numbers, bool(numbers), span)


def written_twins(folder: Path, held: set[str]) -> Iterator[Twin]:
    """Yield each question of the written texts over its text, with and without what answers it."""
    texts = {row["_id"]: row["text"] for row in rows(folder / "corpus.jsonl.gz") if row["_id"] not in held}
    for row in rows(folder / "pairs.jsonl.gz"):
        if (text := texts.get(row["passage"])) is None:
            continue
        at, sentence = row["after"], row["sentence"]
        between = "\n" if BETWEEN in sentence else " "
        longer = text[:at] + between + sentence + text[at:] if at else sentence + between + text
        start = longer.find(sentence)
        answered = item_at(row["question"], longer, [(start, start + len(sentence))], start)
        left = item_at(row["question"], text, [], max(0, min(at, len(text)) - 1))
        if answered and left:
            yield answered, left
    for row in rows(folder / "questions.jsonl.gz"):
        text = texts.get(row["candidates"][0])
        if text is None or not row["answerable"]:
            continue
        spans = sorted(tuple(span) for span in row["sentences"]["spans"])
        known = row.get("answer")
        answer = text[known["start"] : known["end"]] if known else ""
        answered = item_at(row["question"], text, spans, spans[0][0], answer)
        shorter = text
        for start, end in reversed(spans):
            shorter = shorter[:start].rstrip(" ") + shorter[end:]
        left = item_at(row["question"], shorter, [], max(0, spans[0][0] - 2))
        if answered and left:
            yield answered, left


def squad_twins(folder: Path) -> Iterator[Twin]:
    """Yield SQuAD's questions that look answerable with the one beside them that is, over one window."""
    texts = {row["_id"]: row["text"] for row in rows(folder / "corpus.jsonl.gz")}
    asked = rows(folder / "questions.jsonl.gz")
    known = {(row["gold"][0], row["question"]): row for row in asked if row["answerable"]}
    for row in asked:
        passage = row["candidates"][0] if row.get("candidates") else ""
        twin = known.get((passage, row.get("pair", "")))
        if row["answerable"] or twin is None:
            continue
        text, (start, end) = texts[passage], (twin["answer"]["start"], twin["answer"]["end"])
        answered = item_at(twin["question"], text, [(start, end)], start, text[start:end])
        left = item_at(row["question"], text, [], start)
        if answered and left:
            yield answered, left


def main() -> None:
    """Write the twins."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    for name in ("written", "squad", "held", "out"):
        options.add_argument(name, type=Path)
    given = options.parse_args()
    held = set(given.held.read_text().split())
    made = {
        "written": list(written_twins(given.written, held)),
        "squad": list(squad_twins(given.squad)),
    }
    random.seed(0)
    given.out.write_text(json.dumps({n: [[vars(i) for i in t] for t in twins] for n, twins in made.items()}))
    print({name: len(twins) for name, twins in made.items()})


if __name__ == "__main__":
    main()
