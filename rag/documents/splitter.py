"""Text → passages, as slices: a passage is a run of whole sentences under one heading."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rag.text.sentences import HEADING_MARK, LONGEST, blocks, sentences, sentences_of
from rag.text.structure import ITEM, Mark, Part, Parts, Span, parts_of

MAX_PASSAGE = LONGEST  # characters
MAX_HEADING = 140
MAX_TITLE = 110
UNDER = "\n"  # between a heading and the names of a table's columns
STOPS = tuple(".!?…:;")
NUMBERED = re.compile(r"^(?:[IVX]+|[A-Z]|\d+(?:\.\d+)*)[.)]?\s")
DIVISION = re.compile(r"(?:article|art\.|chapitre|chapter|titre|section|annexe|appendix|partie|part)\b", re.IGNORECASE)
SILENT = ("row", "names", "contents", "quoted")  # kinds that are no title and no heading


@dataclass(frozen=True)
class Cut:
    """Hold a passage to be: the heading above it, its sentences, and what each of them is."""

    heading: str
    spans: tuple[Span, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Section:
    """Hold the paragraphs, as lists of sentences, under one heading (empty where the text has none)."""

    heading: str
    paragraphs: tuple[list[Span], ...]
    headings: frozenset[int]  # where sentences begin that are headings


def find_title(text: str, parts: Sequence[Part] | None = None) -> str:
    """Find a text's first heading, or the beginning of its first sentence, as its title."""
    known = parts_of(text) if parts is None else parts
    kinds = Parts(known)
    marked = next((text[s:e] for s, e in blocks(text, known) if HEADING_MARK.match(text[s:e])), "")
    lines = (text[s:e] for s, e in sentences(text, known) if kinds.kind_at(s) not in SILENT)
    first = marked or next((line for line in lines if any(map(str.isalpha, line))), "")
    title = " ".join(HEADING_MARK.sub("", first).split())
    return title if len(title) <= MAX_TITLE else title[:MAX_TITLE].rsplit(" ", 1)[0] + "…"


def sections(text: str, parts: Sequence[Part]) -> list[Section]:
    """Group the sentences of a text under its headings."""
    done: list[Section] = []
    heading, paragraphs, has_body = "", list[list[Span]](), False
    cut, known, headings = list(blocks(text, parts)), Parts(parts), set[int]()
    for number, block in enumerate(cut):
        kind = known.kind_at(block[0])
        if kind not in SILENT and _is_heading(text[slice(*block)]):
            following = text[slice(*cut[number + 1])] if number + 1 < len(cut) else ""
            if _says_nothing(text[slice(*block)], following):
                headings.add(block[0])
            if number + 1 < len(cut):
                if has_body:  # a heading right under another, or under short lines, begins no section of its own
                    done.append(Section(heading, tuple(paragraphs), frozenset(headings)))
                    paragraphs, has_body = [], False
                heading = HEADING_MARK.sub("", text[slice(*block)]).strip()
        spans = list(sentences_of(text, *block, kind))
        part = known.at(block[0])
        is_first = part and paragraphs and part.lead[1] and part.lead[1] == cut[number - 1][1]
        if is_first or (part and part.kind == "item" and paragraphs and part.start <= cut[number - 1][0]):
            paragraphs[-1] += spans  # what introduces a list or a table never stands without the first of it
        else:
            paragraphs.append(spans)
        has_body = has_body or _length(spans) > MAX_HEADING or text[spans[-1][1] - 1] in ".!?…"
    return [*done, Section(heading, tuple(paragraphs), frozenset(headings))] if paragraphs else done


def passages(text: str, size: int = MAX_PASSAGE, parts: Sequence[Part] | None = None) -> Iterator[Cut]:
    """Yield each passage: at most `size` characters from its first sentence to its last, unless one row is longer.

    A passage ends with a paragraph where the next one does not fit whole and half of the size is used; a list that fits
    into one passage is not cut. One that begins within a table has the names of the columns in its heading, so that
    they are searched with it.
    """
    known = Parts(tuple(parts_of(text) if parts is None else parts))
    for section in sections(text, known.all):
        current: list[Span] = []
        for paragraph in section.paragraphs:
            is_whole = known.kind_at(paragraph[-1][0]) == "item" and _length(paragraph) <= size
            is_late = bool(current) and paragraph[-1][1] - current[0][0] > size
            if is_late and (is_whole or _length(current) > size // 2):
                yield _cut(text, section, current, known)
                current = []
            for span in paragraph:
                if current and span[1] - current[0][0] > size:
                    yield _cut(text, section, current, known)
                    current = []
                current.append(span)
        if current:
            yield _cut(text, section, current, known)


def _cut(text: str, section: Section, spans: list[Span], known: Parts) -> Cut:
    marks = [known.mark(text, start) for start, _ in spans]
    marks = [replace(m, kind="heading") if s[0] in section.headings else m for m, s in zip(marks, spans, strict=True)]
    names = marks[0].lead if marks[0].kind == "row" else ""
    return Cut(UNDER.join(filter(None, [section.heading, names])), tuple(spans), tuple(marks))


def _length(spans: list[Span]) -> int:
    return spans[-1][1] - spans[0][0]


def _says_nothing(heading: str, following: str) -> bool:
    """Tell a heading that only names what follows from a short line that may answer: one with a figure or a colon."""
    if HEADING_MARK.match(heading) or DIVISION.match(heading):
        return True
    is_bare = not any(map(str.isdigit, NUMBERED.sub("", heading))) and ":" not in heading
    return is_bare and following[-1:] in STOPS


def _is_heading(block: str) -> bool:
    """Tell a heading: marked, or one short line that ends as no sentence does (a question may be one)."""
    if HEADING_MARK.match(block):
        return True
    short = len(block) <= MAX_HEADING and not ITEM.match(block)
    return short and block[-1] not in ".!…,;:»”’'\")]" and block[0] not in "«“‘'\"([—"
