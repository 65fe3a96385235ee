"""The answer without a language model: verbatim sentences, chosen for the question, in reading order."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from rag.index.analysis import Word, coverage, tokens
from rag.index.protocol import Found
from rag.retrieval.ranking import Ranking
from rag.schema import Passage, Quote
from rag.text.sentences import CLOSING

MAX_ANSWER = 600  # characters of quoted text
READ = 4  # passages
SHORT = 40  # characters; what is shorter and holds no number seldom says anything alone
# Chosen on the development questions (`evals --check` shows what comes of a change): what words, a neighbour's fit and
# standing beside a chosen sentence count for, what is left of the score of a sentence that states nothing, and which
# share of the best score is good enough.
WORDS, NEIGHBOUR, BESIDE, SAYS_LITTLE, NEAR = 1.0, 0.3, 0.15, 0.7, 0.5


@dataclass(frozen=True)
class Sentence:
    """Hold a sentence of a passage and how well it fits the question."""

    passage: Passage
    number: int
    start: int
    end: int
    score: float

    @property
    def text(self) -> str:
        """Read the sentence as it stands in the source."""
        return self.passage.between(self.start, self.end)

    def is_beside(self, other: "Sentence") -> bool:
        """Tell whether another sentence stands right before or after this one in the same passage."""
        return self.passage.id == other.passage.id and abs(self.number - other.number) == 1


def select_quotes(ranking: Ranking) -> list[Quote]:
    """Choose the spans that answer, at most about 600 characters, in reading order; neighbours become one span."""
    quotes: list[Quote] = []
    for s in reading_order(select_sentences(ranking)):
        last = quotes[-1] if quotes else None
        if last is not None and last.passage.id == s.passage.id and not s.passage.between(last.end, s.start).strip():
            quotes[-1] = replace(last, end=s.end)
        else:
            quotes.append(Quote(s.passage, s.start, s.end))
    return quotes


def select_sentences(ranking: Ranking) -> list[Sentence]:
    """Choose the sentences that fit the question best, without repetition; one beside a chosen one is preferred."""
    words = telling_words(ranking)
    left = [s for found in ranking.found[:READ] for s in score_sentences(words, found)]
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
    held = [tokens(found.passage.text) for found in ranking.found]
    shares = [sum(word.strength(h) > 0 for h in held) / max(1, len(held)) for word in ranking.words]
    return [replace(word, weight=word.weight * (1 - share)) for word, share in zip(ranking.words, shares, strict=True)]


def score_sentences(words: list[Word], found: Found) -> Iterator[Sentence]:
    """Score each sentence of a passage: its own vector and words, its neighbours', its passage's."""
    fits = [
        float(cosine) + WORDS * coverage(words, held) for cosine, held in zip(found.cosines, found.tokens, strict=True)
    ]
    for number, ((start, end), text) in enumerate(zip(found.passage.spans, found.passage.sentences, strict=True)):
        neighbour = max(fits[max(0, number - 1) : number] + fits[number + 1 : number + 2], default=0.0)
        score = fits[number] + NEIGHBOUR * neighbour + found.score
        yield Sentence(found.passage, number, start, end, score if states(text) else SAYS_LITTLE * score)


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
