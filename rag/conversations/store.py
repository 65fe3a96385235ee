"""The conversations of each owner: begun, gone on with, listed, searched, renamed, deleted."""

import secrets
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session, selectinload

from rag.conversations.database import Database
from rag.conversations.tables import Conversation, State, Turn, now
from rag.problems import RagError
from rag.text.folding import fold

TITLE = 80  # characters
LISTED = 200  # conversations


class Conversations:
    """Keep conversations; who is not the owner of one does not learn that it is there."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def ask(
        self,
        owner: str,
        turn: str,
        question: str,
        conversation: str | None = None,
        replaces: str | None = None,
        chosen: dict[str, list[str]] | None = None,
    ) -> Turn:
        """Write a question down before it is answered, in a new conversation where none is given.

        A turn that is there already is returned as it is: the question was sent twice.
        """
        with self.database.session() as session:
            if known := _turn(session, owner, turn):
                return known
            told = _owned(session, owner, conversation) if conversation else _begun(session, owner, question)
            before = next((t for t in told.turns if t.id == replaces), None)
            last = max((t.position for t in told.turns), default=0)
            told.changed = now()
            told.chosen = chosen or {}
            asked = Turn(
                id=turn,
                conversation_id=told.id,
                position=before.position if before else last + 1,
                question=question,
                words=fold(question),
                state="asked",
                replaces=before.id if before else None,
            )
            session.add(asked)
            return asked

    def end(self, turn: str, state: State, answer: dict[str, Any] | None = None) -> None:
        """Write down what became of a question; its answer takes the place of the one that it replaces."""
        with self.database.session() as session:
            asked = session.get(Turn, turn)
            if asked is None:  # its conversation was deleted meanwhile
                return
            asked.state, asked.answer, asked.ended = state, answer, now()
            if answer:
                asked.kind = answer["kind"]
                asked.words = fold(f"{asked.question}\n{answer['answer']}")
                if asked.replaces:
                    session.execute(delete(Turn).where(Turn.id == asked.replaces))
                    session.execute(update(Turn).where(Turn.id == turn).values(replaces=None))

    def all(self, owner: str, words: str = "") -> Sequence[Conversation]:
        """List an owner's conversations, the last one first; only those with all the words, where some are given."""
        query = select(Conversation).where(Conversation.owner == owner)
        for word in fold(words).split():
            held = Conversation.turns.any(Turn.words.contains(word, autoescape=True))
            query = query.where(or_(held, Conversation.title.icontains(word, autoescape=True)))
        with self.database.session() as session:
            return session.scalars(query.order_by(Conversation.changed.desc()).limit(LISTED)).all()

    def read(self, owner: str, conversation: str) -> Conversation:
        """Read a conversation with its turns. Raises `RagError` where it is not there for this owner."""
        with self.database.session() as session:
            return _owned(session, owner, conversation)

    def turn(self, owner: str, turn: str) -> Turn:
        """Read one turn. Raises `RagError` where it is not there for this owner."""
        with self.database.session() as session:
            if known := _turn(session, owner, turn):
                return known
        raise RagError("conversations.unknown")

    def rename(self, owner: str, conversation: str, title: str) -> None:
        """Give a conversation another title; an empty one changes nothing."""
        with self.database.session() as session:
            known = _owned(session, owner, conversation)
            known.title = title_of(title) or known.title

    def delete(self, owner: str, conversation: str) -> None:
        """Delete a conversation so that no byte of it is left."""
        with self.database.erasing() as session:
            session.delete(_owned(session, owner, conversation))

    def forget(self, owner: str) -> None:
        """Delete all conversations of an owner so that no byte of them is left."""
        with self.database.erasing() as session:
            for conversation in session.scalars(select(Conversation).where(Conversation.owner == owner)):
                session.delete(conversation)


def title_of(words: str) -> str:
    """Shorten a question to a title, at a word's end."""
    words = " ".join(words.split())
    return words if len(words) <= TITLE else f"{words[:TITLE].rsplit(' ', 1)[0]}…"


def _begun(session: Session, owner: str, question: str) -> Conversation:
    conversation = Conversation(id=secrets.token_hex(16), owner=owner, title=title_of(question), turns=[])
    session.add(conversation)
    return conversation


def _owned(session: Session, owner: str, conversation: str) -> Conversation:
    query = select(Conversation).where(Conversation.id == conversation, Conversation.owner == owner)
    known = session.scalar(query.options(selectinload(Conversation.turns)))
    if known is None:
        raise RagError("conversations.unknown")
    return known


def _turn(session: Session, owner: str, turn: str) -> Turn | None:
    return session.scalar(select(Turn).join(Conversation).where(Turn.id == turn, Conversation.owner == owner))
