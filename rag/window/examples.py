"""The example questions of the first screen: those of ours that today's documents answer."""

from rag.schema import Scope
from rag.service.engine import Engine
from rag.text.language import Language

EXAMPLES: dict[Language, tuple[str, ...]] = {
    "fr": (
        "Quels outils Kaufman recommande-t-il aux juristes\u00a0?",
        "Pourquoi Klarna réembauche-t-elle des humains\u00a0?",
        "Quels métiers seraient les premiers touchés\u00a0?",
    ),
    "en": (
        "What tools does Kaufman recommend for lawyers?",
        "Why is Klarna hiring people again?",
        "Which jobs would be affected first?",
    ),
}

PUBLIC = Scope(groups=frozenset())  # what everybody sees: the examples are the same for all


class Examples:
    """Know which example questions the documents answer; asked anew when the documents change."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._answered: tuple[int, set[str]] = (-1, set())

    def of(self, language: Language) -> list[str]:
        """List those that are answered, most of them in a language; none while the model loads."""
        if not self._engine.is_answering:
            return []
        version = self._engine.index.version
        if self._answered[0] != version:
            answering = self._engine.answering()
            every = (question for examples in EXAMPLES.values() for question in examples)
            self._answered = (version, {question for question in every if answering.has_answer(question, PUBLIC)})
        others = (examples[0] for known, examples in EXAMPLES.items() if known != language)
        shown = (*EXAMPLES[language], *others)
        return [question for question in shown if question in self._answered[1]]
