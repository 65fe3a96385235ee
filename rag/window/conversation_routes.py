"""The conversations over HTTP, for the scripts of the window: JSON in, JSON and escaped HTML out."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field

from rag.conversations.standing import verified
from rag.conversations.store import Conversations
from rag.conversations.tables import Conversation, Turn
from rag.people.sight import visible
from rag.schema import folders
from rag.service.engine import Engine
from rag.text.language import Language
from rag.window.owner import Interface, Owner
from rag.window.render import answer_html, note_html
from rag.window.replies import Replies, Reply
from rag.window.texts import text

ID = r"^[0-9a-f]{32}$"
LOOK = 0.03  # seconds between two looks at an answer in the making
PATIENCE = 20  # seconds that a request waits for news of it


class Chosen(BaseModel):
    """Hold the documents and folders that may answer; all may where none is named."""

    sources: list[str] = Field(default=[], max_length=1000)
    folders: list[str] = Field(default=[], max_length=1000)


class Asked(BaseModel):
    """Hold a question: its id, which the browser draws, its conversation, and the turn whose place it takes."""

    turn: str = Field(pattern=ID)
    question: str = Field(min_length=1, max_length=20_000)
    conversation: str | None = Field(default=None, pattern=ID)
    replaces: str | None = Field(default=None, pattern=ID)
    chosen: Chosen = Chosen()


class Renamed(BaseModel):
    """Hold another title of a conversation."""

    title: str = Field(max_length=500)


def conversation_router(engine: Engine, conversations: Conversations, replies: Replies) -> APIRouter:
    """Serve `/conversations`; `RagError` says what is not there."""
    router = APIRouter(prefix="/conversations")

    def shown(turn: Turn, reply: Reply | None, interface: Language) -> dict[str, Any]:
        """Show a turn as it stands: in the making, or as it was written down."""
        version = reply.version if reply else -1
        html = growing(reply, engine, interface) if reply else ended(turn, engine, interface)
        state = "answering" if reply else "lost" if turn.state == "asked" else turn.state
        kept = {name: getattr(turn, name) for name in ("id", "question", "kind", "replaces")}
        return {**kept, "conversation": turn.conversation_id, "state": state, "version": version, "html": html}

    @router.get("")
    def listed(owner: Owner, words: Annotated[str, Field(max_length=200)] = "") -> list[dict[str, Any]]:
        """List the conversations of whoever asks, the last one first."""
        return [entry(conversation) for conversation in conversations.all(owner, words)]

    @router.post("")
    def ask(asked: Asked, owner: Owner, interface: Interface) -> dict[str, Any]:
        """Write a question down and have it answered."""
        chosen = asked.chosen.model_dump()
        question = asked.question.strip()
        turn = conversations.ask(owner, asked.turn, question, asked.conversation, asked.replaces, chosen)
        replies.prepare(owner, turn, visible())
        return shown(turn, replies.get(owner, turn.id), interface)

    @router.get("/documents")
    def documents() -> list[dict[str, Any]]:
        """List what can be chosen: the folders, then the documents."""
        entries = engine.index.documents(visible())
        inner = sorted({folder for each in entries for folder in folders(each.source)})
        chosen = [{"kind": "folders", "name": name, "title": f"{name}/"} for name in inner]
        return [*chosen, *({"kind": "sources", "name": e.source, "title": e.title} for e in entries)]

    @router.get("/turns/{turn}")
    async def look(turn: str, owner: Owner, interface: Interface, seen: int = -1) -> dict[str, Any]:
        """Show a turn as soon as there is more of it than was seen."""
        reply = replies.get(owner, turn)
        for _ in range(round(PATIENCE / LOOK)):
            if reply is None or reply.version != seen:
                break
            await asyncio.sleep(LOOK)
        live = replies.get(owner, turn)
        known = live.turn if live else await run_in_threadpool(conversations.turn, owner, turn)
        return await run_in_threadpool(shown, known, live, interface)

    @router.post("/turns/{turn}/stop")
    def stop(turn: str, owner: Owner, interface: Interface) -> dict[str, Any]:
        """Stop an answer; what is checked of it is kept."""
        replies.stop(owner, turn)
        return shown(conversations.turn(owner, turn), None, interface)

    @router.get("/{conversation}")
    def read(conversation: str, owner: Owner, interface: Interface) -> dict[str, Any]:
        """Show a conversation, each citation verified against today's documents."""
        known = conversations.read(owner, conversation)
        turns = [shown(turn, replies.get(owner, turn.id), interface) for turn in known.turns]
        return {**entry(known), "chosen": known.chosen, "turns": turns}

    @router.patch("/{conversation}")
    def rename(conversation: str, renamed: Renamed, owner: Owner) -> dict[str, Any]:
        """Give a conversation another title."""
        conversations.rename(owner, conversation, renamed.title)
        return entry(conversations.read(owner, conversation))

    @router.delete("/{conversation}")
    def delete(conversation: str, owner: Owner) -> dict[str, Any]:
        """Delete a conversation; answers in the making are stopped."""
        for turn in conversations.read(owner, conversation).turns:
            replies.stop(owner, turn.id)
        conversations.delete(owner, conversation)
        return {}

    return router


def entry(conversation: Conversation) -> dict[str, Any]:
    """Describe a conversation for the list."""
    return {"id": conversation.id, "title": conversation.title, "changed": f"{conversation.changed.isoformat()}Z"}


def growing(reply: Reply, engine: Engine, interface: Language) -> str:
    """Show what there is of an answer in the making."""
    if reply.answer:
        return answer_html(reply.answer, interface, "writing")
    waits_for = "searching" if engine.ready.is_set() else "loading"
    return note_html(text(waits_for if reply.has_begun else "next_in_line", interface))


def ended(turn: Turn, engine: Engine, interface: Language) -> str:
    """Show what became of a question."""
    answer = turn.answer
    if answer and "problem" in answer:
        return note_html(answer["problem"][interface])
    if not answer:
        return note_html(text("stopped" if turn.state == "stopped" else "interrupted", interface))
    citations = [verified(citation, engine.index, visible()) for citation in answer["citations"]]
    ending = "stopped" if turn.state == "stopped" else "origin"
    return answer_html({**answer, "citations": citations}, interface, ending)
