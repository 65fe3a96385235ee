"""The second corpus: texts that nobody tuned to, asked about with and without what answers.

`texts.jsonl` are questions over `texts/`. `twins/` holds the same texts changed: each near miss
has got a sentence that answers it, and as many questions have lost theirs. `twins.jsonl` has those
questions again, under their ids. So each of them is answered once and once not, and its wording
tells nothing: only reading does.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from evals.corpora import TEXTS, TWINS, Corpus, answering_over
from evals.measures import Outcome
from evals.questions import EvalQuestion, load_questions
from evals.run import answer_all
from rag.settings import Settings

SAMPLE = 12  # one question of so many is asked where time is short


def answer_texts(settings: Settings, every: int = 1) -> list[Outcome]:
    """Ask the questions over the texts, and again over their twins.

    The outcomes have the split "texts"; those of questions asked both ways are listed once more,
    under "pairs".
    """
    questions = sample(load_questions(TEXTS.questions), every)
    names = {question.id for question in questions}
    twins = [twin for twin in load_questions(TWINS.questions) if twin.id in names]
    over_texts = _answers(TEXTS, questions, settings)
    over_twins = _answers(TWINS, twins, settings)
    both = {outcome.question.id for outcome in over_twins}
    pairs = [*(o for o in over_texts if o.question.id in both), *over_twins]
    return [*_in_split("texts", over_texts), *_in_split("pairs", pairs)]


def sample(questions: Sequence[EvalQuestion], every: int) -> list[EvalQuestion]:
    """Take one of so many questions of each kind, always the same ones."""
    by_kind = defaultdict[str, list[EvalQuestion]](list)
    for question in questions:
        by_kind[question.kind].append(question)
    return [question for members in by_kind.values() for question in members[::every]]


def _answers(
    corpus: Corpus,
    questions: Sequence[EvalQuestion],
    settings: Settings,
) -> list[Outcome]:
    with answering_over(corpus.folder, settings) as (_, answering):
        return answer_all(answering, questions)


def _in_split(name: str, outcomes: Sequence[Outcome]) -> list[Outcome]:
    return [replace(o, question=replace(o.question, split=name)) for o in outcomes]
