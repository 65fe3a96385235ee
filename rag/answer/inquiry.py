"""One question on its way: what is known of it so far, and the answer that this makes."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from rag.answer import model_wording
from rag.answer.answer import Answer, Sent, Statement, Trace
from rag.answer.writer import Draft
from rag.retrieval.ranking import Ranking
from rag.retrieval.reading import Reading, Sentence
from rag.retrieval.turns import Kind
from rag.schema import Citation, Query, Question
from rag.text.language import Language


class Clock:
    """Measure a question: seconds until the passages were found, the first sentence was there, and in all."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._marks: dict[str, float] = {}

    def retrieved(self) -> None:
        """Note that the passages were found."""
        self._marks["retrieve"] = time.perf_counter() - self._began

    def first_word(self) -> None:
        """Note that the first sentence can be shown."""
        self._marks.setdefault("first", time.perf_counter() - self._began)

    def seconds(self) -> dict[str, float]:
        """Tell all times so far."""
        total = time.perf_counter() - self._began
        return {"retrieve": 0.0, **self._marks, "answer": total - self._marks.get("retrieve", 0.0), "total": total}


@dataclass
class Inquiry:
    """Collect what is found out about a question, step by step."""

    question: Question
    language: Language
    query: Query = field(init=False)
    ranking: Ranking = field(init=False)
    sentences: list[Sentence] = field(default_factory=list)
    confidence: float = 0.0
    kind: Kind = "search"
    otherwise: str = ""
    model: str | None = None
    draft: Draft = field(default_factory=Draft)
    notice: str = ""
    sent: Sent = field(default_factory=Sent)
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.query = Query(" ".join(self.question.text.split()), self.language)
        self.ranking = Ranking(self.query)

    def take(self, reading: Reading) -> None:
        """Go on with what was searched and read."""
        self.query, self.ranking = reading.ranking.query, reading.ranking
        self.sentences, self.confidence = reading.sentences, reading.confidence

    def note_sent(self, sent: Sent) -> None:
        """Remember what left the machine; what stays on it has no host."""
        if sent.host:
            self.sent |= sent

    def answer(
        self,
        statements: Iterable[Statement],
        citations: tuple[Citation, ...] = (),
        refused: bool = False,
        final: bool = True,
    ) -> Answer:
        """Make an answer of what is to be said and what is known by now."""
        said = tuple(statements)
        if self.model and said and not refused:
            self.clock.first_word()
        is_written = self.model is not None and not self.notice
        removed = self.draft.removed if is_written else 0
        notice = self.notice or (model_wording.removed(removed, self.language) if removed else "")
        trace = Trace(
            searched=self.query.text,
            kind=self.kind,
            otherwise=self.otherwise,
            found=tuple(self.ranking.found),
            confidence=self.confidence,
            seconds=self.clock.seconds(),
            model=self.model if is_written else None,
            tokens=self.draft.tokens if is_written else 0,
            removed=removed,
        )
        return Answer(self.question.text, self.language, said, trace, citations, refused, notice, self.sent, final)

    def finished(self, answer: Answer) -> Answer:
        """Mark an answer that grew as whole."""
        return replace(answer, final=True, sent=self.sent, trace=replace(answer.trace, seconds=self.clock.seconds()))
