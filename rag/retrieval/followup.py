"""A follow-up, made to stand alone by rules: what it leaves out is taken from the last topic, never from all turns.

The outcome is shown to the person as the question that was searched.
"""

from dataclasses import dataclass

from rag.schema import Question
from rag.text.facts import names
from rag.text.packs import pattern
from rag.text.words import content_words

OPENING = pattern("opening", r"^\W*(?:{})\b[\s,]*")
POINTING = pattern("pointing", r"(?<![-’'])\b(?:{})\b")  # not in "recommande-t-il", "se réunit-il"
ASKING = pattern("asking", r"^(?:{})\b")
SHORT = 4  # words of content: a longer turn has a subject of its own
FEW = 3  # words of content: a turn that opens with "et" and has no more leaves the rest out
MAX_TOPIC = 500  # characters taken from the turn before
# "Et pour les développeurs ?" takes the place of "aux juristes" in the question before.
COMPLEMENT = pattern("complement", r"\b(?:{})\b\s*[^?.!,;]+")


@dataclass(frozen=True)
class Readings:
    """Hold how a question may be understood, the likelier way first; the second counts if the first has no answer."""

    first: str
    second: str | None = None


def readings(question: Question) -> Readings:
    """Read a question in the light of the last topic.

    A question with a subject of its own has one reading, whatever pronoun or inversion it holds; so has one that cannot
    stand alone.
    """
    topic = ""
    for turn in question.history:
        text = " ".join(turn.question.split())
        topic = topic if topic and (leans(text) or points(text)) else text
    text = " ".join(question.text.split())
    if not topic:
        return Readings(text)
    if leans(text):
        return Readings(_joined(topic, text))
    if points(text):
        return Readings(_joined(topic, text), text)
    return Readings(text, _joined(topic, text)) if names_only(text) else Readings(text)


def leans(text: str) -> bool:
    """Tell a turn that cannot stand alone: "Et en province ?", "Pourquoi ?", "Who said that?"."""
    bare = OPENING.sub("", text)
    content = content_words(bare)
    is_complement = bare != text and bool(COMPLEMENT.match(bare)) and len(content) <= FEW
    return is_complement or not content or (points(text) and len(content) == 1)


def points(text: str) -> bool:
    """Tell a short turn that points to something said before it, and names nobody itself."""
    bare = OPENING.sub("", text)
    has_name = any(not name.isupper() for name in names(bare))
    return bool(POINTING.search(bare)) and not has_name and len(content_words(bare)) <= SHORT


def names_only(text: str) -> bool:
    """Tell a turn that opens as if it went on, and only names something: "Et le télétravail ?"."""
    bare = OPENING.sub("", text)
    return bare != text and not ASKING.match(bare) and len(content_words(bare)) <= FEW


def _joined(topic: str, text: str) -> str:
    bare = OPENING.sub("", text)
    complement = COMPLEMENT.match(bare)
    replaced = list(COMPLEMENT.finditer(topic))
    if complement and len(content_words(bare)) <= FEW and replaced:
        topic = topic[: replaced[-1].start()] + topic[replaced[-1].end() :]
    return f"{' '.join(topic.split())[-MAX_TOPIC:]} {text}"
