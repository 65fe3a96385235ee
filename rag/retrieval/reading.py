"""Which sentences of the best passages answer: each one scored for the question, best first.

The embedding model was trained to bring a question near the sentence that answers it, in its context, and away from the
other sentences of the same passage; the words of the question and the passage's own rank are added. The sentences that
are best by this are then read, each with those around it, by a model that was trained to tell what answers from what
only seems to. The numbers were chosen on the development questions (`python -m evals`).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from math import exp, inf

from rag.retrieval.ranking import Ranking
from rag.retrieval.reader import Reader
from rag.retrieval.windows import Window
from rag.schema import Found, Quote
from rag.text.analysis import tokens
from rag.text.sentences import CLOSING, Span
from rag.text.tables import header_of, is_header, is_row
from rag.text.weights import coverage

PASSAGE, WORDS = 0.25, 0.1  # what the passage's score and the question's words count for beside the cosine
SAYS_LITTLE = 0.08  # what a heading, a question or an announcement loses
SHORT = 40  # characters; what is shorter and holds no number seldom says anything alone
WINDOWS = 8  # that are read
LOGIT, UNREAD = 0.03, -5.0  # what a logit counts for beside the cosine; the lowest, and that of what was not read
# What the first sentence's cosine counts for beside the best window's logit; where for nothing.
CLOSE, USUAL = 8.0, 0.7
ROW = 2.5  # logit that a row of a table is given: the reader has seen few, and trusts them too little


@dataclass(frozen=True)
class Sentence:
    """Hold a sentence of a passage and how well it answers: its score, and by what it is scored.

    `answer` are the words in it that answer: offsets into the sentence, alike where none are known.
    """

    found: Found
    number: int
    score: float
    cosine: float
    words: float
    logit: float = UNREAD
    answer: Span = (0, 0)

    @property
    def quote(self) -> Quote:
        """Point to the sentence."""
        return Quote(self.found.passage, *self.found.passage.spans[self.number])

    @property
    def text(self) -> str:
        """Read the sentence as it stands in the source."""
        return self.quote.text


@dataclass(frozen=True)
class Reading:
    """Hold what a search found, the sentences that answer, best first, and how well it is answered: a logit."""

    ranking: Ranking
    sentences: list[Sentence]
    logit: float

    @property
    def confidence(self) -> float:
        """Give the probability that the documents answer, as reading sees it."""
        return 1 / (1 + exp(-self.logit))


def read(ranking: Ranking, reader: Reader) -> Reading:
    """Score the sentences of the passages found, and read the best of them; what stands there twice is listed once."""
    scored = sorted((s for found in ranking.found for s in _scored(ranking, found)), key=lambda s: -s.score)
    once: dict[str, Sentence] = {}
    for sentence in scored:
        once.setdefault(re.sub(r"\W+", "", sentence.text).casefold(), sentence)
    windows = _to_read(once.values())
    outcomes = reader.read(ranking.query.text, windows)
    known: dict[tuple[int, int], tuple[float, Span]] = {}
    for window, outcome in zip(windows, outcomes, strict=True):
        for number, result in enumerate(zip(outcome.logits, outcome.answers, strict=True), window.first):
            key = window.passage.id, number
            known[key] = max(known.get(key, (UNREAD, (0, 0))), result)
    reread = (_reread(s, *known.get((s.found.passage.id, s.number), (UNREAD, (0, 0)))) for s in once.values())
    sentences = sorted(reread, key=lambda s: -s.score)
    together = (o.together + ROW * w.is_row for w, o in zip(windows, outcomes, strict=True))
    logit = max(together, default=-inf)
    if sentences:  # two models that were trained apart err less often at once
        logit += CLOSE * (sentences[0].cosine - USUAL)
    return Reading(_reranked(ranking, sentences), sentences, logit)


def _reranked(ranking: Ranking, sentences: Iterable[Sentence]) -> Ranking:
    """Add to the score of each passage that of its best sentence."""
    best: dict[int, float] = {}
    for sentence in sentences:
        best.setdefault(sentence.found.passage.id, sentence.score)
    scored = [replace(f, score=f.score + best.get(f.passage.id, 0.0)) for f in ranking.found]
    return replace(ranking, found=sorted(scored, key=lambda f: -f.score))


def _to_read(sentences: Iterable[Sentence]) -> list[Window]:
    """Choose the windows around the best sentences; one that is well inside another is read there."""
    chosen: list[Window] = []
    for sentence in sentences:
        passage, number = sentence.found.passage, sentence.number
        if any(window.passage.id == passage.id and window.shows(number) for window in chosen):
            continue
        window = Window.around(passage, number)
        if window not in chosen:
            chosen.append(window)
        if len(chosen) == WINDOWS:
            break
    return chosen


def _reread(sentence: Sentence, logit: float, answer: Span) -> Sentence:
    """Count what reading came to."""
    score = sentence.score + LOGIT * max(UNREAD, logit)
    return replace(sentence, score=score, logit=logit, answer=answer)


def _scored(ranking: Ranking, found: Found) -> Iterator[Sentence]:
    """Score each sentence; a row of a table is read with the names of its columns, which say nothing alone."""
    passage, texts, analyzed = found.passage, found.passage.sentences, cache(tokens)
    for number, (text, cosine, held) in enumerate(zip(texts, found.cosines, found.tokens, strict=True)):
        if is_row(text):
            names = header_of(passage.text, passage.spans[number][0] - passage.start, passage.heading)
            if not names and is_header(text):
                continue
            if names in texts:
                cosine = max(cosine, found.cosines[texts.index(names)])
            held = {name: forms | analyzed(names)[name] for name, forms in held.items()}
        words = coverage(ranking.words, held)
        score = float(cosine) + PASSAGE * found.score + WORDS * words - (0 if states(text) else SAYS_LITTLE)
        yield Sentence(found, number, score, float(cosine), words)


def states(text: str) -> bool:
    """Tell a statement from a question, an announcement, a heading or a few words."""
    if is_row(text):
        return any(map(str.isdigit, text))
    bare = text.rstrip(CLOSING)
    tells = len(text) >= SHORT or any(map(str.isdigit, text))
    return tells and not bare.endswith(("?", ":")) and not text[-1].isalnum()
