"""Words: a Tantivy index of the passages, in all forms that `rag/text/analysis.py` makes of them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import tantivy
from tantivy import Occur, Query

from rag.text.analysis import FORMS, analyze
from rag.text.weights import BOOSTS, Word

HEAP = 64_000_000  # bytes
CONTEXT_BOOST = 0.35  # of a match in the title, the heading or the head of the document


@dataclass(frozen=True)
class Row:
    """Hold what is searched of a passage: its text, and the words around it."""

    id: int
    document: int
    text: str
    context: str


def build(folder: Path, rows: Iterable[Row]) -> None:
    """Write an index of the passages into an empty folder."""
    schema = tantivy.SchemaBuilder().add_integer_field("id", stored=True, indexed=True, fast=True)
    schema = schema.add_integer_field("document", indexed=True)
    for name in FORMS:
        schema = schema.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
        schema = schema.add_text_field(f"{name}_context", tokenizer_name="whitespace", index_option="basic")
    index = tantivy.Index(schema.build(), path=str(folder))
    writer = index.writer(HEAP, 1)
    for row in rows:
        texts = {name: " ".join(words) for name, words in analyze(row.text).items()}
        context = {f"{name}_context": " ".join(words) for name, words in analyze(row.context).items()}
        writer.add_document(tantivy.Document(id=row.id, document=row.document, **texts, **context))
    writer.commit()
    writer.wait_merging_threads()


class LexicalIndex:
    """Search an index that `build` has written; what is opened does not change any more."""

    def __init__(self, folder: Path) -> None:
        index = tantivy.Index.open(str(folder))
        self._schema = index.schema
        self._searcher = index.searcher()

    def search(self, query: list[Word], k: int, documents: Sequence[int] | None = None) -> list[tuple[int, float]]:
        """Give the ids of the k best passages and their scores, of some documents or of all.

        A score is a BM25 sum over words of each word's best match.
        """
        if not query:
            return []
        parts = [(Occur.Should, Query.disjunction_max_query(list(self._matches(word)), 0.1)) for word in query]
        wanted = Query.boolean_query(parts)
        if documents is not None:
            own = Query.term_set_query(self._schema, "document", list(documents))
            parts = [(Occur.Must, wanted), (Occur.Must, Query.const_score_query(own, 0.0))]
            wanted = Query.boolean_query(parts)
        hits = self._searcher.search(wanted, k, count=False).hits
        ids = self._searcher.fast_field_values("id", [address for _, address in hits])
        return [(int(i or 0), score) for i, (score, _) in zip(ids, hits, strict=True)]

    @property
    def count(self) -> int:
        """Return the number of passages."""
        return self._searcher.num_docs

    def frequency(self, form: str, token: str) -> int:
        """Return the number of passages that hold a token."""
        return self._searcher.doc_freq(form, token)

    def terms(self, form: str, prefix: str) -> Iterator[str]:
        """Return the tokens that begin with a prefix."""
        return (term for term, _ in self._searcher.terms_with_prefix(form, prefix))

    def _matches(self, word: Word) -> Iterator[Query]:
        for name, forms in word.forms.items():
            for token, strength in forms.items():
                for field, boost in ((name, 1.0), (f"{name}_context", CONTEXT_BOOST)):
                    query = Query.term_query(self._schema, field, token)
                    yield Query.boost_query(query, boost * strength * BOOSTS[name])
