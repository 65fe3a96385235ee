"""A follow-up, made to stand alone by rules: what it leaves out is taken from the questions before it.

The outcome is shown to the person as the question that was searched.
"""

import re

from rag.lexical import words
from rag.schema import Question

OPENING = re.compile(
    r"^\W*(?:et|mais|ou|donc|alors|sinon|and|but|or|so|what about|how about|then)\b[\s,]*", re.IGNORECASE
)
# Words that point to something said before; "il y a", "il faut" and "c'est" do not.
POINTING = re.compile(
    r"\b(?:il(?! (?:y a|faut|existe|est))|elle|ils|elles|lui|eux|leurs?|ce(?:lui|lle|ux)-ci|cela|ça|là-dessus|"
    r"même chose|he|she|they|him|his|hers?|them|theirs?|it|its|this|that|these|those|ones?|same)\b",
    re.IGNORECASE,
)
FEW_WORDS = 3
TURNS = 5  # that are looked back at
MAX_BEFORE = 500  # characters taken from them
# "Et pour les développeurs ?" takes the place of "aux juristes" in the question before.
COMPLEMENT = re.compile(
    r"\b(?:pour|chez|aux?|à la|à l[’']|dans|for|to|at|in|about)\b\s*[^?.!,;]+",
    re.IGNORECASE,
)


def stand_alone(question: Question) -> str:
    """Give the question as it is to be searched: itself, or with what a follow-up takes from the turns before."""
    standing = ""
    for text in [*(turn.question for turn in question.history[-TURNS:]), question.text]:
        standing = _joined(standing, " ".join(text.split()))
    return standing


def _joined(before: str, text: str) -> str:
    if not before or not is_follow_up(text):
        return text
    bare = OPENING.sub("", text)
    complement = COMPLEMENT.match(bare)
    replaced = list(COMPLEMENT.finditer(before))
    if complement and len(words(bare)) <= FEW_WORDS and replaced:
        before = before[: replaced[-1].start()] + before[replaced[-1].end() :]
    return f"{' '.join(before.split())[-MAX_BEFORE:]} {text}"


def is_follow_up(text: str) -> bool:
    """Tell whether a question leans on what was said before it."""
    return bool(OPENING.match(text) or POINTING.search(text) or len(words(text)) < FEW_WORDS)
