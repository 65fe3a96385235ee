"""Words as the index sees them: French and English stems, folded accents, word beginnings."""

from dataclasses import dataclass

from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

from rag.text.searchable import searchable

PREFIX_LENGTH = 5


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
    text = searchable(text)
    return {name: set(analyzer.analyze(text)) for name, analyzer in ANALYZERS.items()}


def coverage(query: list[Word], found: dict[str, set[str]]) -> float:
    """Compute the share of a question's words, by weight, that the tokens of a text match."""
    total = sum(word.weight for word in query)
    return sum(word.weight * word.strength(found) for word in query) / total if total else 0.0


def add_form(forms: dict[str, dict[str, float]], name: str, spelling: str, strength: float) -> None:
    """Add a spelling to the forms of a word, as an analyzer sees it."""
    for token in ANALYZERS[name].analyze(spelling)[:1]:
        if name != "begin" or len(token) == PREFIX_LENGTH:
            forms[name][token] = max(strength, forms[name].get(token, 0.0))
