"""The measures, by question: what was retrieved, what was answered, what was refused."""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from evals.questions import EvalQuestion, Gold
from rag.answer.answer import Answer
from rag.text.language import detect_language

Span = tuple[str, int, int]
Read = Callable[[str], str]

TOP = 10


@dataclass(frozen=True)
class Outcome:
    """Hold the measures of one answered question; None where a measure does not apply to it."""

    question: EvalQuestion
    answer: Answer
    rank: int | None
    coverage: float | None
    cited_gold: list[bool]
    recalled: bool
    verbatim: int
    language: bool
    turn: bool
    searched: bool | None

    @property
    def first(self) -> bool:
        """Tell whether the first quotation touches a gold span."""
        return self.cited_gold[:1] == [True]

    @property
    def right(self) -> bool:
        """Tell whether the answer stands on a gold span; what is refused or not answerable does not."""
        return self.question.answerable and not self.answer.refused and self.recalled


def judge(question: EvalQuestion, answer: Answer, read: Read) -> Outcome:
    """Measure one answer; `read` gives the stored text of a source."""
    retrieved = [(f.passage.source, f.passage.start, f.passage.end) for f in answer.trace.found]
    cited = [(c.source, c.start, c.end) for c in answer.citations]
    own_words = answer.text
    for citation in answer.citations:
        own_words = own_words.replace(citation.quote, "")
    return Outcome(
        question=question,
        answer=answer,
        rank=rank_of_gold(question, retrieved, read) if question.answerable else None,
        coverage=covered(question.must_include, answer) if question.must_include else None,
        cited_gold=[any(touches(span, gold, read) for gold in question.gold) for span in cited],
        recalled=met(question, lambda gold: any(touches(span, gold, read) for span in cited)),
        verbatim=sum(read(c.source)[c.start : c.end] == c.quote for c in answer.citations),
        language=detect_language(own_words) == question.lang,
        turn=answer.trace.kind == question.turn,
        searched=_searched_rightly(question, answer),
    )


def _searched_rightly(question: EvalQuestion, answer: Answer) -> bool | None:
    """Tell whether a turn of a conversation was searched as it was meant; None where it was not to be searched."""
    if question.turn != "search" or question.own is None or not question.question.history:
        return None
    searched = folded(answer.trace.searched)
    if question.own:
        return searched == folded(question.question.text)
    return all(folded(word) in searched for word in question.searches)


def met(question: EvalQuestion, found: Callable[[Gold], bool]) -> bool:
    """Tell whether enough gold spans are found: one, or all where all are needed."""
    results = [found(gold) for gold in question.gold]
    return bool(results) and (all(results) if question.need_all else any(results))


def rank_of_gold(question: EvalQuestion, spans: Sequence[Span], read: Read) -> int | None:
    """Give the smallest k (from 1) for which the first k passages hold the gold, or None."""
    ranks = [
        next((k for k, span in enumerate(spans[:TOP], 1) if holds(span, gold, read)), None) for gold in question.gold
    ]
    found = [rank for rank in ranks if rank is not None]
    if not found or (question.need_all and len(found) < len(ranks)):
        return None
    return max(found) if question.need_all else min(found)


def occurrences(gold: Gold, read: Read) -> Iterator[tuple[int, int]]:
    """Find each place where a gold span stands: some sources repeat their body."""
    text = read(gold.source)
    start = text.find(gold.span)
    while start >= 0:
        yield start, start + len(gold.span)
        start = text.find(gold.span, start + 1)


def holds(span: Span, gold: Gold, read: Read) -> bool:
    """Tell whether a passage holds at least half of the characters of a gold span."""
    source, start, end = span
    return source == gold.source and any(2 * (min(end, e) - max(start, s)) >= e - s for s, e in occurrences(gold, read))


def touches(span: Span, gold: Gold, read: Read) -> bool:
    """Tell whether a citation overlaps a gold span."""
    source, start, end = span
    return source == gold.source and any(min(end, e) > max(start, s) for s, e in occurrences(gold, read))


def covered(must_include: Iterable[tuple[str, ...]], answer: Answer) -> float:
    """Give the share of the facts that the answer holds, in any of their spellings; a refusal holds none."""
    text = "" if answer.refused else folded(answer.text)
    facts = [any(folded(alternative) in text for alternative in alternatives) for alternatives in must_include]
    return sum(facts) / len(facts)


def folded(text: str) -> str:
    """Fold case, accents, apostrophes and spaces."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return " ".join(plain.replace("’", "'").split())
