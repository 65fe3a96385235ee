"""Words: a Tantivy index of the passages, French and English at once, accents folded, misspellings tolerated."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path

import tantivy
from rapidfuzz import process
from rapidfuzz.distance import OSA
from tantivy import Occur, Query

from rag.index.analysis import ANALYZERS, BOOSTS, Word, add_form
from rag.text.language import Language, other_language
from rag.text.lexicon import translations
from rag.text.searchable import searchable
from rag.text.words import words

HEAP = 64_000_000  # bytes
CONTEXT_BOOST = 0.35  # of a match in the title, the heading or the head of the document
CORRECTED = 0.7  # of a match with a word spelled nearly alike, for words that the documents do not hold
MIN_CORRECTED, LONG = 4, 8  # letters: from these on, one and two may be wrong
TRANSLATED = 0.8  # of a match with a certain translation
EXACT = ("fr", "en", "plain")


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
    for name in ANALYZERS:
        schema = schema.add_text_field(name, tokenizer_name=name, index_option="freq")
        schema = schema.add_text_field(f"{name}_context", tokenizer_name=name, index_option="basic")
    index = tantivy.Index(schema.build(), path=str(folder))
    _register(index)
    writer = index.writer(HEAP, 1)
    for row in rows:
        text, context = searchable(row.text), searchable(row.context)
        texts = dict.fromkeys(ANALYZERS, text) | {f"{name}_context": context for name in ANALYZERS}
        writer.add_document(tantivy.Document(id=row.id, document=row.document, **texts))
    writer.commit()
    writer.wait_merging_threads()


def _register(index: tantivy.Index) -> None:
    for name, analyzer in ANALYZERS.items():
        index.register_tokenizer(name, analyzer)


class LexicalIndex:
    """Search an index that `build` has written; what is opened does not change any more."""

    def __init__(self, folder: Path) -> None:
        self._index = tantivy.Index.open(str(folder))
        _register(self._index)
        self._schema = self._index.schema
        self._searcher = self._index.searcher()

    def parse(self, text: str, language: Language) -> list[Word]:
        """Turn a question into its words, each with the forms in which passages of either language may hold it."""
        return [self._word(word, language) for word in words(searchable(text))]

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

    def _word(self, word: str, language: Language) -> Word:
        forms: dict[str, dict[str, float]] = {name: {} for name in ANALYZERS}
        spellings = {word: 1.0} if self._count(word) else {word: 1.0, **self._corrections(word)}
        for spelling, strength in spellings.items():
            for name in ANALYZERS:
                add_form(forms, name, spelling, strength)
        other = other_language(language)
        translated = translations(word, language)
        for translation, trust in translated.items():
            for name in (other, "plain"):
                add_form(forms, name, translation, TRANSLATED * trust)
        frequency = max(map(self._count, spellings)) or max(map(self._count, translated), default=0)
        return Word(word, log(1 + (self._searcher.num_docs - frequency + 0.5) / (frequency + 0.5)), forms)

    def _corrections(self, word: str) -> dict[str, float]:
        plain = "".join(ANALYZERS["plain"].analyze(word)[:1])  # nothing for "____"
        if len(plain) < MIN_CORRECTED or not plain.isalpha():
            return {}
        terms = [term for term, _ in self._searcher.terms_with_prefix("plain", plain[0])]
        distance = 1 if len(plain) < LONG else 2
        found = process.extract(plain, terms, scorer=OSA.distance, score_cutoff=distance, limit=2)
        return {term: CORRECTED for term, _, _ in found}

    def _count(self, word: str) -> int:
        """Count the passages that hold a word, or a form of it."""
        return max(
            self._frequency(name, token) for name in EXACT for token in ANALYZERS[name].analyze(word)[:1] or [""]
        )

    def _frequency(self, field: str, token: str) -> int:
        return self._searcher.doc_freq(field, token)

    def _matches(self, word: Word) -> Iterator[Query]:
        for name, forms in word.forms.items():
            for token, strength in forms.items():
                for field, boost in ((name, 1.0), (f"{name}_context", CONTEXT_BOOST)):
                    query = Query.term_query(self._schema, field, token)
                    yield Query.boost_query(query, boost * strength * BOOSTS[name])
