"""Reading alone: is a question answered by the passages that are given with it?

A folder holds `corpus.jsonl.gz` ({_id, title, text}) and `questions.jsonl.gz` ({_id, question,
lang, candidates, answerable}); `candidates` are the ids of the passages to read (NoMIRACL has ten
of a search, SQuAD 2.0 one).
"""

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from evals.beir import index_corpus
from evals.run import Measures, auc
from rag.answering import Answering
from rag.index import open_index
from rag.problems import CommandError
from rag.retrieval.confidence import threshold
from rag.retrieval.reading import read
from rag.schema import Query
from rag.settings import Settings

NEEDED = {"question", "lang", "candidates", "answerable"}
MOST = 1000  # questions of a folder; of more, as many at even distances


def abstain(folder: Path, settings: Settings) -> Measures:
    """Read the candidates of each question; compute what was answered and refused wrongly.

    The AUC is that of the confidence.
    """
    questions = list(read_questions(folder / "questions.jsonl.gz"))
    questions = questions[:: -(-len(questions) // MOST)]
    with TemporaryDirectory(prefix="rag-abstain-") as scratch:
        index = open_index(replace(settings, index=Path(scratch)), create=True)
        index_corpus(index, folder / "corpus.jsonl.gz")
        answering = Answering.over(index, settings, k=index.counts().passages)
        judged = [(_margin(answering, row), bool(row["answerable"])) for row in questions]
    answered = [margin >= 0 for margin, answerable in judged if answerable]
    others = [margin >= 0 for margin, answerable in judged if not answerable]
    if not (answered and others):
        raise CommandError(f"{folder} needs questions that are answered and questions that are not")
    return {
        "questions": len(judged),
        "false answers": sum(others) / len(others),
        "false refusals": 1 - sum(answered) / len(answered),
        "refusal AUC": auc(judged) or 0.0,
    }


def _margin(answering: Answering, row: dict[str, Any]) -> float:
    """Tell how far above the threshold the confidence is that the candidates answer."""
    ranking = answering.rank(Query(row["question"], row["lang"]))
    given = [found for found in ranking.found if found.passage.source in row["candidates"]]
    reading = read(replace(ranking, found=given), answering.reader)
    return reading.confidence - threshold(row["lang"])


def read_questions(path: Path) -> Iterator[dict[str, Any]]:
    """Read questions with the passages to read for each; raise `CommandError` where they lack."""
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                if missing := NEEDED - row.keys():
                    raise CommandError(f"{path} has a line without {', '.join(sorted(missing))}")
                yield row
    except (OSError, ValueError) as error:
        raise CommandError(f"{path} cannot be read; give gzipped JSON lines") from error
