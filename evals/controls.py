"""Controls of refusal: what tells answerable questions from others and reads no answer.

A reader that refuses no better than these has learned how questions are worded, not to read.
"""

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from evals.corpora import TEXTS, Corpus, answering_over
from evals.measures import Outcome
from evals.questions import EvalQuestion, load_questions
from evals.run import Measures, auc
from rag.settings import Settings

WRITTEN = Path(__file__).resolve().parent.parent / "models" / "training" / "written" / "written2"

Scores = Mapping[str, float]  # by the question's id: how sure it is that it can be answered


def control_measures(
    outcomes: Sequence[Outcome],
    elsewhere: Scores,
    wording: Scores,
) -> Measures:
    """Compute the AUC of both controls over the questions of a group whose refusal is measured."""
    asked = [o.question for o in outcomes if o.question.turn == "search"]
    values = {
        f"AUC {name}": auc([(scores[q.id], q.answerable) for q in asked])
        for name, scores in (("elsewhere", elsewhere), ("of the wording", wording))
    }
    return {name: value for name, value in values.items() if value is not None}


def confidence_elsewhere(
    questions: Sequence[EvalQuestion],
    other: Corpus,
    settings: Settings,
) -> dict[str, float]:
    """Ask questions of a corpus that answers none of them: the confidence of each, by its id."""
    if not questions:
        return {}
    with answering_over(other.folder, settings) as (_, answering):
        return {q.id: answering.invoke(q.question).trace.confidence for q in questions}


def wording_scores(questions: Sequence[EvalQuestion]) -> dict[str, float]:
    """Score questions by their characters alone, as the written questions teach; by id.

    The model is a logistic regression over TF-IDF of character n-grams; what is asked over
    `texts/` is left out of its training.
    """
    held = {_text_of(question.id) for question in load_questions(TEXTS.questions)}
    rows = [row for row in _written() if _text_of(row["_id"]) not in held]
    model = make_pipeline(
        TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 5), min_df=2, sublinear_tf=True),
        LogisticRegression(C=3.0, max_iter=1000),
    )
    model.fit([row["question"] for row in rows], [row["answerable"] for row in rows])
    scores = model.decision_function([question.question.text for question in questions])
    return {question.id: float(score) for question, score in zip(questions, scores, strict=True)}


def _text_of(name: str) -> str:
    """Read the name of its text from that of a question: "w2-A-033" from "w2-A-033-q0"."""
    return "-".join(name.split("-")[:3])


def _written() -> Iterator[dict[str, str]]:
    with gzip.open(WRITTEN / "questions.jsonl.gz", "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)
