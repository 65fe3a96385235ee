"""Do the documents answer? A probability from how well the best sentence answers, and the threshold to answer at.

A logistic regression over the cosine of the best sentence and the share of the question's words that it holds, fitted
to the development questions by `python -m evals --calibrate`; its numbers stand in `calibration.json`, for each
embedding model apart, with a threshold for each language.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp
from pathlib import Path
from typing import Any

from rag.retrieval.reading import Sentence
from rag.text.language import Language

CALIBRATION = Path(__file__).with_name("calibration.json")
ANY_MODEL = "*"  # the calibration of models that have none of their own: by words alone


def features(sentences: Sequence[Sentence]) -> dict[str, float]:
    """Describe how well the best sentence answers; nothing where there is none."""
    return {"cosine": sentences[0].cosine, "words": sentences[0].words} if sentences else {}


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

    def estimate(self, sentences: Sequence[Sentence]) -> float:
        """Estimate the probability that the documents answer, from what was read, best first."""
        found = features(sentences)
        if not found:
            return 0.0
        return 1 / (1 + exp(-self.constant - sum(weight * found[name] for name, weight in self.weights.items())))

    def threshold(self, language: Language) -> float:
        """Return the probability from which a question in a language is answered."""
        return self.thresholds[language]
