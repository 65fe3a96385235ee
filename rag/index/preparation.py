"""A document's text → passages with vectors; an index of an earlier version → today's."""

from functools import partial

from rag.documents.splitter import passages
from rag.index.embeddings import Embedder
from rag.index.protocol import Embedded, Index, Progress
from rag.schema import Document, Passage
from rag.text.language import detect_language
from rag.text.searchable import plain_with

TELLING = 300  # characters of a passage that tell its language


def embedded_passages(document: Document, embedder: Embedder) -> list[Embedded]:
    """Split a document into passages and embed their sentences."""
    new: list[Passage] = []
    for cut in passages(document.text, parts=document.parts):
        start, end = cut.spans[0][0], cut.spans[-1][1]
        text = document.text[start:end]
        language = detect_language(text[:TELLING])
        place = (document.source, document.title, start, end, cut.heading, language)
        new.append(Passage(*place, text, cut.spans, marks=cut.marks))
    # The model reads what a person sees: without soft hyphens, with accents composed.
    inside = [[(a - p.start, b - p.start) for a, b in p.spans] for p in new]
    plain = [plain_with(p.text, spans) for p, spans in zip(new, inside, strict=True)]
    vectors = embedder.encode_sentences([t for t, _ in plain], [spans for _, spans in plain])
    return list(zip(new, vectors, strict=True))


def prepare(index: Index, progress: Progress = lambda *_: None) -> None:
    """Make an index ready for changes; the caller is the writer.

    One of an earlier version is brought up to date. Raises `RagError` where it was made with
    other settings.
    """
    if index.is_outdated():
        renew(index, progress)
    index.check_settings()


def renew(index: Index, progress: Progress) -> None:
    """Split and embed all documents again with today's settings."""
    index.renew(partial(embedded_passages, embedder=index.embedder), progress)
