"""The answer without a language model: the sentence that answers, and at most two more where they add to it."""

from collections.abc import Sequence
from dataclasses import replace

from rag.retrieval.reading import Sentence, states
from rag.schema import Query, Quote
from rag.text.numbers import numbers
from rag.text.packs import pattern
from rag.text.sentences import Span
from rag.text.tables import header_of, is_row, labelled

# How many quotations, and how much less well than the first one the others may answer; chosen on the development
# questions for few that are beside the point. Who asks for several things gets more.
ONE, SEVERAL = (2, 0.05), (3, 0.1)
MAX_QUOTED = 900  # characters
SURE = 0.0  # logit of a sentence from which on its telling words are shown as such
FEW = range(2, 10)  # things that are asked for by their number
ASKS_SEVERAL = pattern("several", r"\b(?:{})\b")
LEANS = pattern("leaning", r"^[«“\"'’(\s–—-]*(?:{})\b")  # a sentence that opens so needs the one before it


def select_quotes(query: Query, sentences: Sequence[Sentence]) -> list[Quote]:
    """Choose the spans that answer, best first; sentences that stand together become one span."""
    most, margin = SEVERAL if _asks_several(query) else ONE
    near = [s for s in sentences[1:] if s.score >= sentences[0].score - margin]
    if sentences and is_row(sentences[0].text) and not ASKS_SEVERAL.search(query.text):  # the rows beside it are not
        near = [s for s in near if not is_row(s.text)]
    chosen: list[Sentence] = list(sentences[:1])
    for sentence in near:
        room = MAX_QUOTED - sum(len(s.text) for s in chosen)
        if len(chosen) < most and len(sentence.text) <= room and states(sentence.text):
            chosen.append(sentence)
    quotes: list[Quote] = []
    for sentence in chosen:
        quotes = _joined(quotes, _whole(sentence))
    return quotes


def told(quote: Quote) -> str:
    """Say a quotation: word for word, and the row of a table with the names of its columns."""
    passage, text = quote.passage, quote.text
    if not is_row(text) or "\n" in text:
        return text
    return labelled(header_of(passage.text, quote.start - passage.start, passage.heading), text)


def telling(quote: Quote, sentences: Sequence[Sentence]) -> Span:
    """Find the words of a quotation that answer, where the reader is sure that they do: offsets into what is told."""
    if told(quote) != quote.text:
        return 0, 0
    for sentence in sentences:
        own = sentence.quote
        is_inside = own.passage.id == quote.passage.id and quote.start <= own.start and own.end <= quote.end
        if is_inside and sentence.logit >= SURE:
            start, end = (own.start - quote.start + offset for offset in sentence.answer)
            return start, end
    return 0, 0


def _asks_several(query: Query) -> bool:
    """Tell a question for several things: "quels outils", "compare", "trois critères"."""
    few = (float(reading) for number in numbers(query.text, query.language) for reading in number if "%" not in reading)
    return bool(ASKS_SEVERAL.search(query.text)) or any(number in FEW for number in few)


def _whole(sentence: Sentence) -> Quote:
    """Bring along the sentence before one that leans on it ("Il propose…", "This company…")."""
    passage, number = sentence.found.passage, sentence.number
    start = passage.spans[number - 1][0] if number and LEANS.match(sentence.text) else passage.spans[number][0]
    return Quote(passage, start, passage.spans[number][1])


def _joined(quotes: list[Quote], new: Quote) -> list[Quote]:
    """Add a quotation, or lengthen the one that it touches."""
    for place, known in enumerate(quotes):
        first, last = sorted((known, new), key=lambda quote: quote.start)
        if known.passage.id == new.passage.id and not known.passage.between(first.end, last.start).strip():
            longer = replace(known, start=first.start, end=max(first.end, last.end))
            return [*quotes[:place], longer, *quotes[place + 1 :]]
    return [*quotes, new]
