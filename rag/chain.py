"""The path of a question: stand alone → retrieve → enough to answer? → sentences → citations → answer."""

import time
from typing import Any

from langchain_core.runnables import Runnable, RunnableConfig

from rag import prompts
from rag.citations import cite
from rag.confidence import Confidence
from rag.extractive import select_quotes
from rag.followup import stand_alone
from rag.language import Language, detect_language
from rag.reranker import Reranker
from rag.retriever import HybridRetriever, Ranking
from rag.schema import Answer, Citation, Question, Statement, Verdict
from rag.settings import Settings
from rag.store import PassageStore, to_passage

MAX_QUESTION = 4000  # characters
PASSAGES = 10


class AnswerChain(Runnable[Question, Answer]):
    """Answer questions from the documents of a store, or refuse."""

    def __init__(self, store: PassageStore, retriever: HybridRetriever, confidence: Confidence) -> None:
        self.store = store
        self.retriever = retriever
        self.confidence = confidence

    @classmethod
    def open(cls, settings: Settings, k: int = PASSAGES) -> "AnswerChain":
        """Open the index of the settings for questions, k passages each."""
        return cls.of(PassageStore(settings), k, Reranker(settings.reranker) if settings.reranker else None)

    @classmethod
    def of(cls, store: PassageStore, k: int = PASSAGES, reranker: Reranker | None = None) -> "AnswerChain":
        """Answer from a store that is open already."""
        store.check_settings()
        retriever = HybridRetriever(store=store, k=k, reranker=reranker)
        return cls(store, retriever, Confidence.load(store.embedder.name))

    def invoke(self, input: Question, config: RunnableConfig | None = None, **kwargs: Any) -> Answer:
        """Answer one question; one without words, or too long, is refused without a search."""
        began = time.perf_counter()
        language = detect_language(input.text[:MAX_QUESTION])
        if problem := problem_with(input):
            nothing = Ranking(input.text[:MAX_QUESTION], language)
            return _answer([Statement(problem)], (), nothing, language, 0.0, (began, began))
        searched = stand_alone(input)
        ranking = self.retriever.rank(searched)
        times = (began, time.perf_counter())
        confidence = self.confidence.estimate(ranking)
        if not ranking.candidates or confidence < self.confidence.threshold(language):
            text = prompts.refusal(
                language, self.store.database.count("documents"), self.store.database.count("passages")
            )
            return _answer([Statement(text)], (), ranking, language, confidence, times)
        quoted = select_quotes(ranking)
        citations = cite(self.store.database, quoted)
        foreign = all(passage.language != language for passage, _, _ in quoted)
        return _answer(compose(citations, language, foreign), citations, ranking, language, confidence, times)


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
    times: tuple[float, float],
) -> Answer:
    began, retrieved = times
    now = time.perf_counter()
    seconds = {"retrieve": retrieved - began, "answer": now - retrieved, "total": now - began}
    passages = tuple(to_passage(c.passage, score=c.score) for c in ranking.candidates)
    return Answer(tuple(statements), citations, not citations, language, ranking.query, passages, confidence, seconds)
