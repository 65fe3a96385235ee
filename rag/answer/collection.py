"""Answers about the documents themselves: which there are, and what one of them says in a few of its own sentences."""

import re
from collections.abc import Sequence
from itertools import groupby

import numpy as np

from rag.answer.answer import Statement, Verdict
from rag.answer.wording import counted, say
from rag.retrieval.reading import SILENT, is_statement
from rag.schema import Citation, Entry, Found, Quote
from rag.text.language import Language

LISTED = 30  # documents
CENTRAL = 5  # sentences
LENGTHS = range(60, 400)  # characters of a sentence that can stand in an outline
ALIKE = 0.92  # a cosine from which a sentence repeats one that was chosen
SECTIONS = range(3, 21)  # of a document that is outlined by them, one sentence each
TELLING = range(25, 500)  # characters of such a sentence
FIGURE = re.compile(
    r"\d[\d\s.,]*(?:%|€|euros?|jours?|semaines?|mois|ans|années?|heures?|days?|weeks?|months?|years?|hours?)"
)
FIGURE_WEIGHT = 0.15  # of a figure with its unit, against cosines


def listing(documents: Sequence[Entry], language: Language) -> list[Statement]:
    """List the documents by title."""
    if not documents:
        return [Statement(say("nothing_indexed", language))]
    count = counted(language, len(documents), "document")
    head = Statement(say("documents", language, count=count))
    lines = [
        Statement(f"{d.title} ({d.source})", before="\n\n- " if n == 0 else "\n- ") for n, d in enumerate(documents)
    ]
    rest = len(documents) - LISTED
    more = [Statement(say("more", language, count=rest), before="\n\n")] if rest > 0 else []
    return [head, *lines[:LISTED], *more]


def central_quotes(passages: Sequence[Found]) -> list[Quote]:
    """Choose what an outline quotes, in reading order: a sentence of each section, or the document's most central ones.

    Where there are sections, it is the sentence nearest to what its section says on the whole, figures preferred.
    """
    parts = sections(passages)
    if len(parts) < SECTIONS.start:
        return _central(passages)
    return [quote for part in parts[: SECTIONS.stop - 1] if (quote := _telling(part))]


def sections(passages: Sequence[Found]) -> list[list[Found]]:
    """Cut a document where its headings change; what stands under its title alone is no section."""
    title = passages[0].passage.title if passages else ""
    parts = [list(part) for _, part in groupby(passages, lambda f: f.passage.heading)]
    return [part for part in parts if part[0].passage.heading not in ("", title)]


def _telling(part: Sequence[Found]) -> Quote | None:
    rows = [(f, n, text) for f in part for n, text in enumerate(f.passage.sentences)]
    rows = [row for row in rows if len(row[2]) in TELLING and row[2].strip() != row[0].passage.heading]
    if not rows:
        return None
    vectors = np.stack([f.vectors[n] for f, n, _ in rows])
    scores = vectors @ vectors.mean(axis=0)
    scores += [FIGURE_WEIGHT * bool(FIGURE.search(text)) + is_statement(text) for _, _, text in rows]
    f, n, _ = rows[int(np.argmax(scores))]
    return Quote(f.passage, *f.passage.spans[n])


def _central(passages: Sequence[Found]) -> list[Quote]:
    """Choose the sentences nearest to what the document says on the whole, unlike each other."""
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
    """Write what a document is about: section by section, or its most central sentences, word for word."""
    title = passages[0].passage.title
    parts = sections(passages)
    if len(parts) < SECTIONS.start:
        return [Statement(say("outline", language, title=title)), *map(_quoted, citations)]
    statements = [Statement(say("sections", language, title=title))]
    for citation in citations:
        before = "\n\n- " if citation.number == 1 else "\n- "
        heading = next(f.passage.heading for f in passages if f.passage.start <= citation.start < f.passage.end)
        statements.append(Statement(say("section", language, heading=heading), before=before))
        statements.append(Statement(citation.quote, (citation.number,), Verdict.SUPPORTED))
    more = len(parts) - SECTIONS.stop + 1
    return [*statements, *[Statement(say("more", language, count=more), before="\n\n")] * (more > 0)]


def _quoted(citation: Citation) -> Statement:
    before = "\n\n- " if citation.number == 1 else "\n- "
    return Statement(citation.quote, (citation.number,), Verdict.SUPPORTED, before=before)
