"""The tables of the conversations: what was asked, what was answered, what people thought of it."""

from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

State = Literal["asked", "answered", "stopped", "failed"]
Opinion = Literal["right", "answer", "source", "refuse", "answerable"]  # what was wrong, or nothing


def now() -> datetime:
    """Tell the time as the tables hold it: UTC, without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)


class Base(DeclarativeBase):
    """Collect the tables."""


class Conversation(Base):
    """Hold a conversation of one owner; `changed` is when its last question was asked.

    `chosen` are the sources and folders that may answer, all where it is empty.
    """

    __tablename__ = "conversations"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(Text)
    chosen: Mapped[dict[str, list[str]]] = mapped_column(JSON, default=dict)
    created: Mapped[datetime] = mapped_column(default=now)
    changed: Mapped[datetime] = mapped_column(default=now)
    turns: Mapped[list["Turn"]] = relationship(
        back_populates="conversation", order_by="Turn.position, Turn.asked", cascade="all, delete-orphan"
    )

    __table_args__ = (Index("conversations_owner", "owner", "changed"),)


class Turn(Base):
    """Hold a question and, once it is there, its answer as `Answer.to_dict` describes it.

    `id` is chosen by who asks, so that a question sent twice is asked once. `words` are question and answer, folded,
    for search. `replaces` is the turn that this one takes the place of as soon as it is answered.
    """

    __tablename__ = "turns"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    question: Mapped[str] = mapped_column(Text)
    state: Mapped[State] = mapped_column(String(16), default="asked")
    kind: Mapped[str] = mapped_column(String(16), default="search")
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    words: Mapped[str] = mapped_column(Text)
    asked: Mapped[datetime] = mapped_column(default=now)
    ended: Mapped[datetime | None]
    replaces: Mapped[str | None] = mapped_column(String(32))
    conversation: Mapped[Conversation] = relationship(back_populates="turns")


class Feedback(Base):
    """Hold what a person thought of an answer; it goes when its conversation is deleted.

    `source` and `span` are the words that would have been right; both empty where none were given.
    """

    __tablename__ = "feedback"

    turn_id: Mapped[str] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True)
    opinion: Mapped[Opinion] = mapped_column(String(16))
    comment: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    span: Mapped[str] = mapped_column(Text)
    given: Mapped[datetime] = mapped_column(default=now)
    turn: Mapped[Turn] = relationship()
