"""Development questions → the weights and thresholds of `rag.retrieval.confidence`, written to its calibration file."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from evals.questions import CALIBRATION as CALIBRATION_QUESTIONS
from evals.questions import EvalQuestion, load_questions
from rag.answering import Answering
from rag.index.protocol import Query
from rag.retrieval.confidence import ANY_MODEL, CALIBRATION, features
from rag.retrieval.followup import readings
from rag.retrieval.reading import read
from rag.text.language import LANGUAGES, detect_language

# How much of what is answerable may be refused, at most, to refuse what is not: the weak promise is the second one.
FALSE_REFUSALS = 0.16
STRENGTH = 1.0  # inverse of the regularisation; few questions, so the weights stay small
ROUNDS = 5  # of cross-validation, each with other folds
WORDS_ALONE = ("words",)

Flags = NDArray[np.bool_]


def calibrate(answering: Answering, model: str, questions: Sequence[EvalQuestion]) -> str:
    """Fit on all development questions, store the result for the embedding model, and say how well it separates.

    Thresholds are set, for each language apart, on cross-validated probabilities (10 folds, five times). Models that
    were never calibrated share a fit that looks at words alone, since the cosines of models differ.
    """
    every = [*questions, *load_questions(CALIBRATION_QUESTIONS)]
    dev = [q for q in every if q.split == "dev" and q.turn == "search"]
    texts = [readings(q.question).first for q in dev]
    rows = [features(read(answering.rank(Query(text, detect_language(text))))) for text in texts]
    answerable = np.array([q.answerable for q in dev])
    languages = np.array([detect_language(q.question.text) for q in dev])
    calibrations = {
        model: _fit(rows, list(rows[0]), answerable, languages),
        ANY_MODEL: _fit(rows, WORDS_ALONE, answerable, languages),
    }
    stored = json.loads(CALIBRATION.read_text()) if CALIBRATION.exists() else {}
    CALIBRATION.write_text(
        json.dumps(stored | {name: fit.stored for name, fit in calibrations.items()}, indent=1) + "\n"
    )
    return "\n".join(
        f"{name}: cross-validated on {len(dev)} development questions, {fit.false_answers:.0%} of the unanswerable "
        f"answered, {fit.false_refusals:.0%} of the answerable refused"
        for name, fit in calibrations.items()
    )


@dataclass(frozen=True)
class Fit:
    """Hold what is stored of a calibration, and how well it separated questions it was not fitted on."""

    stored: dict[str, Any]
    false_answers: float
    false_refusals: float


def _fit(rows: list[dict[str, float]], names: Sequence[str], answerable: Flags, languages: NDArray[np.str_]) -> Fit:
    x = np.array([[row[name] for name in names] for row in rows])
    scale = x.std(axis=0) + 1e-9
    model = LogisticRegression(C=STRENGTH, class_weight="balanced")
    rounds = [StratifiedKFold(10, shuffle=True, random_state=seed) for seed in range(ROUNDS)]
    predicted = [
        cross_val_predict(model, x / scale, answerable, cv=folds, method="predict_proba")[:, 1] for folds in rounds
    ]
    probabilities = np.mean(predicted, axis=0)
    model.fit(x / scale, answerable)
    thresholds = {
        lang: float(np.quantile(probabilities[(languages == lang) & answerable], FALSE_REFUSALS)) for lang in LANGUAGES
    }
    answered = probabilities >= np.array([thresholds[lang] for lang in languages])
    stored = {
        "weights": {name: round(float(w), 4) for name, w in zip(names, model.coef_[0] / scale, strict=True)},
        "constant": round(float(model.intercept_[0]), 4),
        "thresholds": {lang: round(threshold, 4) for lang, threshold in thresholds.items()},
    }
    return Fit(stored, float(answered[~answerable].mean()), float((~answered[answerable]).mean()))
