"""What the index finds, best first: words and vectors scored together, repetitions left out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from rag.index.protocol import Index
from rag.retrieval.reranker import Reranker
from rag.schema import EVERYTHING, Found, Query, Scope
from rag.text.weights import Word

POOL = 60  # passages by words, and by vectors, that are scored together
RERANKED = 20  # passages that a reranker reads
SHARED = 0.6  # share of a passage's characters that already stand in better passages: it repeats them


@dataclass(frozen=True)
class Weights:
    """Hold what each score counts for in the fused score; chosen on the development questions (`evals --compare`)."""

    lexical: float = 0.1
    sentence: float = 1.0
    whole: float = 0.6


@dataclass(frozen=True)
class Ranking:
    """Hold what was found for a query, best first, and the query's words."""

    query: Query
    words: list[Word] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)


class Ranker:
    """Rank the k best passages of an index for a query."""

    def __init__(
        self, index: Index, k: int = 10, weights: Weights | None = None, reranker: Reranker | None = None
    ) -> None:
        self.index = index
        self.k = k
        self.weights = weights or Weights()
        self.reranker = reranker

    def rank(self, query: Query, only: Scope = EVERYTHING) -> Ranking:
        """Find the k best passages of a scope with all their scores."""
        pool = self.index.search(query, max(POOL, 3 * self.k), only)
        best = max((f.lexical for f in pool), default=0.0)
        scored = self._scored(pool, best or 1.0)
        kept = without_repetitions(scored, max(self.k, RERANKED) if self.reranker else self.k)
        if self.reranker:
            scores = self.reranker.scores(query.text, [f.passage.text for f in kept])
            ordered = [f for _, f in sorted(zip(scores, kept, strict=True), key=lambda pair: -pair[0])]
            # Only the order is the reranker's: what its scores are worth beside cosines is not known.
            kept = [replace(f, score=k.score) for f, k in zip(ordered, kept, strict=True)][: self.k]
        return Ranking(query, self.index.weigh(query.text, query.language), kept)

    def merge(self, ranking: Ranking, other: Ranking) -> Ranking:
        """Join what two wordings of one question found; each passage counts as the better one of them saw it."""
        best: dict[int, Found] = {}
        for found in sorted((*ranking.found, *other.found), key=lambda f: -f.score):
            best.setdefault(found.passage.id, found)
        kept = without_repetitions(list(best.values()), self.k)
        return replace(ranking, found=kept)

    def _scored(self, pool: list[Found], best: float) -> list[Found]:
        """Fuse the scores, best first."""
        w = self.weights
        scored = [
            replace(f, score=w.lexical * f.lexical / best + w.sentence * f.sentence + w.whole * f.whole) for f in pool
        ]
        return sorted(scored, key=lambda f: (-f.score, f.passage.id))


def without_repetitions(ordered: Sequence[Found], k: int) -> list[Found]:
    """Keep the k best passages, leaving out those that mostly repeat the sentences of better ones."""
    kept: list[Found] = []
    seen: set[str] = set()
    for found in ordered:
        keys = [re.sub(r"\W+", "", text).casefold() for text in found.passage.sentences]
        length = sum(map(len, keys))
        if kept and sum(len(key) for key in keys if key in seen) >= SHARED * max(1, length):
            continue
        kept.append(found)
        seen.update(keys)
        if len(kept) == k:
            break
    return kept
