"""The answer without a language model: the sentence that answers, and at most two more where they add to it."""

from collections.abc import Sequence
from dataclasses import replace

from rag.retrieval.reading import Sentence, states
from rag.schema import Passage, Query, Quote
from rag.text.numbers import numbers
from rag.text.packs import pattern
from rag.text.structure import INTRODUCES, Span
from rag.text.tables import labelled

# How many quotations, and how much less well than the first one the others may answer; chosen on the development
# questions for few that are beside the point. Who asks for several things gets more.
ONE, SEVERAL = (2, 0.05), (3, 0.1)
MAX_QUOTED = 900  # characters
MAX_ROWS = 30  # of a table, where several hold what was asked for
SURE = 0.0  # logit of a sentence from which on its telling words are shown as such
FEW = range(2, 10)  # things that are asked for by their number
ASKS_SEVERAL = pattern("several", r"\b(?:{})\b")
LEANS = pattern("leaning", r"^[«“\"'’(\s–—-]*(?:{})\b")  # a sentence that opens so needs the one before it


def select_quotes(query: Query, sentences: Sequence[Sentence]) -> list[Quote]:
    """Choose the spans that answer, best first; sentences that stand together become one span."""
    most, margin = SEVERAL if _asks_several(query) else ONE
    near = [s for s in sentences[1:] if s.score >= sentences[0].score - margin]
    is_row = bool(sentences) and sentences[0].line.is_row
    rows = [s for s in sentences if is_row and s.score == sentences[0].score]
    if len(rows) > 1:  # all of them hold what was asked for
        return [s.quote for s in rows[:MAX_ROWS]]
    if is_row and not ASKS_SEVERAL.search(query.text):  # the rows beside it are not
        near = [s for s in near if not s.line.is_row]
    chosen: list[Sentence] = list(sentences[:1])
    for sentence in near:
        room = MAX_QUOTED - sum(len(s.text) for s in chosen)
        if len(chosen) < most and len(sentence.text) <= room and states(sentence):
            chosen.append(sentence)
    quotes: list[Quote] = []
    for sentence in chosen:
        quotes = _joined(quotes, _whole(sentence, most > ONE[0]))
    return quotes


def told(quote: Quote) -> str:
    """Say a quotation: word for word, a row with the names of its columns, an item with what introduces its list."""
    passage, text = quote.passage, quote.text
    number = next((n for n, span in enumerate(passage.spans) if span[0] >= quote.start), 0)
    mark = passage.mark(number)
    if mark.kind == "row" and "\n" not in text:
        return labelled(mark.lead, text)
    return f"{mark.lead}\n{text}" if mark.kind == "item" and INTRODUCES.search(mark.lead) else text


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


def _whole(sentence: Sentence, asks_several: bool) -> Quote:
    """Bring along the sentence before one that leans on it ("Il propose…"), and all items where a list is asked for."""
    passage, number = sentence.found.passage, sentence.number
    first = last = number
    mark = passage.mark(number)
    if mark.kind == "item" and asks_several:
        first, last = _list_around(passage, number)
    elif passage.mark(number + 1).kind == "item" and passage.mark(number + 1).lead and _introduces(passage, number):
        _, last = _list_around(passage, number + 1)
    if first and LEANS.match(passage.between(*passage.spans[first])) and mark.kind == "prose":
        first -= 1
    return Quote(passage, passage.spans[first][0], passage.spans[last][1])


def _list_around(passage: Passage, number: int) -> tuple[int, int]:
    """Find the first and the last sentence of the list that one stands in, and the line that introduces it."""
    mark = passage.mark(number)
    first = last = number
    while first and passage.mark(first - 1) == mark:
        first -= 1
    while last + 1 < len(passage.spans) and passage.mark(last + 1) == mark:
        last += 1
    return first - bool(first and _introduces(passage, first - 1)), last


def _introduces(passage: Passage, number: int) -> bool:
    """Tell the sentence that introduces the list after it."""
    is_prose = passage.mark(number).kind == "prose"
    return is_prose and bool(INTRODUCES.search(passage.between(*passage.spans[number])))


def _joined(quotes: list[Quote], new: Quote) -> list[Quote]:
    """Add a quotation, or lengthen the one that it touches."""
    for place, known in enumerate(quotes):
        first, last = sorted((known, new), key=lambda quote: quote.start)
        if known.passage.id == new.passage.id and not known.passage.between(first.end, last.start).strip():
            longer = replace(known, start=first.start, end=max(first.end, last.end))
            return [*quotes[:place], longer, *quotes[place + 1 :]]
    return [*quotes, new]
