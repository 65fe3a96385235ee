"""Question → passages, best first: words and vectors scored together, repetitions folded."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from heapq import nlargest
from statistics import fmean

import numpy as np
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.retrievers import BaseRetriever

from rag.embeddings import Vectors
from rag.language import Language, detect_language
from rag.lexical import Word, tokens
from rag.records import StoredPassage
from rag.reranker import Reranker
from rag.schema import Passage
from rag.store import PassageStore, to_passage

CANDIDATES = 60  # passages by words, and twice as many sentences by vectors
RERANKED = 20  # passages that a reranker reads
BEST = 3  # passages that speak for their document
SHARED = 0.6  # share of a passage's characters that already stand in better passages: it repeats them


@dataclass(frozen=True)
class Weights:
    """Hold what each score counts for in the fused score; chosen on the development questions."""

    lexical: float = 0.2
    sentence: float = 0.7
    whole: float = 0.3
    document: float = 0.3


@dataclass(frozen=True)
class Candidate:
    """Hold a passage with its scores: cosines of its sentences and of their mean, and BM25 over the best BM25."""

    passage: StoredPassage
    spans: list[tuple[int, int]]
    cosines: Vectors
    whole: float
    lexical: float
    score: float = 0.0

    @cached_property
    def texts(self) -> list[str]:
        """Give the sentences as they stand in the source."""
        return [self.passage.between(start, end) for start, end in self.spans]

    @cached_property
    def tokens(self) -> list[dict[str, set[str]]]:
        """Analyze each sentence once, for all who compare it with the question."""
        return [tokens(text) for text in self.texts]

    @property
    def sentence(self) -> float:
        """Give the cosine of the best sentence."""
        return float(self.cosines.max())


@dataclass(frozen=True)
class Ranking:
    """Hold what was found for a question, best first, how it was searched, and the best BM25 score."""

    query: str
    language: Language
    words: list[Word] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)
    bm25: float = 0.0


class HybridRetriever(BaseRetriever):
    """Retrieve the k best passages (LangChain's interface) or a whole `Ranking`."""

    store: PassageStore
    k: int = 10
    weights: Weights = Weights()
    reranker: Reranker | None = None

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Passage]:
        return [to_passage(c.passage, score=c.score) for c in self.rank(query).candidates]

    def rank(self, query: str) -> Ranking:
        """Find the k best passages with all their scores."""
        projections = self.store.projections()
        language = detect_language(query)
        parsed = projections.lexical.parse(query, language)
        vector = self.store.embedder.encode_queries([query])[0]
        pool = max(CANDIDATES, 3 * self.k)
        lexical = dict(projections.lexical.search(parsed, pool))
        nearest = projections.nearest(vector, 2 * pool)
        near = (owner[0] for owner in self.store.database.owners([i for i, _ in nearest]).values())
        found = self.store.passages(list(dict.fromkeys([*lexical, *near])))
        spans = self.store.database.spans(list(found))
        best = max(lexical.values(), default=0.0)
        candidates: list[Candidate] = []
        for passage in found.values():
            if passage.id not in spans:  # removed by another process just now
                continue
            sentences, rows = spans[passage.id]
            mean = rows.mean(axis=0)
            whole = float(mean @ vector) / max(1e-6, float(np.linalg.norm(mean)))
            words = lexical.get(passage.id, 0.0) / (best or 1.0)
            candidates.append(Candidate(passage, sentences, rows @ vector, whole, words))
        kept = fold(self._scored(candidates), max(self.k, RERANKED) if self.reranker else self.k)
        if self.reranker:
            scores = self.reranker.scores(query, [c.passage.text for c in kept])
            ordered = sorted(zip(scores, kept, strict=True), key=lambda pair: -pair[0])
            kept = [replace(c, score=score) for score, c in ordered][: self.k]
        return Ranking(query, language, parsed, kept, best)

    def merge(self, ranking: Ranking, other: Ranking) -> Ranking:
        """Join what two wordings of one question found; each passage counts as the better one of them saw it."""
        best: dict[int, Candidate] = {}
        for candidate in sorted((*ranking.candidates, *other.candidates), key=lambda c: -c.score):
            best.setdefault(candidate.passage.id, candidate)
        kept = fold(list(best.values()), self.k)
        return replace(ranking, candidates=kept, bm25=max(ranking.bm25, other.bm25))

    def _scored(self, candidates: list[Candidate]) -> list[Candidate]:
        """Fuse the scores; a passage of a document that fits the question elsewhere too gains by it."""
        w = self.weights
        own = [w.lexical * c.lexical + w.sentence * c.sentence + w.whole * c.whole for c in candidates]
        by_document: dict[int, list[float]] = {}
        for candidate, score in zip(candidates, own, strict=True):
            by_document.setdefault(candidate.passage.document, []).append(score)
        documents = {document: fmean(nlargest(BEST, scores)) for document, scores in by_document.items()}
        scored = [
            replace(c, score=score + w.document * documents[c.passage.document])
            for c, score in zip(candidates, own, strict=True)
        ]
        return sorted(scored, key=lambda c: (-c.score, c.passage.id))


def fold(candidates: Sequence[Candidate], k: int) -> list[Candidate]:
    """Keep the k best candidates, leaving out those that mostly repeat the sentences of better ones."""
    kept: list[Candidate] = []
    seen: set[str] = set()
    for candidate in candidates:
        keys = [re.sub(r"\W+", "", text).casefold() for text in candidate.texts]
        length = sum(map(len, keys))
        if kept and sum(len(key) for key in keys if key in seen) >= SHARED * max(1, length):
            continue
        kept.append(candidate)
        seen.update(keys)
        if len(kept) == k:
            break
    return kept
