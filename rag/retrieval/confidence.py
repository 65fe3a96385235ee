"""Do the documents answer? A probability from how well the best passages fit, and the threshold to answer at.

A logistic regression over a few features of the ranking, fitted to the development questions by
`python -m evals --calibrate`; its numbers stand in `calibration.json`, for each embedding model apart.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import exp, log1p
from pathlib import Path
from typing import Any

from rag.index.analysis import coverage
from rag.retrieval.ranking import Ranking
from rag.text.language import Language
from rag.text.packs import pattern

CALIBRATION = Path(__file__).with_name("calibration.json")
ANY_MODEL = "*"  # the calibration of models that have none of their own
CONSIDERED = 5  # passages
QUANTITY = pattern("quantity", r"\b(?:{})\b")


def features(ranking: Ranking) -> dict[str, float]:
    """Describe how well the best passages fit the question.

    How far the best sentence stands out tells more than its cosine: a short question scores high against everything
    (query performance prediction: Shtok et al. 2012). Who asks for a quantity needs a sentence with digits that fits
    about as well as the best one.
    """
    found = ranking.found
    if not found:
        return {}
    by_sentence = sorted((c.sentence for c in found), reverse=True)
    fits = sorted(_sentence_fits(ranking), reverse=True)
    with_digits = max((fit for fit, text in fits if any(map(str.isdigit, text))), default=0.0)
    quantity = float(bool(QUANTITY.search(ranking.query.text)))
    return {
        "whole cosine": max(c.whole for c in found[:CONSIDERED]),
        "sentence cosine": by_sentence[0],
        "sentence lead": by_sentence[0] - by_sentence[-1],
        "words": log1p(ranking.bm25) / 4,
        "words matched": ranking.bm25 / max(1e-6, sum(word.weight for word in ranking.words)) / 3,
        "asks for a quantity": quantity,
        "quantity is missing": quantity * (1 - with_digits / max(fits[0][0], 1e-6)),
    }


def _sentence_fits(ranking: Ranking) -> Iterator[tuple[float, str]]:
    for c in ranking.found[:CONSIDERED]:
        for text, held, cosine in zip(c.passage.sentences, c.tokens, c.cosines, strict=True):
            yield float(cosine) + coverage(ranking.words, held), text


@dataclass(frozen=True)
class Confidence:
    """Hold the fitted weights, the constant, and the threshold of each language."""

    weights: Mapping[str, float]
    constant: float
    thresholds: Mapping[Language, float]

    @classmethod
    def load(cls, model: str, path: Path = CALIBRATION) -> "Confidence":
        """Read the calibration for an embedding model; other models share one that looks at words alone."""
        models: dict[str, Any] = json.loads(path.read_text())
        return cls(**models.get(model, models[ANY_MODEL]))

    def estimate(self, ranking: Ranking) -> float:
        """Estimate the probability that the documents answer the question."""
        found = features(ranking)
        if not found:
            return 0.0
        return 1 / (1 + exp(-self.constant - sum(weight * found[name] for name, weight in self.weights.items())))

    def threshold(self, language: Language) -> float:
        """Return the probability from which a question in a language is answered."""
        return self.thresholds[language]
