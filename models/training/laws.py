"""Laws as the reader learns from them: a note, or a section as a claim, over sections of either language.

The law says everything twice, section by section, so whether a text says what another one does is known in two
languages, and what stands beside it is near it without saying the same.
"""

import gzip
import random
from collections.abc import Iterator
from pathlib import Path

from models.training.items import CLAIM, WINDOW, Item, joined, swapped

RUN, RUNS = 40, 1500  # lines that stand together; how many such runs are kept
LONGEST, LEAST = 500, 30  # characters of a section
LONGEST_CLAIM = 300
FEWEST = 6  # sections of a run
ACROSS, NOTES, HALF = 0.7, 0.7, 0.5  # how often asked in the other language; how often by a note; any other chance
ENGLISH, FRENCH = 1, 2  # columns

Run = list[list[str]]


def read_runs(path: Path) -> list[Run]:
    """Read runs of notes and sections from a file of `kind<TAB>english<TAB>french` lines."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        pairs = [line.rstrip("\n").split("\t") for line in lines]
    told = [pair for pair in pairs if pair[0] in ("Text", "MarginalNote")]
    runs = [told[start : start + RUN] for start in range(0, len(told), RUN)]
    chosen = random.sample(runs, min(RUNS, len(runs)))
    short = [[pair for pair in run if max(map(len, pair)) < LONGEST] for run in chosen]
    return [run for run in short if len(_sections(run)) >= FEWEST]


def law_items(runs: list[Run]) -> Iterator[Item]:
    """Make one window of sections that say what is asked, or of those beside them only."""
    run = random.choice(runs)
    sections = _sections(run)
    place = random.randrange(len(sections))
    number, side = sections[place], random.choice((ENGLISH, FRENCH))
    other = ENGLISH + FRENCH - side if random.random() < ACROSS else side
    says = random.random() < HALF
    by_note = number > 0 and run[number - 1][0] == "MarginalNote" and random.random() < NOTES
    asked = run[number - 1][other] if by_note else CLAIM + run[number][other][:LONGEST_CLAIM]
    changed = None if says or by_note or random.random() < HALF else swapped(run[number][other][:LONGEST_CLAIM])
    beside = [n for n in sections[max(0, place - 3) : place + 4] if n != number]
    shown = random.sample(beside, min(len(beside), random.randrange(4)))
    if says or changed:
        shown.append(number)
    texts, gold = list[str](), list[int]()
    for n in sorted(shown or beside[:1]):
        if n == number and says:
            gold = [len(texts)]
        if n == number or sum(map(len, texts)) < WINDOW:
            texts.append(run[n][side])
    item = Item(CLAIM + changed if changed else asked, "", [], [], says)
    joint = joined(item, texts)
    yield Item(item.question, joint.text, joint.spans, gold, says)


def _sections(run: Run) -> list[int]:
    return [n for n, pair in enumerate(run) if pair[0] == "Text" and min(map(len, pair[1:])) > LEAST]
