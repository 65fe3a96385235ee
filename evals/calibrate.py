"""Development questions → the thresholds of `rag.retrieval.confidence`, written to its file."""

import json
from collections.abc import Sequence

import numpy as np

from evals.questions import CALIBRATION as CALIBRATION_QUESTIONS
from evals.questions import EvalQuestion, load_questions
from rag.answering import Answering
from rag.retrieval.confidence import CALIBRATION
from rag.retrieval.followup import readings
from rag.schema import Query
from rag.text.language import LANGUAGES, detect_language

# How much of what is answerable may be refused, at most, to refuse what is not: the weak promise is the second one.
FALSE_REFUSALS = 0.16


def calibrate(answering: Answering, questions: Sequence[EvalQuestion]) -> str:
    """Set the threshold of each language on all development questions, store it, and say how well it separates."""
    every = [*questions, *load_questions(CALIBRATION_QUESTIONS)]
    dev = [q for q in every if q.split == "dev" and q.turn == "search"]
    texts = [readings(q.question).first for q in dev]
    confidence = np.array([answering.read(Query(text, detect_language(text))).confidence for text in texts])
    answerable = np.array([q.answerable for q in dev])
    languages = np.array([detect_language(text) for text in texts])
    thresholds = {
        lang: round(float(np.quantile(confidence[(languages == lang) & answerable], FALSE_REFUSALS)), 4)
        for lang in LANGUAGES
    }
    CALIBRATION.write_text(json.dumps(thresholds, indent=1) + "\n")
    answered = confidence >= np.array([thresholds[lang] for lang in languages])
    return (
        f"on {len(dev)} development questions, {answered[~answerable].mean():.0%} of the unanswerable answered, "
        f"{(~answered[answerable]).mean():.0%} of the answerable refused"
    )
