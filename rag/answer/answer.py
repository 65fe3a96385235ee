"""An answer: what is said, what left the machine for it, and how it came about."""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from rag.schema import Citation, Found, Kind
from rag.text.language import Language
from rag.text.structure import Span

LIKE_A_MARK = re.compile(r"\[(?=\d)")


class Verdict(StrEnum):
    """Name what checking a sentence against the span it cites came to."""

    SUPPORTED = "supported"
    PARTLY = "partly"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True)
class Statement:
    """Hold a piece of an answer: a sentence with what it cites, or words of the program's own, which cite nothing.

    `before` is what stands between it and the piece before it; `reason` says why it is not wholly supported; `telling`
    are the words in it that answer (offsets into it, alike where none are known).
    """

    text: str
    citations: tuple[int, ...] = ()
    verdict: Verdict | None = None
    reason: str = ""
    before: str = " "
    telling: Span = (0, 0)


@dataclass(frozen=True)
class Sent:
    """Hold what left the machine: to which host, and how many earlier turns and passages beside the question."""

    host: str = ""
    turns: int = 0
    passages: int = 0

    def __or__(self, other: "Sent") -> "Sent":
        """Join two sendings of one question."""
        host = self.host or other.host
        return Sent(host, max(self.turns, other.turns), max(self.passages, other.passages))


@dataclass(frozen=True)
class Trace:
    """Hold how an answer came about: what was searched and found, how sure it is, what model wrote it, in what time.

    `otherwise` is how the question might also have been understood. `removed` counts sentences of the model that were
    not supported and are not shown; `tokens` those that it wrote.
    """

    searched: str
    kind: Kind = "search"
    found: tuple[Found, ...] = ()
    confidence: float = 0.0
    seconds: dict[str, float] = field(default_factory=dict)
    model: str | None = None
    tokens: int = 0
    removed: int = 0
    otherwise: str = ""


@dataclass(frozen=True)
class Answer:
    """Hold an answer as it is shown.

    `notice` tells the person what went otherwise than planned. Where an answer is streamed, only the last one is
    `final`.
    """

    question: str
    language: Language
    statements: tuple[Statement, ...]
    trace: Trace
    citations: tuple[Citation, ...] = ()
    refused: bool = False
    notice: str = ""
    sent: Sent = Sent()
    final: bool = True

    @property
    def text(self) -> str:
        """Write the answer as a person reads it, marks included."""
        return "".join(self._pieces).strip()

    @property
    def spans(self) -> list[Span]:
        """Say where each statement stands in the text, with its marks."""
        text = "".join(self._pieces)
        spans, begin = list[Span](), len(text.lstrip()) - len(text)
        for statement, piece in zip(self.statements, self._pieces, strict=True):
            spans.append((begin + len(statement.before), begin + len(piece)))
            begin += len(piece)
        return spans

    @property
    def _pieces(self) -> list[str]:
        return [
            f"{s.before}{without_marks(s.text)}{''.join(f' [{number}]' for number in s.citations)}"
            for s in self.statements
        ]

    def to_dict(self) -> dict[str, Any]:
        """Describe the answer for programs: the object of `ask --json`, of receipts and of the window."""
        kept = ("number", "source", "title", "start", "end", "page", "quote")
        return {
            "question": self.question,
            "kind": self.trace.kind,
            "searched": self.trace.searched,
            **({"otherwise": self.trace.otherwise} if self.trace.otherwise else {}),
            "answer": self.text,
            "refused": self.refused,
            "language": self.language,
            "statements": [
                {
                    "text": s.text,
                    "citations": list(s.citations),
                    "verdict": s.verdict,
                    "reason": s.reason,
                    "before": s.before,
                    "telling": list(s.telling),
                }
                for s in self.statements
            ],
            "citations": [{name: getattr(c, name) for name in kept} for c in self.citations],
            "passages": [passage_dict(f) for f in self.trace.found],
            "model": self.trace.model,
            **({"notice": self.notice} if self.notice else {}),
            "sent": {"host": self.sent.host, "turns": self.sent.turns, "passages": self.sent.passages},
            "seconds": {name: round(value, 4) for name, value in self.trace.seconds.items()},
        }


def passage_dict(found: Found) -> dict[str, Any]:
    """Describe a passage that was found, for programs."""
    p = found.passage
    score = round(found.score, 4)
    return {"source": p.source, "title": p.title, "start": p.start, "end": p.end, "score": score, "text": p.text}


def without_marks(text: str) -> str:
    """Keep a bracketed number of a source from being read as a mark: a word joiner, which is not seen, goes in."""
    return LIKE_A_MARK.sub("[\u2060", text)
