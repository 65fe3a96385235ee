"""What is read at once: a sentence of a passage with those around it, or a row of a table with its columns' names."""

from dataclasses import dataclass
from functools import cached_property

from rag.schema import Passage
from rag.text.structure import Span
from rag.text.tables import labelled

ROOM = 420  # characters, where the sentence alone is no longer


@dataclass(frozen=True)
class Window:
    """Hold a run of sentences of a passage, from the number of the first to that of the last."""

    passage: Passage
    first: int
    last: int

    @classmethod
    def around(cls, passage: Passage, number: int) -> "Window":
        """Take the sentences before and after one in turn, as long as there is room; a row of a table stands alone."""
        spans = passage.spans
        first = last = number
        grows = not _is_alone(passage, number)
        while grows:
            grows = False
            if first and not _is_alone(passage, first - 1) and spans[last][1] - spans[first - 1][0] <= ROOM:
                first, grows = first - 1, True
            if (
                last + 1 < len(spans)
                and not _is_alone(passage, last + 1)
                and spans[last + 1][1] - spans[first][0] <= ROOM
            ):
                last, grows = last + 1, True
        return cls(passage, first, last)

    def shows(self, number: int) -> bool:
        """Tell whether a sentence stands in it with what is around it: not at an edge, unless it is the passage's."""
        after_start = self.first < number or (self.first == number == 0)
        before_end = number < self.last or (number == self.last == len(self.passage.spans) - 1)
        return after_start and before_end

    @property
    def is_row(self) -> bool:
        """Return whether it is one row of a table."""
        return self.first == self.last and self.passage.mark(self.first).kind == "row"

    @cached_property
    def text(self) -> str:
        """Read the window; a row is said with the names of its columns."""
        spans, mark = self.passage.spans, self.passage.mark(self.first)
        text = self.passage.between(spans[self.first][0], spans[self.last][1])
        return labelled(mark.lead, text) if self.is_row else text

    @property
    def spans(self) -> tuple[Span, ...]:
        """List where its sentences are in its text."""
        if self.first == self.last:
            return ((0, len(self.text)),)
        own = self.passage.spans[self.first : self.last + 1]
        return tuple((start - own[0][0], end - own[0][0]) for start, end in own)


def _is_alone(passage: Passage, number: int) -> bool:
    """Tell what is read without what stands around it."""
    return passage.mark(number).kind in ("row", "names", "contents")
