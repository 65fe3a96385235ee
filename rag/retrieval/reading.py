"""Which sentences of the best passages answer: each one scored for the question, best first.

The embedding model was trained to bring a question near the sentence that answers it, in its context, and away from the
other sentences of the same passage, so its cosine reads more than it matches; the words of the question and the
passage's own rank are added. Chosen on the development questions (`python -m evals`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from rag.index.analysis import coverage, tokens
from rag.index.protocol import Found
from rag.retrieval.ranking import Ranking
from rag.schema import Quote
from rag.text.sentences import CLOSING
from rag.text.tables import header_of, is_header, is_row

PASSAGE, WORDS = 0.25, 0.1  # what the passage's score and the question's words count for beside the cosine
SAYS_LITTLE = 0.08  # what a heading, a question or an announcement loses
SHORT = 40  # characters; what is shorter and holds no number seldom says anything alone


@dataclass(frozen=True)
class Sentence:
    """Hold a sentence of a passage and how well it answers: its score, its cosine, and the share of words it holds."""

    found: Found
    number: int
    score: float
    cosine: float
    words: float

    @property
    def quote(self) -> Quote:
        """Point to the sentence."""
        return Quote(self.found.passage, *self.found.passage.spans[self.number])

    @property
    def text(self) -> str:
        """Read the sentence as it stands in the source."""
        return self.quote.text


def read(ranking: Ranking) -> list[Sentence]:
    """List the sentences of the passages that were found, best first; what stands there twice is listed once."""
    scored = sorted((s for found in ranking.found for s in _scored(ranking, found)), key=lambda s: -s.score)
    once: dict[str, Sentence] = {}
    for sentence in scored:
        once.setdefault(re.sub(r"\W+", "", sentence.text).casefold(), sentence)
    return list(once.values())


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
