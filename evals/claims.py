"""Right claims about passages → the weights with which `rag.answer.verification` tells support from mere likeness."""

import gzip
import json
import random
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from rag.answer.verification import Verifier, windows
from rag.index.embedded import EmbeddedIndex
from rag.index.protocol import Origin
from rag.schema import Document
from rag.settings import Settings

WRITTEN = Path(__file__).resolve().parent.parent / "models" / "training" / "written"
STRENGTH = 100.0  # inverse of the regularisation: two weights for hundreds of claims


def fit_verdicts(settings: Settings) -> str:
    """Fit the weights on each right claim against its own passage and another one of the same language."""
    passages = {row["_id"]: row for row in _rows("passages")}
    claims = [row for row in _rows("claims") if row["supported"]]
    draw = random.Random(0)
    with TemporaryDirectory(prefix="rag-claims-") as folder:
        index = EmbeddedIndex(replace(settings, index=Path(folder)), create=True)
        with index.writing():
            index.prepare()
            for name, row in passages.items():
                document = Document(name, row["title"] or name, "text", row["text"])
                index.add(document, Origin(Path(name), name, len(row["text"])))
            index.publish()
        found = {name: index.passages(name) for name in passages}
        verifier = Verifier(index, index.embedder)
        rows: list[tuple[float, float]] = []
        for row in claims:
            own = row["passage"]
            others = [name for name in passages if name != own and passages[name]["lang"] == passages[own]["lang"]]
            claim = verifier.claim(row["claim"], row["lang"])
            for name in (own, draw.choice(others)):
                best = max((w for f in found[name] for w in windows(claim, f)), key=lambda w: w.fit)
                rows.append((best.cosine, best.words))
    x, right = np.array(rows), np.tile([True, False], len(claims))
    model = LogisticRegression(C=STRENGTH).fit(x, right)
    probability = model.predict_proba(x)[:, 1]
    cosine, words = model.coef_[0]
    return (
        f"COSINE, WORDS, CONSTANT = {cosine:.1f}, {words:.1f}, {model.intercept_[0]:.1f}\n"
        f"{len(claims)} right claims: 2 % are below {np.quantile(probability[right], 0.02):.2f}; "
        f"of other passages 1 % are above {np.quantile(probability[~right], 0.99):.2f}"
    )


def _rows(name: str) -> list[dict[str, Any]]:
    with gzip.open(WRITTEN / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
