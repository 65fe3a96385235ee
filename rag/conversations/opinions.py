"""What people think of the answers, and the evaluation cases that this makes."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from rag.conversations.database import Database
from rag.conversations.tables import Conversation, Feedback, Opinion, Turn
from rag.index.protocol import Index
from rag.problems import RagError
from rag.schema import EVERYTHING, Scope


class Opinions:
    """Keep one opinion of each answer; another one takes its place."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def give(
        self, owner: str, turn: str, opinion: Opinion, comment: str = "", gold: tuple[str, str] = ("", "")
    ) -> None:
        """Write an opinion down; `gold` is a source and its words that would have been right."""
        source, span = gold
        with self.database.session() as session:
            known = session.scalar(select(Turn).join(Conversation).where(Turn.id == turn, Conversation.owner == owner))
            if known is None or known.answer is None:
                raise RagError("conversations.unanswered")
            given = Feedback(turn_id=turn, opinion=opinion, comment=comment, source=source, span=span)
            session.merge(given)

    def all(self, owner: str) -> Sequence[Feedback]:
        """List an owner's opinions with their turns, the last one first."""
        query = select(Feedback).join(Turn).join(Conversation).where(Conversation.owner == owner)
        with self.database.session() as session:
            return session.scalars(query.options(joinedload(Feedback.turn)).order_by(Feedback.given.desc())).all()

    def history(self, feedback: Feedback) -> list[dict[str, str]]:
        """Read what was asked and answered before the turn that an opinion is about."""
        turn = feedback.turn
        before = select(Turn).where(Turn.conversation_id == turn.conversation_id, Turn.position < turn.position)
        with self.database.session() as session:
            turns = session.scalars(before.order_by(Turn.position)).all()
        return [{"question": t.question, "answer": t.answer["answer"]} for t in turns if t.answer]


def source_of(index: Index, span: str, only: Scope = EVERYTHING) -> str:
    """Find the document that holds some words exactly. Raises `RagError` where none does."""
    for entry in index.documents(only):
        document = index.document(entry.source, only)
        if document and span in document.text:
            return entry.source
    raise RagError("feedback.span")


def case(feedback: Feedback, history: Sequence[dict[str, str]]) -> dict[str, Any] | None:
    """Make a question of `python -m evals --questions`; None where the right words are not known."""
    turn, answer = feedback.turn, feedback.turn.answer or {}
    cited = [{"source": c["source"], "span": c["quote"]} for c in answer.get("citations", [])]
    given = [{"source": feedback.source, "span": feedback.span}] if feedback.span else []
    gold = given or (cited if feedback.opinion == "right" else [])
    is_refused = bool(answer.get("refused"))
    is_unanswerable = feedback.opinion == "refuse" or (feedback.opinion == "right" and is_refused)
    if not gold and not is_unanswerable:
        return None
    return {
        "id": f"feedback-{turn.id[:8]}",
        "question": turn.question,
        "lang": answer["language"],
        "kind": "feedback",
        "answerable": not is_unanswerable,
        "gold": [] if is_unanswerable else gold,
        **({"history": list(history)} if history else {}),
    }
