"""Text → blocks and sentences, as `(start, end)` slices: nothing here changes or copies a character.

A text is a sequence of blocks (paragraphs, list items, headings), a block a sequence of sentences.
"""

import re
from collections.abc import Iterator, Sequence
from statistics import quantiles

from rag.text.packs import joined
from rag.text.structure import ITEM, Kind, Part, Parts, Span, parts_of

LONGEST = 1000  # characters of a sentence, and of a passage
LOOKED_AT = 140  # characters before and after the end of a line that tell what kind of end it is

LINED = frozenset(("row", "contents"))  # kinds of which each line is one
BLANK = re.compile(r"\n[ \t\r\xa0]*\n")
NEWLINE = re.compile(r"\n")
HEADING_MARK = re.compile(r"#{1,6}[ \t]+")
# The end of a sentence: the stop, then the closing marks that belong to it. « ? » has its own spaces in French.
STOP = re.compile(r"[.!?…]+(?:[ \xa0\u202f]?[»”])?[\"’'”)\]]*")
CLOSING = "»”\"' \xa0\u202f"  # what may stand after the last mark of a sentence
OPENING = "«“‘\"'([-–—#*•"
# Before a capital, the point after these is no end. "etc." is left out: before a capital it ends a sentence.
TITLES = joined("titles")
NUMBERED = joined("numbered")
WORD_BEFORE = re.compile(r"[^\W_]+°?$")
INITIALS = re.compile(r"(?:^|[^\w.])(?:[^\W\d_]\.)*[^\W\d_]$")


def sentences(text: str, parts: Sequence[Part] | None = None) -> list[Span]:
    """Split a text into its sentences, in order, without overlap; only a row may be longer than a passage."""
    known = parts_of(text) if parts is None else parts
    rows = Parts(known)
    return [span for start, end in blocks(text, known) for span in sentences_of(text, start, end, rows.kind_at(start))]


def blocks(text: str, parts: Sequence[Part]) -> Iterator[Span]:
    """Cut at blank lines, and at line ends that are no mere wrapping of a paragraph."""
    lines = [len(line) for line in text.splitlines() if line.strip()]
    # Lines of a hard-wrapped text fill a common width; those of others end where their paragraphs end.
    wrapped = len(lines) > 4 and max(lines) <= 120 and quantiles(lines, n=4)[1] >= 50
    start = 0
    cuts = {m.start() for m in BLANK.finditer(text)}
    known = Parts(parts)
    for newline in NEWLINE.finditer(text):
        before = text[max(start, newline.start() - LOOKED_AT) : newline.start()].rstrip()
        after = text[newline.end() : newline.end() + LOOKED_AT].lstrip(" \t")
        is_wrap = wrapped or (after[:1].islower() and before[-1:] not in ".!?…:")
        own_line = ITEM.match(after) or HEADING_MARK.match(after) or HEADING_MARK.match(before.lstrip())
        kinds = known.kind_at(newline.start() - 1), known.kind_at(newline.end())
        if newline.start() in cuts or not is_wrap or own_line or not LINED.isdisjoint(kinds):
            yield from _trim(text, start, newline.start())
            start = newline.end()
    yield from _trim(text, start, len(text))


def sentences_of(text: str, start: int, end: int, kind: Kind = "prose") -> Iterator[Span]:
    """Split one block of a text into its sentences; a row of a table is one, however long."""
    if kind in LINED:
        yield start, end
        return
    begin = start
    for stop in STOP.finditer(text, start, end):
        if stop.end() < end and _ends_sentence(text, begin, stop, end):
            yield from _pieces(text, begin, stop.end())
            begin = stop.end()
    yield from _pieces(text, begin, end)


def _trim(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the span without the white space around it, if anything is left."""
    while start < end and (text[start].isspace() or text[start] == "\ufeff"):
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield start, end


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
        while last - begin > LONGEST:
            window = text[begin : begin + LONGEST]
            cut = max(window.rfind(mark) for mark in ("; ", ": ", ", ")) + 1
            cut = cut if cut > LONGEST // 2 else window.rfind(" ")
            cut = cut if cut > 0 else LONGEST
            yield from _trim(text, begin, begin + cut)
            begin += cut
        yield from _trim(text, begin, last)
