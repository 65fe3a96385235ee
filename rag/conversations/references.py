"""What the answers of a conversation cite: each quote as a note, and the list of the documents."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from rag.conversations.tables import Turn
from rag.text.language import Language

PAGE: dict[Language, str] = {"fr": "page\u00a0{}", "en": "page {}"}
PAGES: dict[Language, str] = {"fr": "pages\u00a0{}", "en": "pages {}"}
QUOTED: dict[Language, str] = {"fr": "«\u00a0{}\u00a0»", "en": "“{}”"}
SOURCES: dict[Language, str] = {"fr": "Sources", "en": "Sources"}
UNANSWERED: dict[Language, str] = {"fr": "Sans réponse.", "en": "Not answered."}


BREAKS = re.compile(r"[ \t\n\r\x0b\x0c\x85\u2028\u2029]+")  # not the no-break spaces of French
UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def one_line(words: str) -> str:
    """Write a text on one line, without the characters that no file of text or XML should hold."""
    return UNSEEN.sub("", BREAKS.sub(" ", words)).strip()


@dataclass(frozen=True)
class Note:
    """Hold a quote with where it stands; `number` counts the notes of a whole conversation."""

    number: int
    quote: str
    place: str

    def told(self, language: Language) -> str:
        """Write the note."""
        return f"{QUOTED[language].format(self.quote)} — {self.place}"


@dataclass
class Notes:
    """Number the quotes of several answers from 1 on, and remember which documents they are from."""

    language: Language
    notes: list[Note] = field(default_factory=list)
    _pages: dict[tuple[str, str], set[int]] = field(default_factory=dict)

    def of(self, answer: dict[str, Any], statement: dict[str, Any]) -> list[Note]:
        """Make the notes of a statement."""
        cited = {c["number"]: c for c in answer["citations"]}
        made = [self._note(cited[number]) for number in statement["citations"] if number in cited]
        self.notes += made
        return made

    def _note(self, citation: dict[str, Any]) -> Note:
        title, source, page = citation["title"], citation["source"], citation["page"]
        pages = self._pages.setdefault((title, source), set())
        where = [source]
        if page:
            pages.add(page)
            where.append(PAGE[self.language].format(page))
        number = len(self.notes) + 1
        return Note(number, one_line(citation["quote"]), f"{title}, {', '.join(where)}")

    @property
    def sources(self) -> list[str]:
        """List the documents, each with the pages that were quoted."""
        return [self._source(*document, sorted(pages)) for document, pages in self._pages.items()]

    def _source(self, title: str, source: str, pages: Sequence[int]) -> str:
        if not pages:
            return f"{title}, {source}"
        form = PAGE if len(pages) == 1 else PAGES
        return f"{title}, {source}, {form[self.language].format(', '.join(map(str, pages)))}"


def answers(turns: Iterable[Turn]) -> list[tuple[str, dict[str, Any] | None]]:
    """List the questions with their answers; None where there is none."""
    return [(turn.question, turn.answer if turn.answer and "problem" not in turn.answer else None) for turn in turns]
