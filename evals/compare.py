"""Embedding models side by side: dense, lexical and fused, on BEIR folders and on our own questions, with times."""

import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import fmean, median
from tempfile import TemporaryDirectory

from evals.beir import DEPTH, index_corpus, read_judgements, read_queries, score
from evals.measures import rank_of_gold
from evals.questions import EvalQuestion, load_questions
from rag.index import open_index
from rag.index.embeddings import Embedder
from rag.index.protocol import Index
from rag.indexing import index_paths
from rag.retrieval.followup import readings
from rag.retrieval.ranking import Ranker, Weights
from rag.schema import Query
from rag.settings import Settings
from rag.text.language import detect_language

SEEDS = Path(__file__).resolve().parent.parent / "seeds"
WAYS = {"dense": Weights(lexical=0), "lexical": Weights(1, 0, 0), "fused": Weights()}

Row = dict[str, float | str]


def compare(models: Iterable[str], folders: Sequence[Path]) -> list[Row]:
    """Measure each model in each way on each set: nDCG@10 on a BEIR folder, hit@5 on our questions."""
    rows: list[Row] = []
    for model in models:
        for folder in folders:
            with TemporaryDirectory(prefix="rag-compare-") as scratch:
                index = _index(model, scratch)
                index_corpus(index, folder / "corpus.jsonl")
                queries, relevant = read_queries(folder), read_judgements(folder)
                for way, weights in WAYS.items():
                    run, times = {}, []
                    ranker = Ranker(index, DEPTH, weights)
                    for query in relevant:
                        began = time.perf_counter()
                        found = ranker.rank(Query(queries[query], detect_language(queries[query]))).found
                        times.append(time.perf_counter() - began)
                        run[query] = {c.passage.source: c.score for c in reversed(found)}
                    measures = score(relevant, run)
                    rows.append(_row(folder.name, model, way, measures["nDCG@10"], measures["hit@5"], times))
        rows += _own_questions(model)
    return rows


def _own_questions(model: str) -> list[Row]:
    rows: list[Row] = []
    with TemporaryDirectory(prefix="rag-compare-") as scratch:
        index = _index(model, scratch)
        index_paths(index, [SEEDS])
        answerable = [q for q in load_questions() if q.answerable]
        for way, weights in WAYS.items():
            ranker = Ranker(index, weights=weights)
            ranks, times = [], []
            for question in answerable:
                began = time.perf_counter()
                ranks.append(_rank(ranker, question))
                times.append(time.perf_counter() - began)
            mrr = fmean(1 / rank if rank else 0.0 for rank in ranks)
            hits = fmean(rank is not None and rank <= 5 for rank in ranks)
            rows.append(_row("our questions (MRR@10)", model, way, mrr, hits, times))
    return rows


def _rank(ranker: Ranker, question: EvalQuestion) -> int | None:
    text = readings(question.question).first
    found = ranker.rank(Query(text, detect_language(text))).found
    spans = [(f.passage.source, f.passage.start, f.passage.end) for f in found]
    return rank_of_gold(question, spans, lambda source: ranker.index.read(source, 0, 10**9))


def _index(model: str, folder: str) -> Index:
    settings = Settings(Path(folder), model)
    return open_index(settings, Embedder(settings), create=True)


def _row(name: str, model: str, way: str, quality: float, hits: float, times: Sequence[float]) -> Row:
    own = {"set": name, "model": model, "way": way}
    return {
        **own,
        "nDCG@10": round(quality, 3),
        "hit@5": round(hits, 3),
        "ms per query": round(1000 * median(times), 1),
    }
