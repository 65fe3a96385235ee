"""Answers about the documents themselves: which there are, and what one of them says in a few of its own sentences."""

from collections.abc import Sequence

import numpy as np

from rag.answer import wording
from rag.answer.answer import Statement, Verdict
from rag.index.protocol import Entry, Found
from rag.retrieval.reading import SILENT, is_statement
from rag.schema import Citation, Quote
from rag.text.language import Language

LISTED = 30  # documents
CENTRAL = 5  # sentences
LENGTHS = range(60, 400)  # characters of a sentence that can stand in an outline
ALIKE = 0.92  # a cosine from which a sentence repeats one that was chosen
HEADINGS = 8


def listing(documents: Sequence[Entry], language: Language) -> list[Statement]:
    """List the documents by title."""
    if not documents:
        return [Statement(wording.NOTHING_INDEXED[language])]
    head = Statement(wording.DOCUMENTS[language].format(count=wording.counted(language, len(documents), "document")))
    lines = [
        Statement(f"{d.title} ({d.source})", before="\n\n- " if n == 0 else "\n- ") for n, d in enumerate(documents)
    ]
    more = [Statement(wording.MORE[language].format(len(documents) - LISTED), before="\n\n")] * (len(lines) > LISTED)
    return [head, *lines[:LISTED], *more]


def central_quotes(passages: Sequence[Found]) -> list[Quote]:
    """Choose the sentences nearest to what the document says on the whole, unlike each other, in reading order."""
    rows = [
        (f, n)
        for f in passages
        for n, text in enumerate(f.passage.sentences)
        if len(text) in LENGTHS and f.passage.mark(n).kind not in SILENT and is_statement(text)
    ]
    if not rows:
        return []
    vectors = np.stack([f.vectors[n] for f, n in rows])
    order = np.argsort(-(vectors @ vectors.mean(axis=0)))
    chosen: list[int] = []
    for row in map(int, order):
        if all(vectors[row] @ vectors[other] < ALIKE for other in chosen):
            chosen.append(row)
        if len(chosen) == CENTRAL:
            break
    picked = [rows[row] for row in sorted(chosen)]
    return [Quote(f.passage, *f.passage.spans[n]) for f, n in picked]


def outline(passages: Sequence[Found], citations: Sequence[Citation], language: Language) -> list[Statement]:
    """Write what a document is about: its headings, then its most central sentences, word for word."""
    title = passages[0].passage.title
    headings = list(dict.fromkeys(f.passage.heading for f in passages if f.passage.heading not in ("", title)))
    head = [Statement(wording.OUTLINE[language].format(title=title))]
    if headings:
        told = " · ".join(headings[:HEADINGS])
        head.append(Statement(wording.HEADINGS[language].format(headings=told), before="\n\n"))
    return [
        *head,
        *(
            Statement(c.quote, (c.number,), Verdict.SUPPORTED, before="\n\n- " if c.number == 1 else "\n- ")
            for c in citations
        ),
    ]
