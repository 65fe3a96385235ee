"""Text → passages, as slices: a passage is a run of whole sentences under one heading."""

from collections.abc import Iterator
from dataclasses import dataclass

from rag.text.sentences import HEADING_MARK, ITEM, LONGEST, Span, blocks, sentences, sentences_of
from rag.text.tables import first_rows, is_row

MAX_PASSAGE = LONGEST  # characters
MAX_HEADING = 140
MAX_TITLE = 110
UNDER = "\n"  # between a heading and the names of a table's columns


@dataclass(frozen=True)
class Section:
    """Hold the paragraphs, as lists of sentences, under one heading (empty where the text has none).

    `firsts` gives for each row of a table, by where it starts, the table's first row.
    """

    heading: str
    paragraphs: tuple[list[Span], ...]
    firsts: dict[int, Span]


def find_title(text: str) -> str:
    """Find a text's first heading, or the beginning of its first sentence, as its title."""
    marked = next((text[s:e] for s, e in blocks(text) if HEADING_MARK.match(text[s:e])), "")
    lines = (text[s:e] for s, e in sentences(text))
    first = marked or next((line for line in lines if any(map(str.isalpha, line)) and not is_row(line)), "")
    title = " ".join(HEADING_MARK.sub("", first).split())
    return title if len(title) <= MAX_TITLE else title[:MAX_TITLE].rsplit(" ", 1)[0] + "…"


def sections(text: str) -> list[Section]:
    """Group the sentences of a text under its headings."""
    found: list[Section] = []
    heading, paragraphs, has_body = "", list[list[Span]](), False
    cut = list(blocks(text))
    firsts = first_rows(text, cut)
    for number, block in enumerate(cut):
        if number + 1 < len(cut) and _is_heading(text[slice(*block)]):
            if has_body:  # a heading right under another, or under short lines, begins no section of its own
                found.append(Section(heading, tuple(paragraphs), firsts))
                paragraphs, has_body = [], False
            heading = HEADING_MARK.sub("", text[slice(*block)]).strip()
        spans = list(sentences_of(text, *block))
        first = firsts.get(block[0])
        if first and paragraphs and first == cut[number - 1]:
            paragraphs[-1] += spans  # the names of the columns never stand without a row of theirs
        else:
            paragraphs.append(spans)
        has_body = has_body or _length(spans) > MAX_HEADING or text[spans[-1][1] - 1] in ".!?…"
    return [*found, Section(heading, tuple(paragraphs), firsts)] if paragraphs else found


def passages(text: str, size: int = MAX_PASSAGE) -> Iterator[tuple[str, list[Span]]]:
    """Yield each passage as its heading and its sentences: at most `size` characters from the first to the last.

    A passage ends with a paragraph where the next one does not fit whole and half of the size is used. One that begins
    within a table has the names of the columns in its heading, so that they are searched with it.
    """
    for section in sections(text):
        current: list[Span] = []
        for paragraph in section.paragraphs:
            if current and _length(current) > size // 2 and paragraph[-1][1] - current[0][0] > size:
                yield _heading(text, section, current), current
                current = []
            for span in paragraph:
                if current and span[1] - current[0][0] > size:
                    yield _heading(text, section, current), current
                    current = []
                current.append(span)
        if current:
            yield _heading(text, section, current), current


def _heading(text: str, section: Section, spans: list[Span]) -> str:
    first = section.firsts.get(spans[0][0])
    names = text[slice(*first)] if first and first[0] < spans[0][0] else ""
    return UNDER.join(filter(None, [section.heading, names]))


def _length(spans: list[Span]) -> int:
    return spans[-1][1] - spans[0][0]


def _is_heading(block: str) -> bool:
    """Tell a heading: marked, or one short line that ends as no sentence does (a question may be one)."""
    if HEADING_MARK.match(block):
        return True
    if is_row(block):
        return False
    short = len(block) <= MAX_HEADING and not ITEM.match(block)
    return short and block[-1] not in ".!…,;:»”’'\")]" and block[0] not in "«“‘'\"([—"
