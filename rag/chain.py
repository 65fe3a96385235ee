"""The path of a question: stand alone → retrieve → enough to answer? → sentences → citations → answer."""

import logging
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from langchain_core.runnables import Runnable, RunnableConfig

from rag import prompts
from rag.budget import token_counter
from rag.citations import cite
from rag.confidence import Confidence
from rag.extractive import select_quotes
from rag.faults import ModelProblem
from rag.followup import TURNS, stand_alone
from rag.language import Language, detect_language
from rag.llm import LanguageModel
from rag.reranker import Reranker
from rag.retriever import HybridRetriever, Ranking
from rag.schema import Answer, Citation, Question, Statement, Verdict
from rag.settings import Settings
from rag.store import PassageStore, to_passage
from rag.verification import Verifier
from rag.writer import PASSAGES as SENT
from rag.writer import Draft, Writer

MAX_QUESTION = 4000  # characters
PASSAGES = 10
FOREIGN = 5  # passages that tell which language the documents speak about it

log = logging.getLogger(__name__)


class AnswerChain(Runnable[Question, Answer]):
    """Answer questions from the documents of a store, or refuse; with a writer, in a language model's words."""

    def __init__(
        self, store: PassageStore, retriever: HybridRetriever, confidence: Confidence, writer: Writer | None = None
    ) -> None:
        self.store = store
        self.retriever = retriever
        self.confidence = confidence
        self.writer = writer
        # As many searches at a time as there are processors: more of them would all be late together.
        self._processors = threading.BoundedSemaphore(os.cpu_count() or 1)

    @classmethod
    def open(cls, settings: Settings, k: int = PASSAGES) -> "AnswerChain":
        """Open the index of the settings for questions, k passages each."""
        return cls.of(PassageStore(settings), settings, k)

    @classmethod
    def of(cls, store: PassageStore, settings: Settings | None = None, k: int = PASSAGES) -> "AnswerChain":
        """Answer from a store that is open already."""
        settings = settings or Settings()
        store.check_settings()
        reranker = Reranker(settings.reranker) if settings.reranker else None
        retriever = HybridRetriever(store=store, k=k, reranker=reranker)
        writer = None
        if settings.model:
            keep = settings.unsupported == "mark"
            writer = Writer(LanguageModel(settings), Verifier(store), token_counter(store.embedder), keep)
        return cls(store, retriever, Confidence.load(store.embedder.name), writer)

    def invoke(self, input: Question, config: RunnableConfig | None = None, **kwargs: Any) -> Answer:
        """Answer one question; one without words, or too long, is refused without a search."""
        *_, answer = self.stream(input, config, **kwargs)
        return answer

    def stream(self, input: Question, config: RunnableConfig | None = None, **kwargs: Any) -> Iterator[Answer]:
        """Give the answer as it grows, each one whole in itself; the last one is final.

        Closing the iterator ends a request to a language model.
        """
        clock = Clock()
        language = detect_language(input.text[:MAX_QUESTION])
        if problem := problem_with(input):
            yield _answer([Statement(problem)], (), Ranking(input.text[:MAX_QUESTION], language), language, 0.0, clock)
            return
        ranking, asked = self._rank(input, language)
        # What a model was asked while searching has left the machine too, whatever comes of the answer.
        host = self.writer.model.host if self.writer and asked else ""
        turns = len(input.history[-TURNS:]) if self.writer else 0
        clock.retrieved()
        confidence = self.confidence.estimate(ranking)
        if not self._is_sure(ranking, language, confidence):
            yield replace(self._refusal(ranking, language, confidence, clock), destination=host, sent_turns=turns)
            return
        notice, passages = "", 0
        if self.writer:
            try:
                for answer in self._written(self.writer, ranking, language, confidence, clock):
                    passages = answer.sent_passages
                    yield replace(answer, sent_turns=turns)
                return
            except ModelProblem as fault:
                log.warning("%s: %s", self.writer.model.name, fault)
                notice = prompts.fallback(fault.kind, language)
                host = self.writer.model.host
                passages = passages or len(ranking.candidates[:SENT])
        with self._processors:
            quoted = select_quotes(ranking)
        citations = cite(self.store.database, quoted)
        foreign = all(passage.language != language for passage, _, _ in quoted)
        answer = _answer(compose(citations, language, foreign), citations, ranking, language, confidence, clock)
        yield replace(answer, notice=notice, destination=host, sent_turns=turns, sent_passages=passages)

    def has_answer(self, text: str) -> bool:
        """Tell whether the documents answer a question, without answering it: no language model is asked."""
        with self._processors:
            ranking = self.retriever.rank(text)
        return self._is_sure(ranking, detect_language(text), self.confidence.estimate(ranking))

    def _is_sure(self, ranking: Ranking, language: Language, confidence: float) -> bool:
        return bool(ranking.candidates) and confidence >= self.confidence.threshold(language)

    def _rank(self, question: Question, language: Language) -> tuple[Ranking, bool]:
        """Search with the question made to stand alone, and in the other language too where that is the passages'.

        The second value tells whether a language model was asked for help.
        """
        searched = stand_alone(question)
        asked = bool(self.writer and question.history)
        if self.writer and question.history:
            rewritten = self.writer.one_line(prompts.rewriting(question.text, question.history[-TURNS:]))
            searched = rewritten or searched
        with self._processors:
            ranking = self.retriever.rank(searched)
        other: Language = "en" if language == "fr" else "fr"
        best = [c.passage.language for c in ranking.candidates[:FOREIGN]]
        if self.writer and best.count(other) > len(best) // 2:
            asked = True
            translated = self.writer.one_line(prompts.translating(searched, other))
            if translated:
                ranking = self.retriever.merge(ranking, self.retriever.rank(translated))
        return ranking, asked

    def _refusal(self, ranking: Ranking, language: Language, confidence: float, clock: "Clock") -> Answer:
        database = self.store.database
        text = prompts.refusal(language, database.count("documents"), database.count("passages"))
        return _answer([Statement(text)], (), ranking, language, confidence, clock)

    def _written(
        self, writer: Writer, ranking: Ranking, language: Language, confidence: float, clock: "Clock"
    ) -> Iterator[Answer]:
        shown: tuple[Draft, Answer] | None = None
        for draft in writer.write(ranking.query, ranking, language):
            if shown is None or draft is not shown[0]:
                shown = draft, self._of_draft(writer, draft, ranking, language, confidence, clock)
            yield shown[1]
        if shown:
            yield replace(shown[1], final=True, seconds=clock.seconds())

    def _of_draft(
        self, writer: Writer, draft: Draft, ranking: Ranking, language: Language, confidence: float, clock: "Clock"
    ) -> Answer:
        if draft.refused:
            answer = self._refusal(ranking, language, confidence, clock)
        else:
            if draft.statements:
                clock.first_word()
            citations = draft.citations(writer.verifier)
            answer = _answer(list(draft.statements), citations, ranking, language, confidence, clock)
        return replace(
            answer,
            refused=draft.refused,
            model=writer.model.name,
            notice=prompts.removed(draft.removed, language) if draft.removed else "",
            destination=writer.model.host,
            sent_passages=draft.passages,
            tokens=draft.tokens,
            removed=draft.removed,
            final=False,
        )


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
        """Give all times so far."""
        total = time.perf_counter() - self._began
        return {"retrieve": 0.0, **self._marks, "answer": total - self._marks.get("retrieve", 0.0), "total": total}


def problem_with(question: Question) -> str | None:
    """Say, in the question's language, why it cannot be asked, or None."""
    language = detect_language(question.text[:MAX_QUESTION])
    if len(question.text) > MAX_QUESTION:
        return prompts.TOO_LONG[language].format(length=len(question.text), limit=MAX_QUESTION)
    return None if any(map(str.isalnum, question.text)) else prompts.NOT_A_QUESTION[language]


def compose(citations: tuple[Citation, ...], language: Language, foreign: bool) -> list[Statement]:
    """Write the answer as a person reads it: a frame in the question's language, then one quotation a line."""
    frame = (prompts.FOUND_FOREIGN if foreign else prompts.FOUND)[language]
    quotes = [
        Statement(c.quote, (c.number,), Verdict.SUPPORTED, before="\n- " if c.number > 1 else "\n\n- ")
        for c in citations
    ]
    return [Statement(frame), *quotes]


def _answer(
    statements: list[Statement],
    citations: tuple[Citation, ...],
    ranking: Ranking,
    language: Language,
    confidence: float,
    clock: Clock,
) -> Answer:
    passages = tuple(to_passage(c.passage, score=c.score) for c in ranking.candidates)
    return Answer(
        tuple(statements), citations, not citations, language, ranking.query, passages, confidence, clock.seconds()
    )
