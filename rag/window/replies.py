"""Answers in the making: each conversation's questions one after the other, whether or not a browser looks on."""

import logging
import threading
from collections import deque
from typing import Any

from rag.conversations.store import Conversations
from rag.conversations.tables import State, Turn
from rag.problems import RagError
from rag.schema import EVERYTHING, Question, Scope
from rag.schema import Turn as Exchange
from rag.service.engine import Engine
from rag.text.language import LANGUAGES
from rag.window.texts import text

log = logging.getLogger(__name__)


class Reply:
    """Hold how far the answer to a question is; `version` counts what can be seen to change."""

    def __init__(self, owner: str, turn: Turn, seen: Scope) -> None:
        self.owner = owner
        self.seen = seen
        self.turn = turn
        self.answer: dict[str, Any] | None = None
        self.has_begun = False
        self.is_ended = False
        self.version = 0


class Replies:
    """Answer questions in the background and write down each answer before anybody sees it as final."""

    def __init__(self, engine: Engine, conversations: Conversations) -> None:
        self._engine = engine
        self._conversations = conversations
        self._lock = threading.Lock()
        self._replies: dict[str, Reply] = {}
        self._waiting: dict[str, deque[Reply]] = {}

    def prepare(self, owner: str, turn: Turn, seen: Scope = EVERYTHING) -> None:
        """Answer a question, from what whoever asks may see.

        Those before it in its conversation are answered first.
        """
        reply = Reply(owner, turn, seen)
        with self._lock:
            if turn.state != "asked" or turn.id in self._replies:
                return
            self._replies[turn.id] = reply
            is_idle = turn.conversation_id not in self._waiting
            self._waiting.setdefault(turn.conversation_id, deque()).append(reply)
        if is_idle:
            work = (turn.conversation_id,)
            threading.Thread(target=self._work, args=work, name="answering", daemon=True).start()

    def get(self, owner: str, turn: str) -> Reply | None:
        """Return the answer in the making to a question of an owner's."""
        reply = self._replies.get(turn)
        return reply if reply and reply.owner == owner else None

    def stop(self, owner: str, turn: str) -> None:
        """End an answer where it is: the sentences that are checked are kept."""
        if reply := self.get(owner, turn):
            self._end(reply, "stopped", reply.answer)

    def _work(self, conversation: str) -> None:
        while True:
            with self._lock:
                waiting = self._waiting[conversation]
                if not waiting:
                    del self._waiting[conversation]
                    return
                reply = waiting.popleft()
            try:
                self._answer(reply)
            except RagError as problem:
                self._fail(reply, {language: problem.told(language) for language in LANGUAGES})
            except Exception:
                log.exception("a question could not be answered")
                self._fail(reply, {language: text("failed", language) for language in LANGUAGES})

    def _answer(self, reply: Reply) -> None:
        if reply.is_ended:
            return
        reply.has_begun = True
        reply.version += 1
        turn = reply.turn
        conversation = self._conversations.read(reply.owner, turn.conversation_id)
        chosen = {kind: frozenset(names) for kind, names in conversation.chosen.items()}
        only = Scope(**chosen, groups=reply.seen.groups)
        before = [
            t for t in conversation.turns if t.position < turn.position and t.answer and not t.answer.get("problem")
        ]
        history = tuple(Exchange(t.question, t.answer["answer"], t.answer["kind"]) for t in before if t.answer)
        for answer in self._engine.answering().stream(Question(turn.question, history, only)):
            if reply.is_ended:
                return  # which lets go of the iterator, and so ends a request to a language model
            reply.answer = answer.to_dict()
            if not answer.final:
                reply.version += 1
        self._end(reply, "answered", reply.answer)

    def _fail(self, reply: Reply, problem: dict[str, str]) -> None:
        failure = {"kind": "search", "answer": "", "statements": [], "citations": [], "problem": problem}
        try:
            self._end(reply, "failed", failure)
        except RagError as error:
            log.warning("%s", error)

    def _end(self, reply: Reply, state: State, answer: dict[str, Any] | None) -> None:
        """Write down what became of a question, once; whoever looks on reads it from there."""
        with self._lock:
            if reply.is_ended:
                return
            reply.is_ended = True
        try:
            self._conversations.end(reply.turn.id, state, answer)
        finally:
            del self._replies[reply.turn.id]
            reply.version += 1
