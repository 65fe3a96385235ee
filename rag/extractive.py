"""The answer without a language model: verbatim sentences, chosen for the question, in reading order."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from rag.lexical import Word, coverage, tokens
from rag.records import StoredPassage
from rag.retriever import Candidate, Ranking
from rag.splitter import CLOSING

MAX_ANSWER = 600  # characters of quoted text
PASSAGES = 4
SHORT = 40  # characters; what is shorter and holds no number seldom says anything alone
# Chosen on the development questions: what words, a neighbour's fit and standing beside a chosen sentence count for,
# what is left of the score of a sentence that states nothing, and which share of the best score is good enough.
WORDS, NEIGHBOUR, BESIDE, SAYS_LITTLE, NEAR = 1.0, 0.3, 0.15, 0.7, 0.5


@dataclass(frozen=True)
class Sentence:
    """Hold a sentence of a passage and how well it fits the question."""

    passage: StoredPassage
    number: int
    start: int
    end: int
    score: float

    @property
    def text(self) -> str:
        """Give the sentence as it stands in the source."""
        return self.passage.between(self.start, self.end)

    def is_beside(self, other: "Sentence") -> bool:
        """Tell whether another sentence stands right before or after this one in the same passage."""
        return self.passage.id == other.passage.id and abs(self.number - other.number) == 1


def select_quotes(ranking: Ranking) -> list[tuple[StoredPassage, int, int]]:
    """Choose the spans that answer, at most about 600 characters, in reading order; neighbours become one span."""
    quotes: list[tuple[StoredPassage, int, int]] = []
    for s in reading_order(select_sentences(ranking)):
        passage, start, end = quotes[-1] if quotes else (None, 0, 0)
        if passage is not None and passage.id == s.passage.id and not passage.between(end, s.start).strip():
            quotes[-1] = (passage, start, s.end)
        else:
            quotes.append((s.passage, s.start, s.end))
    return quotes


def select_sentences(ranking: Ranking) -> list[Sentence]:
    """Choose the sentences that fit the question best, without repetition; one beside a chosen one is preferred."""
    words = telling_words(ranking)
    left = [s for candidate in ranking.candidates[:PASSAGES] for s in score_sentences(words, candidate)]
    chosen: list[Sentence] = []
    seen: set[str] = set()
    room = MAX_ANSWER
    while left:
        best = max(left, key=lambda s: s.score + BESIDE * any(map(s.is_beside, chosen)))
        left.remove(best)
        key = re.sub(r"\W+", "", best.text).casefold()
        if key in seen or (chosen and (len(best.text) > room or best.score < NEAR * chosen[0].score)):
            continue
        chosen.append(best)
        seen.add(key)
        room -= len(best.text)
    return chosen


def telling_words(ranking: Ranking) -> list[Word]:
    """Weigh the question's words anew: a word that most of the found passages hold chooses none of their sentences."""
    found = [tokens(candidate.passage.text) for candidate in ranking.candidates]
    shares = [sum(word.strength(held) > 0 for held in found) / max(1, len(found)) for word in ranking.words]
    return [replace(word, weight=word.weight * (1 - share)) for word, share in zip(ranking.words, shares, strict=True)]


def score_sentences(words: list[Word], candidate: Candidate) -> Iterator[Sentence]:
    """Score each sentence of a passage: its own vector and words, its neighbours', its passage's."""
    fits = [
        float(cosine) + WORDS * coverage(words, held)
        for cosine, held in zip(candidate.cosines, candidate.tokens, strict=True)
    ]
    for number, ((start, end), text) in enumerate(zip(candidate.spans, candidate.texts, strict=True)):
        neighbour = max(fits[max(0, number - 1) : number] + fits[number + 1 : number + 2], default=0.0)
        score = fits[number] + NEIGHBOUR * neighbour + candidate.score
        yield Sentence(candidate.passage, number, start, end, score if states(text) else SAYS_LITTLE * score)


def states(text: str) -> bool:
    """Tell a statement from a question, an announcement, a heading or a few words."""
    bare = text.rstrip(CLOSING)
    tells = len(text) >= SHORT or any(map(str.isdigit, text))
    return tells and not bare.endswith(("?", ":")) and not text[-1].isalnum()


def reading_order(sentences: list[Sentence]) -> list[Sentence]:
    """Order sentences: documents by their best sentence, then as they stand in the document."""
    rank: dict[str, int] = {}
    for sentence in sorted(sentences, key=lambda s: -s.score):
        rank.setdefault(sentence.passage.source, len(rank))
    return sorted(sentences, key=lambda s: (rank[s.passage.source], s.start))
