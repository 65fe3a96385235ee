"""From which probability on a question is answered: a threshold for each language.

Set on the development questions by `python -m evals --calibrate`; the numbers stand in `calibration.json`.
"""

import json
from functools import cache
from pathlib import Path

from rag.text.language import Language

CALIBRATION = Path(__file__).with_name("calibration.json")


@cache
def threshold(language: Language) -> float:
    """Return the probability from which a question in a language is answered.

    A language without questions of ours takes the strictest.
    """
    thresholds: dict[Language, float] = json.loads(CALIBRATION.read_text())
    return thresholds.get(language, max(thresholds.values()))
