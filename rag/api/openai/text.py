"""An answer as OpenAI's clients receive it: its text, what is new of it, and what its words rest on."""

import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from rag.answer.answer import Answer
from rag.schema import Citation

PLACE = ("source", "page", "start", "end", "quote")


def shown(text: str) -> str:
    """Keep a picture that a document names from being fetched: it becomes a link.

    An exclamation mark gives way to one of the same width, so that spans hold.
    """
    return text.replace("![", "\uff01[")


def new_id(prefix: str) -> str:
    """Make a name that no other object has."""
    return f"{prefix}_{uuid.uuid4().hex}"


class Growth:
    """Say what is new in each state of an answer.

    What a client was sent cannot be taken back: where a model's words are given up, the answer
    begins anew after an empty line, `offset` characters into all that was sent.
    """

    def __init__(self, answers: Iterator[Answer]) -> None:
        self._answers = answers
        self.offset = 0
        self.answer: Answer | None = None

    def __iter__(self) -> Iterator[str]:
        """Yield what is new."""
        said = ""
        for answer in self._answers:
            self.answer = answer
            text = shown(answer.text)
            if not text.startswith(said):
                yield "\n\n"
                self.offset += len(said) + 2
                said = ""
            if text != said:
                yield text[len(said) :]
            said = text


def url_citations(answer: Answer, base_url: str, offset: int = 0) -> list[dict[str, Any]]:
    """List what each statement rests on: a page of the source, with the exact span beside."""
    cited = {citation.number: citation for citation in answer.citations}
    return [
        {
            "url": _url(cited[number], base_url),
            "title": cited[number].title,
            "start_index": start + offset,
            "end_index": end + offset,
            **{name: getattr(cited[number], name) for name in PLACE},
        }
        for statement, (start, end) in zip(answer.statements, answer.spans, strict=True)
        for number in statement.citations
        if number in cited
    ]


def _url(citation: Citation, base_url: str) -> str:
    place = urlencode({"source": citation.source, "span": f"{citation.start}-{citation.end}"})
    return f"{base_url}document?{place}"
