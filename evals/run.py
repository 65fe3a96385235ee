"""Questions → outcomes → one row of measures for each group of questions."""

from collections.abc import Iterable, Sequence
from functools import cache
from statistics import fmean, mean, median

from evals.measures import TOP, Outcome, judge
from evals.questions import EvalQuestion
from rag.answer.answer import Verdict
from rag.answering import Answering

Measures = dict[str, float]


def answer_all(answering: Answering, questions: Sequence[EvalQuestion]) -> list[Outcome]:
    """Ask every question once and judge every answer."""

    @cache
    def read(source: str) -> str:
        return answering.index.read(source, 0, 10**9)

    answering.invoke(questions[0].question)  # loads the model, so that no question pays for it
    return [judge(question, answering.invoke(question.question), read) for question in questions]


def groups(outcomes: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    """Group outcomes by split, then, within each split, by language and by kind."""
    found: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        question = outcome.question
        for name in ("", f" / {question.lang}", f" / {question.kind}"):
            found.setdefault(question.split + name, []).append(outcome)
    return dict(sorted(found.items()))


def measure(outcomes: Sequence[Outcome]) -> Measures:
    """Compute the measures of a group; those that do not apply to it are left out."""
    searches = [o for o in outcomes if o.question.turn == "search"]
    answerable = [o for o in searches if o.question.answerable]
    unanswerable = [o for o in searches if not o.question.answerable]
    answered = [o for o in searches if not o.answer.refused]
    citations = sum(len(o.answer.citations) for o in answered)
    measures: dict[str, float | None] = {
        "questions": len(outcomes),
        **{f"hit@{k}": _mean(o.rank is not None and o.rank <= k for o in answerable) for k in (1, 3, 5, 10)},
        f"MRR@{TOP}": _mean(1 / o.rank if o.rank else 0.0 for o in answerable),
        "answer coverage": _mean(o.coverage for o in answerable if o.coverage is not None),
        "characters": _mean(len(o.answer.text) for o in answered),
        "first quotation": _mean(o.first for o in answerable if not o.answer.refused),
        "right first": _mean(o.first for o in answerable),
        "citation precision": sum(sum(o.cited_gold) for o in answered) / citations if citations else None,
        "citation recall": _mean(o.recalled for o in answerable),
        "verbatim": sum(o.verbatim for o in answered) / citations if citations else None,
        "false answers": _mean(not o.answer.refused for o in unanswerable),
        "false refusals": _mean(o.answer.refused for o in answerable),
        "reads": reads(searches),
        "refusal AUC": auc([(o.answer.trace.confidence, o.question.answerable) for o in searches]),
        "turns": _mean(o.turn for o in outcomes),
        "searched rightly": _mean(o.searched for o in outcomes if o.searched is not None),
        "language": _mean(o.language for o in outcomes),
        "median ms": 1000 * median(o.answer.trace.seconds["total"] for o in outcomes),
    }
    if any(o.answer.trace.model for o in outcomes):
        measures |= _written(outcomes)
    return {name: value for name, value in measures.items() if value is not None}


def _written(outcomes: Sequence[Outcome]) -> dict[str, float | None]:
    """Measure what a language model wrote: its share of the answers, and what the check made of its sentences."""
    written = [o.answer for o in outcomes if o.answer.trace.model and not o.answer.refused]
    shown = [s.verdict for answer in written for s in answer.statements if s.verdict]
    removed = sum(answer.trace.removed for answer in written)
    return {
        "by the model": _mean(bool(o.answer.trace.model) for o in outcomes if not o.answer.refused),
        "faithfulness": _mean(verdict == Verdict.SUPPORTED for verdict in shown),
        "removed": removed / (removed + len(shown)) if shown else None,
        "tokens": _mean(answer.trace.tokens for answer in written),
        "seconds to first word": _mean(a.trace.seconds["first"] for a in written if "first" in a.trace.seconds),
    }


def risk_coverage(outcomes: Sequence[Outcome]) -> list[tuple[float, float]]:
    """Give, for each possible threshold, the share of questions answered and the share of those that are wrong.

    An answer counts as wrong if its question has no answer in the documents or its best passages miss the gold
    (El-Yaniv & Wiener 2010).
    """
    searches = [o for o in outcomes if o.question.turn == "search"]
    ordered = sorted(searches, key=lambda o: -o.answer.trace.confidence)
    wrong, curve = 0, []
    for number, outcome in enumerate(ordered, 1):
        wrong += not outcome.question.answerable or outcome.rank is None or outcome.rank > 5
        curve.append((number / len(ordered), wrong / number))
    return curve


def reads(searches: Sequence[Outcome]) -> float | None:
    """Compute how much oftener a question is answered where the answer is there than where it is not.

    Only questions that were asked both ways count; None without any. 0 is not looking at the texts, 1 is reading.
    """
    with_answer = {o.question.id: not o.answer.refused for o in searches if o.question.answerable}
    without = {o.question.id: not o.answer.refused for o in searches if not o.question.answerable}
    return _mean(with_answer[name] - without[name] for name in with_answer.keys() & without.keys())


def auc(judged: Sequence[tuple[float, bool]]) -> float | None:
    """Compute how often an answerable question is surer than an unanswerable one; None without both."""
    sure = [confidence for confidence, answerable in judged if answerable]
    other = [confidence for confidence, answerable in judged if not answerable]
    pairs = [(a > b) + 0.5 * (a == b) for a in sure for b in other]
    return fmean(pairs) if pairs else None


def _mean(values: Iterable[float]) -> float | None:
    listed = list(values)
    return mean(listed) if listed else None
