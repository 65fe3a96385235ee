"""Text → sentences and passages, as `(start, end)` slices: nothing here changes or copies a character.

A text is a sequence of blocks (paragraphs, list items, headings), a block a sequence of sentences, and a
passage a run of whole sentences under one heading.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import quantiles

MAX_PASSAGE = 1000  # characters
MAX_HEADING = 140
MAX_TITLE = 110

Span = tuple[int, int]

BLANK = re.compile(r"\n[ \t\r\xa0]*\n")
NEWLINE = re.compile(r"\n")
ITEM = re.compile(r"[ \t]*(?:[-*•–—·▪]|\d{1,3}[.)]|#{1,6})[ \t\xa0]")
MARK = re.compile(r"#{1,6}[ \t]+")
# The end of a sentence: the stop, then the closing marks that belong to it. « ? » has its own spaces in French.
STOP = re.compile(r"[.!?…]+(?:[ \xa0\u202f]?[»”])?[\"’'”)\]]*")
CLOSING = "»”\"' \xa0\u202f"  # what may stand after the last mark of a sentence
OPENING = "«“‘\"'([-–—#*•"
# Before a capital, the point after these is no end. "etc." is left out: before a capital it ends a sentence.
TITLES = frozenset(
    "m mm mme mmes mlle mlles dr drs pr mgr mr mrs ms prof st ste cf vs fig inc ltd corp dept approx jr sr".split()
)
NUMBERED = frozenset(
    "no nos n° nº art p pp vol fig chap al ch sec éd ed jan feb mar apr jun jul aug sep sept oct nov dec".split()
)
WORD_BEFORE = re.compile(r"[^\W_]+°?$")
INITIALS = re.compile(r"(?:^|[^\w.])(?:[^\W\d_]\.)*[^\W\d_]$")


@dataclass(frozen=True)
class Section:
    """Hold the paragraphs, as lists of sentences, under one heading (empty where the text has none)."""

    heading: str
    paragraphs: tuple[list[Span], ...]


def find_title(text: str) -> str:
    """Give a text's first heading, or the beginning of its first sentence, as its title."""
    marked = next((text[s:e] for s, e in _blocks(text) if MARK.match(text[s:e])), "")
    first = marked or next((text[s:e] for s, e in sentences(text) if any(map(str.isalpha, text[s:e]))), "")
    title = " ".join(MARK.sub("", first).split())
    return title if len(title) <= MAX_TITLE else title[:MAX_TITLE].rsplit(" ", 1)[0] + "…"


def sentences(text: str) -> list[Span]:
    """Split a text into its sentences, in order, without overlap; none is longer than a passage may be."""
    return [span for block in _blocks(text) for span in _sentences(text, *block)]


def sections(text: str) -> list[Section]:
    """Group the sentences of a text under its headings."""
    found: list[Section] = []
    heading, paragraphs, has_body = "", list[list[Span]](), False
    blocks = list(_blocks(text))
    for number, block in enumerate(blocks):
        if number + 1 < len(blocks) and _is_heading(text[slice(*block)]):
            if has_body:  # a heading right under another, or under short lines, begins no section of its own
                found.append(Section(heading, tuple(paragraphs)))
                paragraphs, has_body = [], False
            heading = MARK.sub("", text[slice(*block)]).strip()
        spans = list(_sentences(text, *block))
        paragraphs.append(spans)
        has_body = has_body or _length(spans) > MAX_HEADING or text[spans[-1][1] - 1] in ".!?…"
    return [*found, Section(heading, tuple(paragraphs))] if paragraphs else found


def passages(text: str, size: int = MAX_PASSAGE) -> Iterator[tuple[str, list[Span]]]:
    """Give each passage as its heading and its sentences: at most `size` characters from the first to the last.

    A passage ends with a paragraph where the next one does not fit whole and half of the size is used.
    """
    for section in sections(text):
        current: list[Span] = []
        for paragraph in section.paragraphs:
            if current and _length(current) > size // 2 and paragraph[-1][1] - current[0][0] > size:
                yield section.heading, current
                current = []
            for span in paragraph:
                if current and span[1] - current[0][0] > size:
                    yield section.heading, current
                    current = []
                current.append(span)
        if current:
            yield section.heading, current


def _length(spans: list[Span]) -> int:
    return spans[-1][1] - spans[0][0]


def _blocks(text: str) -> Iterator[Span]:
    """Cut at blank lines, and at line ends that are no mere wrapping of a paragraph."""
    lines = [len(line) for line in text.splitlines() if line.strip()]
    # Lines of a hard-wrapped text fill a common width; those of others end where their paragraphs end.
    wrapped = len(lines) > 4 and max(lines) <= 120 and quantiles(lines, n=4)[1] >= 50
    start = 0
    cuts = {m.start() for m in BLANK.finditer(text)}
    for newline in NEWLINE.finditer(text):
        before = text[max(start, newline.start() - MAX_HEADING) : newline.start()].rstrip()
        after = text[newline.end() : newline.end() + MAX_HEADING].lstrip(" \t")
        joined = wrapped or (after[:1].islower() and before[-1:] not in ".!?…:")
        if newline.start() in cuts or not joined or ITEM.match(after) or MARK.match(before.lstrip()):
            yield from _trim(text, start, newline.start())
            start = newline.end()
    yield from _trim(text, start, len(text))


def _trim(text: str, start: int, end: int) -> Iterator[Span]:
    """Give the span without the white space around it, if anything is left."""
    while start < end and (text[start].isspace() or text[start] == "\ufeff"):
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield start, end


def _is_heading(block: str) -> bool:
    """Tell a heading: marked, or one short line that ends as no sentence does (a question may be one)."""
    if MARK.match(block):
        return True
    short = len(block) <= MAX_HEADING and not ITEM.match(block)
    return short and block[-1] not in ".!…,;:»”’'\")]" and block[0] not in "«“‘'\"([—"


def _sentences(text: str, start: int, end: int) -> Iterator[Span]:
    """Split one block."""
    begin = start
    for stop in STOP.finditer(text, start, end):
        if stop.end() < end and _ends_sentence(text, begin, stop, end):
            yield from _pieces(text, begin, stop.end())
            begin = stop.end()
    yield from _pieces(text, begin, end)


def _ends_sentence(text: str, begin: int, stop: re.Match[str], end: int) -> bool:
    following = text[stop.end() : min(end, stop.end() + 40)]
    after = following.lstrip()
    glued = after == following
    if not after or after[0].islower():
        return False
    if glued:  # "du travail.Les débuts": a lost space, but not "3.5", "U.S." or "Node.JS"
        lost = text[stop.start() - 2 : stop.start()].islower() and after[0].isupper() and after[1:2].islower()
        return lost and stop[0] in ".!?…"
    if not (after[0].isalnum() or after[0] in OPENING):
        return False
    if stop[0] == ".":
        before = text[max(begin, stop.start() - 20) : stop.start()]
        word = WORD_BEFORE.search(before)
        if word is None:
            return True
        if word[0].casefold() in TITLES or INITIALS.search(before):
            return False
        if after[0].isdigit() and word[0].casefold() in NUMBERED:
            return False
        if word[0].isdigit() and not text[begin : stop.start() - len(word[0])].strip():
            return False  # the number of a list item
    return True


def _pieces(text: str, start: int, end: int) -> Iterator[Span]:
    """Cut what is longer than a passage at a clause, else at a space, else anywhere."""
    for begin, last in _trim(text, start, end):
        while last - begin > MAX_PASSAGE:
            window = text[begin : begin + MAX_PASSAGE]
            cut = max(window.rfind(mark) for mark in ("; ", ": ", ", ")) + 1
            cut = cut if cut > MAX_PASSAGE // 2 else window.rfind(" ")
            cut = cut if cut > 0 else MAX_PASSAGE
            yield from _trim(text, begin, begin + cut)
            begin += cut
        yield from _trim(text, begin, last)
