"""The `[n]` marks of a model's text: a stream of pieces → sentences with the numbers that they cite."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.text.sentences import sentences

MARK = re.compile(r"\[(\d{1,3})\]")
# What models write for a mark: [1], [1, 2], [1-3], [[1]], 【1】.
WRITTEN = re.compile(r"(?:\[{1,2}|【)[ ]?(\d{1,3}(?:[ ]?[,;–-][ ]?\d{1,3}){0,9})[ ]?(?:\]{1,2}|】)")
# What a model may have been talked into: pictures and comments, which end a sentence; tags, and turns of a chat.
PICTURE = re.compile(r"!\[[^\]\n]*\]\([^)\n]*\)|<!--.*?-->|<img\b[^<>\n]{0,300}>", re.DOTALL | re.IGNORECASE)
TAG = re.compile(r"</?[A-Za-z|][^<>\n]{0,300}>|\[/?INST\]")
LINK = re.compile(r"\[([^\[\]\n]+)\]\([^)\n]*\)")
UNFINISHED = re.compile(
    r"(?:\[{1,2}|【)[\d ,;–-]{0,60}\]?$|[`*]{1,2}$"
    r"|!$|!?\[[^\]\n]{0,300}$|!?\[[^\]\n]*\](?:\([^)\n]{0,500})?$|<(?:!--(?:(?!-->).){0,500}|[A-Za-z/|!-][^<>\n]{0,300})?$",
    re.DOTALL,
)
RANGE = re.compile(r"(\d{1,3})[ ]?[–-][ ]?(\d{1,3})")
WIDEST_RANGE = 9
FENCE = "```"
BULLET = re.compile(r"(?:[-*•–]|\d{1,2}[.)])[ \t\u00a0]+|#{1,6}[ \t]+")


def marks(text: str) -> list[int]:
    """Read the numbers of all marks in a text, in order."""
    return [int(number) for number in MARK.findall(text)]


@dataclass(frozen=True)
class MarkedSentence:
    """Hold a sentence of a model's text without its marks, the numbers they named, and what stood before it."""

    text: str
    numbers: tuple[int, ...]
    before: str


class MarkedStream:
    """Cut text that comes in pieces into sentences with their marks; a mark after the full stop belongs to it.

    An unfinished mark or tag is held back, and so is a sentence until the next one begins. Inside a fenced block of
    code brackets are brackets.
    """

    def __init__(self) -> None:
        self._raw = ""
        self._plain = ""
        self._marks: list[tuple[int, tuple[int, ...]]] = []
        self._given = 0  # characters of the plain text whose sentences were given

    def feed(self, piece: str) -> Iterator[MarkedSentence]:
        """Take a piece of text and yield the sentences that are whole by now."""
        self._raw += piece
        held = UNFINISHED.search(self._raw)
        cut = held.start() if held else len(self._raw)
        self._take(self._raw[:cut])
        self._raw = self._raw[cut:]
        yield from self._sentences(last=False)

    def finish(self) -> Iterator[MarkedSentence]:
        """Yield what is left."""
        self._take(self._raw)
        self._raw = ""
        yield from self._sentences(last=True)

    def _take(self, text: str) -> None:
        text = without_markup(text)
        at = 0
        for mark in WRITTEN.finditer(text):
            before = text[at : mark.start()]
            if (self._plain + before).count(FENCE) % 2:
                continue
            self._plain = (self._plain + before).rstrip(" ")  # the space before a mark goes with it
            self._marks.append((len(self._plain), _numbers(mark[1])))
            at = mark.end()
        self._plain += text[at:]

    def _sentences(self, last: bool) -> Iterator[MarkedSentence]:
        offset = self._given
        spans = [(start + offset, end + offset) for start, end in sentences(self._plain[offset:])]
        for place, (start, end) in enumerate(spans if last else spans[:-1]):
            following = spans[place + 1][0] if place + 1 < len(spans) else len(self._plain) + 1
            numbers = [n for at, found in self._marks if start <= at < following for n in found]
            bullet = BULLET.match(self._plain[start:end])
            begin = start + len(bullet[0]) if bullet else start
            text = self._plain[begin:end].replace("**", "").strip()
            gap = self._plain[self._given : start]
            before = ("\n" if "\n" in gap else " ") + (bullet[0] if bullet and not bullet[0].startswith("#") else "")
            self._given = end
            if any(map(str.isalnum, text)):
                yield MarkedSentence(text, tuple(dict.fromkeys(numbers)), before)


def without_markup(text: str) -> str:
    """Leave out what is neither a sentence nor a mark; of a link the words stay."""
    bare = TAG.sub("", PICTURE.sub("\n\n", text))
    return LINK.sub(lambda link: f"[{link[1]}]" if link[1].strip().isdigit() else link[1], bare)


def _numbers(written: str) -> tuple[int, ...]:
    if wide := RANGE.fullmatch(written):
        first, last = int(wide[1]), int(wide[2])
        if first < last <= first + WIDEST_RANGE:
            return tuple(range(first, last + 1))
    return tuple(int(number) for number in re.findall(r"\d+", written))
