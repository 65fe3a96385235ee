"""Question sets → one file of passages and questions to train the search model and the reader on.

    python -m models.training.prepare SETS LAWS OUT.json

SETS is a folder with a folder for each set: `corpus.jsonl.gz` {_id, text} and `questions.jsonl.gz` {question, gold,
candidates, answerable, answer or sentences}. LAWS is a file of `kind<TAB>english<TAB>french` lines where a
`MarginalNote` is followed by its `Text`. The questions written for this project (`models/training/written/`) are added.
"""

import argparse
import gzip
import itertools
import json
import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.training.laws import read_runs
from rag.text.sentences import sentences
from rag.text.structure import Span

WRITTEN = Path(__file__).with_name("written")
LONGEST = 1000  # characters of a passage, in whole sentences
LAWS = 3000  # notes
LEAST_LAW, LEAST_NOTE = 120, 12  # characters
BY_ANSWER = ("piaf_fr", "xquad_en", "squad_en")  # where the answer is a span
BY_PASSAGE = ("hr_fr", "spf_fr")  # where only the passage is known
BY_SENTENCE = ("clapnq_en", "written")  # where the sentences are known, and what the passage does not answer
BY_CANDIDATE = ("nomiracl_fr", "nomiracl_en")  # where ten passages do not answer


@dataclass
class Training:
    """Collect passages, with the spans of their sentences, and questions.

    A question's `gold` are the numbers of the sentences that answer it: none where its passage does not answer, None
    where only the passage is known.
    """

    passages: dict[str, dict[str, Any]] = field(default_factory=dict)
    questions: list[dict[str, Any]] = field(default_factory=list)

    def add_passage(self, name: str, text: str, around: Span | None = None) -> int | None:
        """Add whole sentences of a text, up to the longest passage, around a span; return where they begin."""
        spans = sentences(text)
        if not spans:
            return None
        first = 0
        if around:
            first = next((n for n, (_, end) in enumerate(spans) if end > around[0]), 0)
            while first and around[1] - spans[first - 1][0] <= LONGEST * random.uniform(0.3, 0.9):
                first -= 1
        last = first + 1
        while last < len(spans) and spans[last][1] - spans[first][0] <= LONGEST:
            last += 1
        start, end = spans[first][0], spans[last - 1][1]
        own = [(a - start, b - start) for a, b in spans[first:last]]
        self.passages[name] = {"text": text[start:end], "spans": own}
        return start

    def ask(
        self, question: str, passage: str, gold: list[int] | None, answerable: bool, source: str, answer: str = ""
    ) -> None:
        """Add a question to a passage that was added; `answer` are words of a sentence that answers."""
        entry: dict[str, Any] = {"q": question, "p": passage, "gold": gold, "ans": answerable, "src": source}
        known = self.passages[passage]
        for n in gold or () if answer else ():
            start = known["text"].find(answer, *known["spans"][n])
            if start >= 0:
                entry["span"] = (start, start + len(answer))
        self.questions.append(entry)

    def touched(self, passage: str, spans: Iterable[Span], offset: int = 0) -> list[int]:
        """List the sentences of a passage of which spans of its text cover half, or that cover half of a span."""
        own = self.passages[passage]["spans"]
        return [
            n
            for n, (a, b) in enumerate(own)
            if any(min(b, y - offset) - max(a, x - offset) >= 0.5 * min(b - a, y - x) for x, y in spans)
        ]


def rows(path: Path) -> list[dict[str, Any]]:
    """Read a gzipped file of JSON lines."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def texts(folder: Path) -> dict[str, str]:
    """Read the texts of a set by id."""
    return {row["_id"]: row["text"] for row in rows(folder / "corpus.jsonl.gz")}


def add_sets(training: Training, sets: Path) -> None:
    """Add the public sets."""
    for name in (n for n in (*BY_ANSWER, *BY_PASSAGE) if (sets / n).is_dir()):
        corpus = texts(sets / name)
        for q in rows(sets / name / "questions.jsonl.gz"):
            for passage in q["gold"][: 1 if name in BY_ANSWER else 2]:
                if passage not in training.passages and training.add_passage(passage, corpus[passage]) is None:
                    continue
                gold, answer = None, ""
                if not q["answerable"]:
                    training.ask(q["question"], passage, [], False, name)
                    continue
                if name in BY_ANSWER:
                    gold = training.touched(passage, [(q["answer"]["start"], q["answer"]["end"])])
                    answer = corpus[passage][q["answer"]["start"] : q["answer"]["end"]]
                if gold != []:
                    training.ask(q["question"], passage, gold, True, name, answer)
    for name in BY_SENTENCE:
        corpus = texts(sets / name)
        for number, q in enumerate(rows(sets / name / "questions.jsonl.gz")):
            spans = q.get("sentences", {}).get("spans", [])
            source = q["candidates"][0]
            passage = source if name == "written" else f"{source}@{number}"
            around = tuple(spans[0]) if spans and name != "written" else None
            offset = 0 if passage in training.passages else training.add_passage(passage, corpus[source], around)
            gold = training.touched(passage, spans, offset or 0) if q["answerable"] else []
            if gold or not q["answerable"]:
                training.ask(q["question"], passage, gold, q["answerable"], name)
    for name in BY_CANDIDATE:
        corpus = texts(sets / name)
        for q in rows(sets / name / "questions.jsonl.gz"):
            source = q["candidates"][0]
            if not q["answerable"] and training.add_passage(source, corpus[source]) is not None:
                training.ask(q["question"], source, [], False, "nomiracl")


def add_written(training: Training) -> None:
    """Add the questions and the claims that were written for this project."""
    known = {row["_id"]: row for row in rows(WRITTEN / "passages.jsonl.gz")}
    questions = [(q, q["question"], q["answerable"], "new") for q in rows(WRITTEN / "questions.jsonl.gz")]
    claims = [(c, c["claim"], c["supported"], "claim") for c in rows(WRITTEN / "claims.jsonl.gz")]
    for q, asked, is_answered, source in (*questions, *claims):
        row = known[q["passage"]]
        if row["_id"] not in training.passages and training.add_passage(row["_id"], row["text"][:LONGEST]) is None:
            continue
        gold = training.touched(row["_id"], [tuple(row["sentences"][n]) for n in q["gold"]]) if is_answered else []
        if gold or not is_answered:
            training.ask(asked, row["_id"], gold, is_answered, source, q.get("answer") or "")


def add_laws(training: Training, path: Path) -> None:
    """Add notes of laws as questions to the sections that they head, half of them across languages."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        pairs = [line.rstrip("\n").split("\t") for line in lines]
    headed = [
        (note, text)
        for note, text in itertools.pairwise(pairs)
        if (note[0], text[0]) == ("MarginalNote", "Text") and len(text[1]) > LEAST_LAW and len(note[1]) > LEAST_NOTE
    ]
    random.shuffle(headed)
    for number, (note, text) in enumerate(headed[:LAWS]):
        asked, told = ((1, 2), (2, 2), (2, 1), (1, 2))[number % 4]
        if training.add_passage(f"law{number}", text[told]) is not None:
            training.ask(note[asked], f"law{number}", None, True, "law")


def main() -> None:
    """Write the file."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("sets", type=Path)
    options.add_argument("laws", type=Path)
    options.add_argument("out", type=Path)
    given = options.parse_args()
    random.seed(1)
    training = Training()
    add_sets(training, given.sets)
    add_written(training)
    add_laws(training, given.laws)
    prepared = {"P": training.passages, "Q": training.questions, "laws": read_runs(given.laws)}
    given.out.write_text(json.dumps(prepared, ensure_ascii=False))
    print(len(training.passages), "passages;", dict(Counter(q["src"] for q in training.questions)))


if __name__ == "__main__":
    main()
