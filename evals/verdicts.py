"""How the check of a model's sentences agrees with people: `verdicts.jsonl`, sentences labelled by hand.

Half of them are wrong in one thing: a number, a date, a name, a negation, an opposite, or the passage that they cite.
`smollm2.jsonl` holds what SmolLM2-135M-Instruct, which invents, wrote on our English test questions, labelled likewise.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from evals.run import Measures
from rag.chain import AnswerChain
from rag.records import StoredPassage
from rag.schema import RagError, Verdict
from rag.store import PassageStore
from rag.verification import Verifier
from rag.writer import PASSAGES

LABELLED = Path(__file__).with_name("verdicts.jsonl")
INVENTED = Path(__file__).with_name("smollm2.jsonl")


def agreement(chain: AnswerChain) -> dict[str, Measures]:
    """Measure by split, by kind and on a real model's sentences; precision and recall are of catching wrong ones."""
    by_group: dict[str, list[tuple[bool, bool]]] = {"SmolLM2": list(check_invented(chain))}
    for row, is_caught in check_labelled(chain.store):
        for group in (row["split"], f"{row['split']} / {row['language']}", f"{row['split']} / {row['kind']}"):
            by_group.setdefault(group, []).append((not row["supported"], is_caught))
    return {group: _measures(pairs) for group, pairs in sorted(by_group.items())}


def check_labelled(store: PassageStore) -> Iterator[tuple[dict[str, Any], bool]]:
    """Give each labelled sentence and whether the check called it anything but supported by the passage it cites."""
    verifier = Verifier(store)
    for line in LABELLED.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        finding = verifier.check(verifier.claim(row["sentence"], row["language"]), [cited(store, row)])
        yield row, finding is None or finding.verdict != Verdict.SUPPORTED


def check_invented(chain: AnswerChain) -> Iterator[tuple[bool, bool]]:
    """Tell of each sentence of the model whether it is wrong, and whether the check caught it."""
    verifier = Verifier(chain.store)
    for line in INVENTED.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        passages = [c.passage for c in chain.retriever.rank(row["question"]).candidates[:PASSAGES]]
        finding = verifier.check(verifier.claim(row["sentence"], "en"), passages)
        yield not row["supported"], finding is None or finding.verdict != Verdict.SUPPORTED


def cited(store: PassageStore, row: dict[str, Any]) -> StoredPassage:
    """Find the passage that holds most of a row's span."""
    document = store.database.document("source", row["source"])
    start = store.database.find(row["source"], row["span"])
    if document is None or start is None:
        raise RagError(f"{LABELLED.name}, {row['id']}: the span does not stand in {row['source']}")
    end = start + len(row["span"])
    passages = store.database.passages(store.database.passage_ids(document.id)).values()
    return max(passages, key=lambda p: min(p.end, end) - max(p.start, start))


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
