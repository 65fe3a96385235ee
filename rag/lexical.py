"""Words: a Tantivy index of the passages, French and English at once, accents folded, misspellings tolerated."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import log
from pathlib import Path

import tantivy
from rapidfuzz import process
from rapidfuzz.distance import OSA
from tantivy import Filter, Occur, Query, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

from rag.language import Language
from rag.lexicon import translations

PREFIX_LENGTH = 5
HEAP = 64_000_000  # bytes


def _analyzer(tokenizer: Tokenizer, *filters: Filter) -> TextAnalyzer:
    builder = TextAnalyzerBuilder(tokenizer).filter(Filter.lowercase())
    for step in filters:
        builder = builder.filter(step)
    return builder.filter(Filter.ascii_fold()).build()


# How a word of the question may be met, and what a match counts for. `begin` holds the first letters of each
# word: French and English share roots (automation, automatisation), and so do the forms of a stem
# (truncation as in McNamee & Mayfield 2004).
ANALYZERS = {
    "fr": _analyzer(Tokenizer.simple(), Filter.stemmer("french")),
    "en": _analyzer(Tokenizer.simple(), Filter.stemmer("english")),
    "plain": _analyzer(Tokenizer.simple()),
    "begin": _analyzer(Tokenizer.regex(rf"\b\w{{1,{PREFIX_LENGTH}}}")),
}
BOOSTS = {"fr": 1.0, "en": 1.0, "plain": 1.0, "begin": 0.5}
CONTEXT_BOOST = 0.35  # of a match in the title, the heading or the head of the document
CORRECTED = 0.7  # of a match with a word spelled nearly alike, for words that the documents do not hold
MIN_CORRECTED, LONG = 4, 8  # letters: from these on, one and two may be wrong
TRANSLATED = 0.8  # of a match with a certain translation
EXACT = ("fr", "en", "plain")

WORD = re.compile(r"\w+")
STOP_WORDS = frozenset(
    """
    a à ai aie au aucun aurait aussi autre aux avec avait avoir ayant c ça car ce ceci cela celle celles celui
    ces cet cette ceux chez ci combien comme comment d dans de depuis des dire dit donc dont du elle elles en
    entre es est et étaient était été être eu eux fait faire faut il ils j je jusque l la là laquelle le
    lequel les lesquelles lesquels leur leurs lors lui m ma mais me même mes moi mon n ne ni nos notre nous on
    ont où ou par parce pas peu peut peuvent plus pour pourquoi pourrait qu quand que quel quelle quelles
    quels qui quoi s sa sans se selon sera serait ses si son sont sous sur t ta te tes toi ton tous tout toute
    toutes très tu un une va vers veut vos votre vous y
    about am an and any are as at be because been being but by can could did do does for from had has have he
    her him his how i if in into is it its just me my no nor not of on or our own s she should so some such t
    tell than that the their them then there these they this those to too us was we were what when where which
    while who whom whose why will with would you your
    """.split()
)


@dataclass(frozen=True)
class Row:
    """Hold what is searched of a passage: its text, and the words around it."""

    id: int
    text: str
    context: str


def words(text: str) -> list[str]:
    """Give the words that carry the meaning of a question, lower-cased, in order and once each; all if none does."""
    found = list(dict.fromkeys(word.casefold() for word in WORD.findall(text)))
    return [w for w in found if w not in STOP_WORDS and (len(w) > 1 or w.isdigit())] or found


def build(folder: Path, rows: Iterable[Row]) -> None:
    """Write an index of the passages into an empty folder."""
    schema = tantivy.SchemaBuilder().add_integer_field("id", stored=True, indexed=True, fast=True)
    for name in ANALYZERS:
        schema = schema.add_text_field(name, tokenizer_name=name, index_option="freq")
        schema = schema.add_text_field(f"{name}_context", tokenizer_name=name, index_option="basic")
    index = tantivy.Index(schema.build(), path=str(folder))
    _register(index)
    writer = index.writer(HEAP, 1)
    for row in rows:
        texts = dict.fromkeys(ANALYZERS, row.text) | {f"{name}_context": row.context for name in ANALYZERS}
        writer.add_document(tantivy.Document(id=row.id, **texts))
    writer.commit()
    writer.wait_merging_threads()


def _register(index: tantivy.Index) -> None:
    for name, analyzer in ANALYZERS.items():
        index.register_tokenizer(name, analyzer)


@dataclass(frozen=True)
class Word:
    """Hold a word of a question: its weight (inverse document frequency) and the forms that match it, by analyzer.

    A form comes with its strength: 1 for the word itself, less for a likely spelling or a translation.
    """

    text: str
    weight: float
    forms: dict[str, dict[str, float]]

    def strength(self, tokens: dict[str, set[str]]) -> float:
        """Tell how well the best form of the word matches the tokens of a text, from 0 to 1."""
        matches = (
            strength * BOOSTS[name]
            for name, forms in self.forms.items()
            for token, strength in forms.items()
            if token in tokens[name]
        )
        return max(matches, default=0.0)


def tokens(text: str) -> dict[str, set[str]]:
    """Analyze a text in every way in which the index does."""
    return {name: set(analyzer.analyze(text)) for name, analyzer in ANALYZERS.items()}


def coverage(query: list[Word], found: dict[str, set[str]]) -> float:
    """Give the share of a question's words, by weight, that the tokens of a text match."""
    total = sum(word.weight for word in query)
    return sum(word.weight * word.strength(found) for word in query) / total if total else 0.0


def _add(forms: dict[str, dict[str, float]], name: str, spelling: str, strength: float) -> None:
    for token in ANALYZERS[name].analyze(spelling)[:1]:
        if name != "begin" or len(token) == PREFIX_LENGTH:
            forms[name][token] = max(strength, forms[name].get(token, 0.0))


class LexicalIndex:
    """Search an index that `build` has written; what is opened does not change any more."""

    def __init__(self, folder: Path) -> None:
        self._index = tantivy.Index.open(str(folder))
        _register(self._index)
        self._schema = self._index.schema
        self._searcher = self._index.searcher()

    def parse(self, text: str, language: Language) -> list[Word]:
        """Turn a question into its words, each with the forms in which passages of either language may hold it."""
        return [self._word(word, language) for word in words(text)]

    def search(self, query: list[Word], k: int) -> list[tuple[int, float]]:
        """Give the ids of the k best passages and their scores: a BM25 sum over words of each word's best match."""
        if not query:
            return []
        parts = [(Occur.Should, Query.disjunction_max_query(list(self._matches(word)), 0.1)) for word in query]
        hits = self._searcher.search(Query.boolean_query(parts), k, count=False).hits
        ids = self._searcher.fast_field_values("id", [address for _, address in hits])
        return [(int(i or 0), score) for i, (score, _) in zip(ids, hits, strict=True)]

    def _word(self, word: str, language: Language) -> Word:
        forms: dict[str, dict[str, float]] = {name: {} for name in ANALYZERS}
        spellings = {word: 1.0} if self._count(word) else {word: 1.0, **self._corrections(word)}
        for spelling, strength in spellings.items():
            for name in ANALYZERS:
                _add(forms, name, spelling, strength)
        other: Language = "en" if language == "fr" else "fr"
        translated = translations(word, language)
        for translation, trust in translated.items():
            for name in (other, "plain"):
                _add(forms, name, translation, TRANSLATED * trust)
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
