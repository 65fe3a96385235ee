"""Does a span of a source say what a sentence claims? The span is found by alignment, never taken on a model's word.

First what can be compared exactly (numbers, dates, names, negation, opposite words), then shared meaning: the
cosine of the two, and the share of the sentence's words that the span holds, in either language.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp

import numpy as np

from rag.answer.answer import Verdict
from rag.answer.wording import REASONS
from rag.index.embeddings import Embedder
from rag.index.protocol import Index
from rag.schema import Found, Passage, Quote, Vectors
from rag.text import facts
from rag.text.analysis import tokens
from rag.text.folding import fold
from rag.text.language import Language
from rag.text.lexicon import translations
from rag.text.numbers import numbers
from rag.text.sentences import CLOSING, sentences
from rag.text.weights import Word, coverage
from rag.text.words import STOP_WORDS

WINDOW = 3  # sentences that may support one together
LONGER = 0.05  # what each sentence more costs a window
JUDGED = 6  # windows that are compared fact by fact, those that fit best
# Weights of a logistic regression on the right sentences in the development half of evals/verdicts.jsonl, and the
# probabilities from which a sentence is supported; `python -m evals --verdicts` shows what comes of them. Weights that
# were fitted to claims against other passages (models/training/written) trust the cosine more and catch fewer.
COSINE, WORDS, CONSTANT = 5.0, 10.7, -8.9
SHORTEST = 0.6  # of a claim's length, for a span that holds it in another language
CLEAR = 0.4  # share of a clause's words from which on another clause is about the same
SUPPORTED, PARTLY = 0.3, 0.1
STRENGTH = {Verdict.UNSUPPORTED: 0, Verdict.PARTLY: 1, Verdict.SUPPORTED: 2}


@dataclass(frozen=True)
class Claim:
    """Hold a sentence to be checked, its words and its vector."""

    text: str
    language: Language
    words: list[Word]
    vector: Vectors


@dataclass(frozen=True)
class Window:
    """Hold a few sentences of a passage that stand together, and how well they fit a claim."""

    quote: Quote
    cosine: float
    words: float
    head: str  # how the document begins

    @property
    def fit(self) -> float:
        """Sum up what windows are compared by."""
        return self.cosine + self.words


@dataclass(frozen=True)
class Finding:
    """Hold what a check came to, the reason where it is not support, and the exact checks that failed."""

    verdict: Verdict
    reason: str
    window: Window
    failed: tuple[str, ...]


class Verifier:
    """Check sentences against passages that were found."""

    def __init__(self, index: Index, embedder: Embedder) -> None:
        self.index = index
        self.embedder = embedder

    def claim(self, text: str, language: Language) -> Claim:
        """Analyze a sentence once, for all passages that it is held against."""
        vector = self.embedder.encode_passages([text])[0]
        return Claim(text, language, self.index.weigh(text, language), vector)

    def check(self, claim: Claim, found: Sequence[Found]) -> Finding | None:
        """Find the span that supports a claim best; None where there are no passages."""
        windows = [window for f in found for window in _windows(claim, f)]
        nearest = sorted(windows, key=lambda w: -w.fit)[:JUDGED]
        findings: list[Finding] = []
        for window in nearest:
            findings.append(judge(claim, window))
            if findings[-1].verdict == Verdict.SUPPORTED:
                return findings[-1]
        return max(findings, key=lambda f: (STRENGTH[f.verdict], -len(f.failed), f.window.fit), default=None)


def _windows(claim: Claim, found: Found) -> Iterator[Window]:
    passage, spans, rows = found.passage, found.passage.spans, found.vectors
    for first in range(len(spans)):
        for last in range(first, min(first + WINDOW, len(spans))):
            mean = rows[first : last + 1].mean(axis=0)
            whole = float(mean @ claim.vector) / max(1e-6, float(np.linalg.norm(mean)))
            held = found.tokens[first : last + 1]
            together = {name: set().union(*(h[name] for h in held)) for name in held[0]}
            words = coverage(claim.words, together) - LONGER * (last - first)
            yield Window(Quote(passage, spans[first][0], spans[last][1]), whole, words, found.head)


def judge(claim: Claim, window: Window) -> Finding:
    """Compare a claim with a window; the reason is in the claim's language."""
    passage, evidence = window.quote.passage, window.quote.text
    before = passage.between(passage.start, window.quote.start)
    named = f"{window.head}\n{before}" if facts.PRONOUN.search(evidence) else ""
    failed = list(_failures(claim, evidence, passage, named))
    score = 1 / (1 + exp(-(CONSTANT + COSINE * window.cosine + WORDS * window.words)))
    kinds = tuple(kind for kind, _ in failed)
    if failed:
        kind, detail = failed[0]
        return Finding(Verdict.UNSUPPORTED, REASONS[kind][claim.language].format(detail), window, kinds)
    if score >= SUPPORTED and _can_hold(evidence, claim.text):
        return Finding(Verdict.SUPPORTED, "", window, kinds)
    verdict = Verdict.PARTLY if score >= PARTLY else Verdict.UNSUPPORTED
    return Finding(verdict, REASONS["meaning"][claim.language], window, kinds)


def _can_hold(evidence: str, claim: str) -> bool:
    """Tell whether a span can say what a claim says: a question states nothing, and a few words not much."""
    return not evidence.rstrip(CLOSING).endswith("?") and len(evidence) >= SHORTEST * len(claim)


def _failures(claim: Claim, evidence: str, passage: Passage, named: str) -> Iterator[tuple[str, str]]:
    text, around = claim.text, f"{passage.title}\n{passage.heading}\n{named}"
    held = [reading for number in numbers(evidence, passage.language) for reading in number]
    for number in numbers(text, claim.language):
        if not number & set(held):
            yield "number", min(number, key=len)
    if missing := facts.dates(text) - facts.dates(evidence):
        yield "date", next(w for w in facts.WORD.findall(text) if (facts.MONTHS | facts.DAYS).get(fold(w)) in missing)
    spelled = {fold(word) for word in facts.WORD.findall(f"{evidence}\n{around}")}
    pieces = spelled | {piece for word in spelled for piece in word.replace("'", "-").replace("’", "-").split("-")}
    for name in facts.names(text, lambda word: _is_common(word, claim.language)):
        forms = {fold(name), *map(fold, translations(name, claim.language))}
        if not forms & pieces and not any(len(f) >= 5 and p.startswith(f[:-1]) for f in forms for p in pieces):
            yield "name", name
    if (clash := facts.opposite(text, evidence)) is not None:
        yield "opposite", clash[0]
    if any(_disagree(claim, clause, evidence) for clause in facts.clauses(text)):
        yield "negation", ""


def _disagree(claim: Claim, clause: str, evidence: str) -> bool:
    """Tell whether a clause of a claim denies what the nearest clause of the evidence affirms, or the reverse."""
    told = tokens(clause)
    words = [word for word in claim.words if word.strength(told) > 0]
    sentence_of = {other: evidence[a:b] for a, b in sentences(evidence) for other in facts.clauses(evidence[a:b])}
    share, nearest = max(((coverage(words, tokens(other)), other) for other in sentence_of), default=(0.0, evidence))
    claimed, said = facts.denies(clause), facts.denies(nearest if share >= CLEAR else evidence)
    if not words or claimed is None or said is None or claimed == said:
        return False
    # What a sentence denies in another clause, a claim may deny in one breath.
    return not facts.denies(sentence_of.get(nearest, evidence)) if claimed else share >= CLEAR


def _is_common(word: str, language: Language) -> bool:
    """Tell a common word at the beginning of a sentence, in whatever form, from a name."""
    forms = [word, word[:-1], word[:-2], word[:-3], f"{word[:-3]}e"]
    return any(form.casefold() in STOP_WORDS or translations(form, language) for form in forms if len(form) > 1)
