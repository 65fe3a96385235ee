"""Prepared questions → the same, with what the search model finds for each: where only reading tells right from wrong.

    python -m models.training.neighbours PREPARED.json SEARCH_MODEL NEAR.json

Each question gets `order`, the sentences of its passage, most like it first, and `others`, passages that do not hold
its own and the sentence of each that is most like it.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from rag.index.embeddings import Embedder
from rag.settings import Settings

NEAR = 16  # passages that are looked at
ASKED = 8  # that are kept
SAME = 0.93  # cosine of passages from which on one may answer what the other does
TOGETHER = 512  # passages


def add_neighbours(prepared: dict[str, Any], embedder: Embedder) -> None:
    """Add to each question what is near it; laws, which are paired with notes only, are left out."""
    prepared["Q"] = [q for q in prepared["Q"] if q["src"] != "law"]
    passages = {name: p for name, p in prepared["P"].items() if not name.startswith("law")}
    prepared["P"] = passages
    names = list(passages)
    texts = [passages[name]["text"] for name in names]
    spans = [[(a, b) for a, b in passages[name]["spans"]] for name in names]
    sentences = [
        rows
        for start in range(0, len(names), TOGETHER)
        for rows in embedder.encode_sentences(texts[start : start + TOGETHER], spans[start : start + TOGETHER])
    ]
    whole = embedder.encode_passages(texts)
    row_of = {name: row for row, name in enumerate(names)}
    asked = embedder.encode_queries([q["q"] for q in prepared["Q"]])
    for question, vector in zip(prepared["Q"], asked, strict=True):
        own = row_of[question["p"]]
        question["order"] = np.argsort(-(sentences[own] @ vector)).tolist()
        near = np.argsort(-(whole @ vector))[:NEAR]
        source = question["p"].partition("@")[0]
        others = [n for n in near if names[n].partition("@")[0] != source and whole[n] @ whole[own] < SAME][:ASKED]
        question["others"] = [(names[n], int(np.argmax(sentences[n] @ vector))) for n in others]


def main() -> None:
    """Write the file."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("prepared", type=Path)
    options.add_argument("model")
    options.add_argument("out", type=Path)
    given = options.parse_args()
    prepared = json.loads(given.prepared.read_text())
    add_neighbours(prepared, Embedder(Settings(embedding_model=given.model)))
    given.out.write_text(json.dumps(prepared, ensure_ascii=False))


if __name__ == "__main__":
    main()
