"""A BEIR folder (`corpus.jsonl`, `queries.jsonl`, `qrels/test.tsv`) → nDCG@10, recall@k and hit@k by pytrec_eval."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory

import pytrec_eval

from rag.index import open_index
from rag.index.embeddings import Embedder
from rag.index.preparation import embedded_passages, prepare
from rag.index.protocol import Index
from rag.problems import CommandError
from rag.retrieval.ranking import Ranker
from rag.schema import Document, Origin, Query
from rag.settings import Settings
from rag.text.language import detect_language

DEPTH = 100
MEASURES = {
    "nDCG@10": "ndcg_cut_10",
    "recall@10": "recall_10",
    "recall@100": "recall_100",
    "hit@1": "success_1",
    "hit@5": "success_5",
    "hit@10": "success_10",
}

Run = dict[str, dict[str, float]]


def evaluate_folder(folder: Path, settings: Settings) -> dict[str, float]:
    """Index the corpus in a temporary folder, search every judged query and measure the rankings."""
    queries, relevant = read_queries(folder), read_judgements(folder)
    with TemporaryDirectory(prefix="rag-beir-") as scratch:
        own = Settings(Path(scratch), settings.embedding_model, settings.query_prefix, settings.passage_prefix)
        index = open_index(own, Embedder(own), create=True)
        index_corpus(index, folder / "corpus.jsonl")
        ranker = Ranker(index, DEPTH)
        run: Run = {}
        for query in relevant:
            scores: dict[str, float] = {}
            for found in ranker.rank(Query(queries[query], detect_language(queries[query]))).found:
                scores.setdefault(found.passage.source, found.score)
            run[query] = scores
    return score(relevant, run)


def index_corpus(index: Index, corpus: Path) -> None:
    """Add each entry of a corpus as a document; its id becomes its source."""
    with index.writing():
        prepare(index)
        for row in _rows(corpus):
            document = Document(row["_id"], row["title"], "text", row["text"])
            origin = Origin(corpus, row["_id"], len(row["text"]))
            index.add(document, origin, embedded_passages(document, index.embedder))
        index.publish()


def score(relevant: dict[str, dict[str, int]], run: Run) -> dict[str, float]:
    """Average the measures over the queries."""
    families = {"ndcg_cut.10", "recall.10,100", "success.1,5,10"}
    by_query = pytrec_eval.RelevanceEvaluator(relevant, families).evaluate(run)
    return {name: fmean(found[key] for found in by_query.values()) for name, key in MEASURES.items()}


def read_queries(folder: Path) -> dict[str, str]:
    """Read the text of each query, by its id."""
    return {row["_id"]: row["text"] for row in _rows(folder / "queries.jsonl")}


def read_judgements(folder: Path) -> dict[str, dict[str, int]]:
    """Read, for each judged query, the entries of the corpus that answer it."""
    path = folder / "qrels" / "test.tsv"
    relevant: dict[str, dict[str, int]] = {}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                relevant.setdefault(row["query-id"], {})[row["corpus-id"]] = int(row["score"])
    except (OSError, KeyError, ValueError) as error:
        raise CommandError(f"{path} is not a BEIR judgement file (query-id, corpus-id, score)") from error
    return relevant


def _rows(path: Path) -> Iterator[dict[str, str]]:
    try:
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                if line.strip():
                    row = json.loads(line)
                    yield {"_id": str(row["_id"]), "title": row.get("title") or "", "text": str(row["text"])}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CommandError(f"{path} is not a BEIR file of JSON lines") from error
