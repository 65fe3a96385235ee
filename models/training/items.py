"""What the reader learns from: windows of passages for a question, those that answer and those that only seem to."""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rag.text.structure import Span

WINDOW = 420  # characters; as it is read later
ASKED = 8  # other passages that a question is read over
# How often a window of the same passage without the answer follows one with it; else the one that holds it, cut out.
ELSEWHERE, CUT_OUT, OTHER = 0.55, 0.5, 0.6
NEAREST = 0.75  # how often it is the one that is most like the question
REPLACED = 0.5  # how often a question is asked again with another name or number, which the window does not answer
CLAIM = "claim: "  # what comes before a sentence, to ask whether a text says it
NUMBER = re.compile(r"\d[\d  .,]*\d|\d")
NAME = re.compile(r"(?<![.!?] )(?<!^)\b[A-ZÉÈÀ][\w'’&+-]{2,}(?: [A-ZÉÈÀ][\w'’&+-]+)*")

Passages = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Item:
    """Hold a question over a window: the sentences that answer (None: unknown), whether it answers, and the span."""

    question: str
    text: str
    spans: list[Span]
    gold: list[int] | None
    answers: bool
    answer: Span | None = None


def items(question: dict[str, Any], passages: Passages) -> Iterator[Item]:
    """Make the windows of a question: of its own passage with and without the answer, and of others like it."""
    passage = passages[question["p"]]
    spans, gold, order, is_claim = passage["spans"], question["gold"], question["order"], question["src"] == "claim"
    asked = Item((CLAIM if is_claim else "") + question["q"], "", [], [], False)
    nearest = order[0] if random.random() < NEAREST else random.choice(order)
    if question["ans"] and gold is None:  # only the passage is known
        yield cut(replace(asked, gold=None, answers=True), passage, *around(spans, order[0], 2 * WINDOW))
    elif not question["ans"]:
        yield cut(asked, passage, *around(spans, nearest))
    else:
        right = random.choice(gold)
        answer = tuple(question["span"]) if question.get("span") else None
        window = around(spans, right)
        yield cut(replace(asked, gold=gold, answers=True, answer=answer), passage, *window)
        other = None if is_claim or random.random() > REPLACED else replaced(question["q"], passage["text"])
        if other:
            yield cut(replace(asked, question=other), passage, *window)
        rest = [n for n in order if n not in gold]
        if rest and random.random() < ELSEWHERE:
            near = rest[0] if random.random() < NEAREST else random.choice(rest)
            low = max((n for n in gold if n < near), default=-1) + 1
            high = min((n for n in gold if n > near), default=len(spans))
            first, last = around(spans[low:high], near - low)
            yield cut(asked, passage, low + first, low + last)
        elif rest and random.random() < CUT_OUT:
            first, last = around(spans, random.choice(gold))
            kept = [passage["text"][slice(*spans[n])] for n in range(first, last + 1) if n not in gold]
            if kept:
                yield joined(asked, kept)
    if question.get("others") and not is_claim and random.random() < OTHER:
        name, number = random.choice(question["others"][:ASKED])
        yield cut(asked, passages[name], *around(passages[name]["spans"], number))


def around(spans: Sequence[Span], number: int, size: float = 0.0) -> tuple[int, int]:
    """Choose a window around a sentence: as it is read later, but for its length, which varies."""
    size = size or random.uniform(0.6, 1.1) * WINDOW
    first = last = number
    while True:
        if first and spans[last][1] - spans[first - 1][0] <= size:
            first -= 1
        elif not (last + 1 < len(spans) and spans[last + 1][1] - spans[first][0] <= size):
            return first, last
        if last + 1 < len(spans) and spans[last + 1][1] - spans[first][0] <= size:
            last += 1


def cut(item: Item, passage: dict[str, Any], first: int, last: int) -> Item:
    """Give an item the window of a passage; what it knows of the passage is counted from there."""
    spans = passage["spans"]
    start, end = spans[first][0], spans[last][1]
    own = [(a - start, b - start) for a, b in spans[first : last + 1]]
    gold = None if item.gold is None else [n - first for n in item.gold if first <= n <= last]
    answer = item.answer and (item.answer[0] - start, item.answer[1] - start)
    inside = answer and answer[0] >= 0 and answer[1] <= end - start
    return replace(item, text=passage["text"][start:end], spans=own, gold=gold, answer=answer if inside else None)


def joined(item: Item, texts: Sequence[str]) -> Item:
    """Give an item sentences that do not stand together."""
    text, spans = "", list[Span]()
    for sentence in texts:
        text += " " * bool(text)
        spans.append((len(text), len(text) + len(sentence)))
        text += sentence
    return replace(item, text=text, spans=spans)


def swapped_items(passage: dict[str, Any]) -> Iterator[Item]:
    """Make a claim of a sentence as it stands, or of one in which two names or numbers changed places."""
    number = random.randrange(len(passage["spans"]))
    sentence = passage["text"][slice(*passage["spans"][number])]
    changed = swapped(sentence)
    if changed:
        is_right = random.random() < 0.5
        claim = CLAIM + (sentence if is_right else changed)
        yield cut(Item(claim, "", [], [number] * is_right, is_right), passage, *around(passage["spans"], number))


def replaced(question: str, text: str) -> str | None:
    """Ask a question again with another name or number of the text; None where it has none of the text's."""
    for pattern in random.sample((NUMBER, NAME), 2):
        held = [found.group() for found in pattern.finditer(text)]
        mine = [found for found in pattern.finditer(question) if found.group() in held]
        others = [other for other in held if other not in question and not any(m.group() in other for m in mine)]
        if mine and others:
            found = random.choice(mine)
            return question[: found.start()] + random.choice(others) + question[found.end() :]
    return None


def swapped(sentence: str) -> str | None:
    """Exchange two names or two numbers of a sentence; None where it has no two that differ."""
    for pattern in random.sample((NUMBER, NAME), 2):
        found = list(pattern.finditer(sentence))
        pairs = [(a, b) for a in found for b in found if a.start() < b.start() and a.group() != b.group()]
        if pairs:
            a, b = random.choice(pairs)
            between = sentence[a.end() : b.start()]
            return sentence[: a.start()] + b.group() + between + a.group() + sentence[b.end() :]
    return None
