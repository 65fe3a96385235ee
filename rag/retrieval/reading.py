"""Which sentences of the best passages answer: each one scored for the question, best first.

The embedding model was trained to bring a question near the sentence that answers it, in its context, and away from the
other sentences of the same passage; the words of the question and the passage's own rank are added. The sentences that
are best by this are then read, each with those around it, by a model that was trained to tell what answers from what
only seems to. The numbers were chosen on the development questions (`python -m evals`).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from math import exp, inf

from rag.retrieval.lookup import Line, Lookup
from rag.retrieval.ranking import Ranking
from rag.retrieval.reader import Reader
from rag.retrieval.windows import Window
from rag.schema import Found, Quote
from rag.text.analysis import tokens
from rag.text.sentences import CLOSING
from rag.text.structure import Span
from rag.text.tables import cells
from rag.text.weights import coverage

PASSAGE, WORDS = 0.25, 0.1  # what the passage's score and the question's words count for beside the cosine
SAYS_LITTLE = 0.08  # what a heading, a question or an announcement loses
OF_HISTORY = 0.3  # what a line of an earlier mail loses to the message that quotes it
SHORT = 40  # characters; what is shorter and holds no number seldom says anything alone
SILENT = ("heading", "names", "contents")  # kinds that are never an answer by themselves
WINDOWS = 8  # that are read
NAMED, SURE = 1.0, 4.0  # what a row that holds all of the question is ahead by; the logit of its answer
ENOUGH = 0.6  # share of a question's words, where it names somebody
LOGIT, UNREAD = 0.03, -5.0  # what a logit counts for beside the cosine; the lowest, and that of what was not read
# What counts beside a sentence's logit: its cosine, from the usual one on, and how far its passage is
# behind the first. Two models that were trained apart err less often at once.
CLOSE, USUAL, BEHIND = 16.0, 0.7, 8.0


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

    @property
    def line(self) -> Line:
        """Return it with what it is to be read with."""
        return Line(self.found, self.number)


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


def read(ranking: Ranking, reader: Reader, passages_of: Callable[[str], list[Found]] | None = None) -> Reading:
    """Score the sentences of the passages found, and read the best of them; what stands there twice is listed once.

    `passages_of` reads all passages of a document, where several rows of its table are asked for.
    """
    lookup = Lookup(ranking.query, ranking.words)
    scored = sorted((s for found in ranking.found for s in _scored(ranking, found)), key=lambda s: -s.score)
    named = _named(lookup, scored)
    if not named:
        return Reading(ranking, [], -inf)
    once: dict[str, Sentence] = {}
    for sentence in named:
        once.setdefault(_key(sentence), sentence)
    windows = _to_read(once.values())
    outcomes = reader.read(ranking.query.text, windows)
    known: dict[tuple[int, int], tuple[float, Span]] = {}
    for window, outcome in zip(windows, outcomes, strict=True):
        for number, result in enumerate(zip(outcome.logits, outcome.answers, strict=True), window.first):
            key = window.passage.id, number
            known[key] = max(known.get(key, (UNREAD, (0, 0))), result)
    reread = (_reread(s, *known.get((s.found.passage.id, s.number), (UNREAD, (0, 0)))) for s in once.values())
    sentences = sorted(reread, key=lambda s: -s.score)
    first = max(found.score for found in ranking.found)
    logit = max(_answers(s, first) for s in sentences)
    asked = _asked(lookup, ranking, sentences, passages_of)
    if asked:
        keys = {_key(s) for s in asked}
        best = sentences[0].score
        sentences = [replace(s, score=best + NAMED) for s in asked] + [s for s in sentences if _key(s) not in keys]
        logit = max(logit, SURE)
    return Reading(_reranked(ranking, sentences), sentences, logit)


def _named(lookup: Lookup, sentences: Sequence[Sentence]) -> list[Sentence]:
    """Leave the sentences in which stands what the question names exactly.

    None where a code stands nowhere. Rows about others than those named are left out in any case.
    """
    if lookup.codes or lookup.numbers:
        holders = [s for s in sentences if lookup.has_codes(s.line)]
        holders = holders or [s for s in sentences if lookup.is_under_codes(s.line)]
        if holders or lookup.codes:
            return holders
    if lookup.names:
        holders = [s for s in sentences if lookup.holds_names(s.line)]
        return holders or [s for s in sentences if not s.line.is_row]
    return list(sentences)


def _asked(
    lookup: Lookup,
    ranking: Ranking,
    sentences: Sequence[Sentence],
    passages_of: Callable[[str], list[Found]] | None,
) -> list[Sentence]:
    """Find the rows that hold what the question says, best first, or the sentence that stands under a code."""
    if lookup.codes or lookup.numbers:
        under = [s for s in sentences if not s.line.is_row]
        if under and not any(s.line.is_row for s in sentences):
            share = {id(s): lookup.share(s.line)[1] for s in under}
            best = max(share.values())
            return [s for s in under if share[id(s)] == best][:1] if best >= ENOUGH or not lookup.words else []
    rows = _best_rows(lookup, [s for s in sentences if s.line.is_row])
    if not rows:
        return [s for s in sentences if not s.line.is_row and states(s) and lookup.is_told(s.line)][:1]
    if len(rows) > 1 and passages_of:
        sources = dict.fromkeys(s.found.passage.source for s in rows)
        every = [s for source in sources for found in passages_of(source) for s in _scored(ranking, found)]
        rows = _best_rows(lookup, [s for s in every if s.line.is_row])
    return rows


def _best_rows(lookup: Lookup, rows: Sequence[Sentence]) -> list[Sentence]:
    shares = [(lookup.share(row.line), row) for row in rows]
    best = max((share for share, _ in shares if share[0]), key=lambda share: (share[1], share[0]), default=(0.0, 0.0))
    is_sure = best[1] == 1 or (bool(lookup.names or lookup.codes) and best[1] >= ENOUGH)
    return [row for share, row in shares if share == best] if is_sure else []


def _key(sentence: Sentence) -> str:
    """Write a sentence as it is compared: rows with the names of their columns."""
    lead = sentence.found.passage.mark(sentence.number).lead
    return re.sub(r"\W+", "", lead + sentence.text).casefold()


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


def _answers(sentence: Sentence, first: float) -> float:
    """Return the logit that a sentence answers; `first` is the score of the first passage."""
    close = CLOSE * (sentence.cosine - USUAL)
    return sentence.logit + close + BEHIND * (sentence.found.score - first)


def _scored(ranking: Ranking, found: Found) -> Iterator[Sentence]:
    """Score each sentence that can answer; a row is compared with the names of its columns too."""
    passage, texts, analyzed = found.passage, found.passage.sentences, cache(tokens)
    for number, (cosine, held) in enumerate(zip(found.cosines, found.tokens, strict=True)):
        mark = passage.mark(number)
        if mark.kind in SILENT:
            continue
        if mark.lead:
            if mark.lead in texts:
                cosine = max(cosine, found.cosines[texts.index(mark.lead)])
            held = {name: forms | analyzed(mark.lead)[name] for name, forms in held.items()}
        words = coverage(ranking.words, held)
        score = float(cosine) + PASSAGE * found.score + WORDS * words
        sentence = Sentence(found, number, score, float(cosine), words)
        lost = SAYS_LITTLE * (not states(sentence)) + OF_HISTORY * (mark.kind == "quoted")
        yield replace(sentence, score=score - lost)


def states(sentence: Sentence) -> bool:
    """Tell a statement from a question, an announcement, a heading or a few words."""
    kind = sentence.found.passage.mark(sentence.number).kind
    if kind == "row":
        return sum(map(bool, cells(sentence.text))) > 1
    return kind not in SILENT and is_statement(sentence.text)


def is_statement(text: str) -> bool:
    """Tell a text that says something from a question, an announcement or a few words."""
    bare = text.rstrip(CLOSING)
    tells = len(text) >= SHORT or any(map(str.isdigit, text))
    return tells and not bare.endswith(("?", ":")) and not text[-1].isalnum()
