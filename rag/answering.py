"""The path of a question: stand alone → search → read → refuse, quote or write."""

import logging
import os
import threading
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from typing import Any

from langchain_core.runnables import Runnable, RunnableConfig

from rag.answer import wording
from rag.answer.answer import Answer, Statement, Verdict
from rag.answer.citations import cite
from rag.answer.collection import central_quotes, listing, outline
from rag.answer.inquiry import Inquiry
from rag.answer.quotes import select_quotes, telling, told
from rag.answer.telemetry import note
from rag.answer.verification import Verifier
from rag.answer.writer import Writer
from rag.index.protocol import Index
from rag.llm.faults import ModelProblem
from rag.llm.model import LanguageModel
from rag.llm.tokens import token_counter
from rag.retrieval.confidence import threshold
from rag.retrieval.followup import readings
from rag.retrieval.ranking import Ranker, Ranking
from rag.retrieval.reader import Reader
from rag.retrieval.reading import Reading, read
from rag.retrieval.reranker import Reranker
from rag.retrieval.turns import Turns
from rag.schema import EVERYTHING, Query, Question, Scope, Turn
from rag.settings import Settings
from rag.text.language import Language, detect_language

MAX_QUESTION = 4000  # characters
SHOWN = 10  # passages of a ranking
TURNS = 8  # that are looked back at
FOREIGN = 5  # passages that tell which language the documents speak about a question

log = logging.getLogger(__name__)


class Answering(Runnable[Question, Answer]):
    """Answer questions from the documents of an index, or refuse; with a writer, in a language model's words."""

    def __init__(
        self, index: Index, ranker: Ranker, reader: Reader, turns: Turns, writer: Writer | None = None
    ) -> None:
        self.index = index
        self.ranker = ranker
        self.reader = reader
        self.turns = turns
        self.writer = writer
        # As many searches at a time as there are processors: more of them would all be late together.
        self._processors = threading.BoundedSemaphore(os.cpu_count() or 1)

    @classmethod
    def over(cls, index: Index, settings: Settings | None = None, k: int = SHOWN) -> "Answering":
        """Answer from an index, k passages a question, as the settings say."""
        settings = settings or Settings()
        index.check_settings()
        ranker = Ranker(index, k, reranker=Reranker(settings.reranker) if settings.reranker else None)
        writer = None
        if settings.model:
            count = token_counter(index.embedder.count_tokens)
            verifier = Verifier(index, index.embedder)
            writer = Writer(LanguageModel(settings), verifier, count, settings.unsupported == "mark")
        return cls(index, ranker, Reader(), Turns(index.embedder), writer)

    def invoke(self, input: Question, config: RunnableConfig | None = None, **kwargs: Any) -> Answer:
        """Answer one question; one without words, or too long, is refused without a search."""
        *_, answer = self.stream(input, config, **kwargs)
        return answer

    def stream(self, input: Question, config: RunnableConfig | None = None, **kwargs: Any) -> Iterator[Answer]:
        """Yield the answer as it grows, each one whole in itself; the last one is final.

        Closing the iterator ends a request to a language model.
        """
        with closing(self._answers(input)) as answers:
            for answer in answers:
                if answer.final:
                    note(answer)
                yield answer

    def _answers(self, input: Question) -> Generator[Answer]:
        inquiry = Inquiry(input, detect_language(input.text[:MAX_QUESTION]))
        if problem := problem_with(input, inquiry.language):
            yield inquiry.answer([Statement(problem)], refused=True)
            return
        turn = self.turns.nearest(input.text, inquiry.language)
        inquiry.kind, inquiry.language = turn.kind, turn.language
        if turn.kind != "search":
            yield self._conversed(inquiry, turn.name)
            return
        reading = self._understood(inquiry)
        inquiry.take(reading)
        inquiry.clock.retrieved()
        if not self._is_answered(reading):
            yield self._refusal(inquiry)
            return
        try:
            if self.writer:
                yield from self._written(inquiry, self.writer)
                return
        except ModelProblem as fault:
            log.warning("%s: %s", self.writer.model.name if self.writer else "", fault)
            inquiry.notice = wording.instead(fault.kind, inquiry.language)
        yield self._quoted(inquiry)

    def has_answer(self, text: str, only: Scope = EVERYTHING) -> bool:
        """Tell whether the documents answer a question, without answering it: no language model is asked."""
        return self._is_answered(self.read(Query(text, detect_language(text)), only))

    def rank(self, query: Query, only: Scope = EVERYTHING) -> Ranking:
        """Find the best passages for a query."""
        with self._processors:
            return self.ranker.rank(query, only)

    def read(self, query: Query, only: Scope = EVERYTHING) -> Reading:
        """Find the best passages and the sentences of them that answer."""
        return read(self.rank(query, only), self.reader, partial(self.index.passages, only=only))

    def _understood(self, inquiry: Inquiry) -> Reading:
        """Make the question stand alone and read; of two ways to mean it the one that is answered counts."""
        question, language = self._without_talk(inquiry.question), inquiry.language
        rewritten = self.writer and question.history and self.writer.rewritten(question, inquiry.note_sent)
        if rewritten:
            return self._searched(inquiry, Query(rewritten, language))
        meant = readings(question)
        first = self._searched(inquiry, Query(meant.first, language))
        if meant.second is None:
            return first
        second = None if self._is_answered(first) else self._searched(inquiry, Query(meant.second, language))
        if second is None or not self._is_answered(second):
            inquiry.otherwise = meant.second
            return first
        inquiry.otherwise = meant.first
        return second

    def _without_talk(self, question: Question) -> Question:
        """Leave out the turns that were no search: a greeting is no topic."""
        recent = question.history[-TURNS:]
        return replace(question, history=tuple(t for t in recent if self._kind(t) == "search"))

    def _kind(self, turn: Turn) -> str:
        """Return what kind of turn an earlier one was."""
        text = turn.question
        return turn.kind or self.turns.nearest(text, detect_language(text)).kind

    def _searched(self, inquiry: Inquiry, query: Query) -> Reading:
        """Search, and with a language model in another language too where that is the passages'."""
        only = inquiry.question.only
        ranking = self.rank(query, only)
        best = [f.passage.language for f in ranking.found[:FOREIGN]]
        other = max(best, key=best.count, default=query.language)
        if self.writer and other != query.language and best.count(other) > len(best) // 2:
            translated = self.writer.translated(query.text, other, inquiry.note_sent)
            if translated:
                ranking = self.ranker.merge(ranking, self.rank(Query(translated, other), only))
        return read(ranking, self.reader, partial(self.index.passages, only=only))

    def _is_answered(self, reading: Reading) -> bool:
        return reading.confidence >= threshold(reading.ranking.query.language)

    def _conversed(self, inquiry: Inquiry, turn: str) -> Answer:
        """Answer small talk, or what is asked about the documents themselves."""
        language = inquiry.language
        if inquiry.kind == "talk":
            return inquiry.answer([Statement(wording.say(f"talk.{turn}", language))])
        only = inquiry.question.only
        documents = self.index.documents(only)
        if turn == "summary" and documents:
            source = self._document_meant(inquiry, [entry.source for entry in documents])
            if source is None:
                which = Statement(wording.say("which", language), before="\n\n")
                return inquiry.answer([*listing(documents, language), which])
            passages = self.index.passages(source, only)
            if not passages:
                return inquiry.answer(listing(documents, language))
            citations = cite(self.index, central_quotes(passages))
            return inquiry.answer(outline(passages, citations, language), citations)
        return inquiry.answer(listing(documents, language))

    def _document_meant(self, inquiry: Inquiry, sources: list[str]) -> str | None:
        """Find the document that a summary is asked of: the only one, or the one that the turn is about."""
        if len(sources) == 1:
            return sources[0]
        topic = self.turns.topic(inquiry.question.text)
        if not topic and (before := self._without_talk(inquiry.question).history):
            topic = before[-1].question
        query = Query(topic, inquiry.language)
        found = self.rank(query, inquiry.question.only).found if topic else []
        return found[0].passage.source if found else None

    def _refusal(self, inquiry: Inquiry, final: bool = True) -> Answer:
        text = wording.refusal(inquiry.language, self.index.counts(inquiry.question.only))
        return inquiry.answer([Statement(text)], refused=True, final=final)

    def _quoted(self, inquiry: Inquiry) -> Answer:
        with self._processors:
            quotes = select_quotes(inquiry.query, inquiry.sentences)
        citations = cite(self.index, quotes)
        written_in = {quote.passage.language for quote in quotes}
        said = [Statement(wording.introduction(inquiry.language, written_in))]
        for citation, quote in zip(citations, quotes, strict=True):
            before = "\n- " if citation.number > 1 else "\n\n- "
            words = telling(quote, inquiry.sentences)
            said.append(Statement(told(quote), (citation.number,), Verdict.SUPPORTED, before=before, telling=words))
        return inquiry.answer(said, citations, refused=not citations)

    def _written(self, inquiry: Inquiry, writer: Writer) -> Iterator[Answer]:
        shown, answer = None, None
        for draft in writer.write(inquiry.query, inquiry.ranking.found, inquiry.note_sent):
            if draft is not shown:
                shown, inquiry.draft = draft, draft
                inquiry.model = writer.model.name
                if draft.refused:
                    answer = self._refusal(inquiry, final=False)
                else:
                    answer = inquiry.answer(draft.statements, cite(self.index, draft.quotes), final=False)
            if answer:
                yield answer
        if answer:
            yield inquiry.finished(answer)


def problem_with(question: Question, language: Language) -> str | None:
    """Say, in the question's language, why it cannot be asked, or None."""
    if len(question.text) > MAX_QUESTION:
        return wording.say("too_long", language, length=len(question.text), limit=MAX_QUESTION)
    has_words = any(map(str.isalnum, question.text))
    return None if has_words else wording.say("not_a_question", language)
