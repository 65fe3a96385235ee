"""A follow-up, made to stand alone by rules: what it leaves out is taken from the questions before it.

The outcome is shown to the person as the question that was searched.
"""

from rag.schema import Question
from rag.text.packs import pattern
from rag.text.words import words

OPENING = pattern("opening", r"^\W*(?:{})\b[\s,]*")
POINTING = pattern("pointing", r"\b(?:{})\b")  # words that point to something said before
FEW_WORDS = 3
TURNS = 5  # that are looked back at
MAX_BEFORE = 500  # characters taken from them
# "Et pour les développeurs ?" takes the place of "aux juristes" in the question before.
COMPLEMENT = pattern("complement", r"\b(?:{})\b\s*[^?.!,;]+")


def stand_alone(question: Question) -> str:
    """Write the question as it is to be searched: itself, or with what a follow-up takes from the turns before."""
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
