"""How the check of a model's sentences agrees with people: `verdicts.jsonl`, sentences labelled by hand.

Half of them are wrong in one thing: a number, a date, a name, a negation, an opposite, or the passage that they cite.
`smollm2.jsonl` holds what SmolLM2-135M-Instruct, which invents, wrote on our English test questions, labelled likewise.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from evals.run import Measures
from rag.answer.answer import Verdict
from rag.answer.verification import Verifier
from rag.answer.writer import GIVEN
from rag.answering import Answering
from rag.index.protocol import Index
from rag.problems import CommandError
from rag.schema import Found, Query

LABELLED = Path(__file__).with_name("verdicts.jsonl")
INVENTED = Path(__file__).with_name("smollm2.jsonl")


def agreement(answering: Answering, index: Index) -> dict[str, Measures]:
    """Measure by split, by kind and on a real model's sentences; precision and recall are of catching wrong ones."""
    verifier = Verifier(index, index.embedder)
    by_group: dict[str, list[tuple[bool, bool]]] = {"SmolLM2": list(check_invented(answering, verifier))}
    for row, is_caught in check_labelled(answering, verifier):
        for group in (row["split"], f"{row['split']} / {row['language']}", f"{row['split']} / {row['kind']}"):
            by_group.setdefault(group, []).append((not row["supported"], is_caught))
    return {group: _measures(pairs) for group, pairs in sorted(by_group.items())}


def check_labelled(answering: Answering, verifier: Verifier) -> Iterator[tuple[dict[str, Any], bool]]:
    """Yield each labelled sentence and whether the check called it anything but supported by the passage it cites."""
    for line in LABELLED.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        finding = verifier.check(verifier.claim(row["sentence"], row["language"]), [cited(answering, row)])
        yield row, finding is None or finding.verdict != Verdict.SUPPORTED


def check_invented(answering: Answering, verifier: Verifier) -> Iterator[tuple[bool, bool]]:
    """Tell of each sentence of the model whether it is wrong, and whether the check caught it."""
    for line in INVENTED.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        found = answering.rank(Query(row["question"], "en")).found[:GIVEN]
        finding = verifier.check(verifier.claim(row["sentence"], "en"), found)
        yield not row["supported"], finding is None or finding.verdict != Verdict.SUPPORTED


def cited(answering: Answering, row: dict[str, Any]) -> Found:
    """Find the passage that holds most of a row's span, by asking for its words."""
    document = answering.index.document(row["source"])
    start = document.text.find(row["span"]) if document else -1
    if start < 0:
        raise CommandError(f"{LABELLED.name}, {row['id']}: the span does not stand in {row['source']}")
    end = start + len(row["span"])
    found = [f for f in answering.index.search(Query(row["span"], "fr"), 1000) if f.passage.source == row["source"]]
    return max(found, key=lambda f: min(f.passage.end, end) - max(f.passage.start, start))


def _measures(pairs: list[tuple[bool, bool]]) -> Measures:
    wrong = [caught for is_wrong, caught in pairs if is_wrong]
    right = [caught for is_wrong, caught in pairs if not is_wrong]
    found: Measures = {"sentences": len(pairs), "wrong": len(wrong)}
    if wrong:
        found |= {"wrong caught": sum(wrong) / len(wrong), "recall": sum(wrong) / len(wrong)}
    if right:
        found["right rejected"] = sum(right) / len(right)
    if wrong and right and any(caught for _, caught in pairs):
        found["precision"] = sum(wrong) / sum(caught for _, caught in pairs)
    return found
