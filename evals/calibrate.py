"""Development questions → the weights and thresholds of `rag.confidence`, written to its calibration file."""

import json
from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from evals.questions import CALIBRATION as CALIBRATION_QUESTIONS
from evals.questions import EvalQuestion, load_questions
from rag.chain import AnswerChain
from rag.confidence import CALIBRATION, features
from rag.followup import stand_alone
from rag.language import Language, detect_language

# How much of what is answerable may be refused, at most, to refuse what is not: the weak promise is the second one.
FALSE_REFUSALS = 0.16
STRENGTH = 1.0  # inverse of the regularisation; few questions, so the weights stay small
ROUNDS = 5  # of cross-validation, each with other folds
LANGUAGES: tuple[Language, ...] = ("fr", "en")


def calibrate(chain: AnswerChain, questions: Sequence[EvalQuestion]) -> str:
    """Fit on all development questions, store the result for the chain's model, and say how well it separates.

    Thresholds are set, for each language apart, on cross-validated probabilities (10 folds, five times).
    """
    dev = [q for q in [*questions, *load_questions(CALIBRATION_QUESTIONS)] if q.split == "dev"]
    texts = [stand_alone(q.question) for q in dev]
    rows = [features(chain.retriever.rank(text)) for text in texts]
    names = list(rows[0])
    x = np.array([[row[name] for name in names] for row in rows])
    y = np.array([q.answerable for q in dev])
    scale = x.std(axis=0) + 1e-9
    model = LogisticRegression(C=STRENGTH, class_weight="balanced")
    rounds = [StratifiedKFold(10, shuffle=True, random_state=seed) for seed in range(ROUNDS)]
    predicted = [cross_val_predict(model, x / scale, y, cv=folds, method="predict_proba")[:, 1] for folds in rounds]
    probabilities = np.mean(predicted, axis=0)
    model.fit(x / scale, y)

    languages = np.array([detect_language(q.question.text) for q in dev])
    thresholds = {lang: _threshold(probabilities[languages == lang], y[languages == lang]) for lang in LANGUAGES}
    answered = probabilities >= np.array([thresholds[lang] for lang in languages])
    calibrations = json.loads(CALIBRATION.read_text()) if CALIBRATION.exists() else {}
    calibrations[chain.store.embedder.name] = {
        "weights": {name: round(float(w), 4) for name, w in zip(names, model.coef_[0] / scale, strict=True)},
        "constant": round(float(model.intercept_[0]), 4),
        "thresholds": {lang: round(float(threshold), 4) for lang, threshold in thresholds.items()},
    }
    CALIBRATION.write_text(json.dumps(calibrations, indent=1) + "\n")
    return (
        f"cross-validated on {len(dev)} development questions: {answered[~y].mean():.0%} of the unanswerable answered, "
        f"{(~answered[y]).mean():.0%} of the answerable refused; thresholds {thresholds}"
    )


def _threshold(probabilities: np.ndarray, answerable: np.ndarray) -> float:
    """Give the highest threshold that refuses no more than the allowed share of what is answerable."""
    return float(np.quantile(probabilities[answerable], FALSE_REFUSALS))
