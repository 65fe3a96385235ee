"""Words are found across accents, elisions, forms, misspellings and the two languages."""

import gzip

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rag.index.embedded.lexical import LexicalIndex, Row, build
from rag.text.analysis import tokens
from rag.text.language import Language, detect_language
from rag.text.lexicon import LEXICON
from rag.text.weights import coverage, weigh
from rag.text.words import content_words, words

TEXTS = [
    "L’employée a été remplacée par un agent conversationnel.",
    "Les licenciements touchent d’abord les équipes de support.",
    "Les juristes utilisent Lexis+ AI et Legora pour leurs contrats.",
    "Employees may work remotely two days a week.",
    "Le taux est passé de 9,5 % à 11,5 % en avril 2024.",
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> LexicalIndex:
    folder = tmp_path_factory.mktemp("lexical")
    build(folder, [Row(number, number, text, "Un titre commun") for number, text in enumerate(TEXTS)])
    return LexicalIndex(folder)


@pytest.mark.parametrize(
    ("query", "language", "best"),
    [
        ("employees remplacees", "fr", 0),
        ("l'employé", "fr", 0),
        ("REMPLACER", "fr", 0),
        ("licensiement", "fr", 1),
        ("Legorra", "fr", 2),
        ("lawyers", "en", 2),
        ("layoffs", "en", 1),
        ("télétravail", "fr", 3),
        ("working remotely", "en", 3),
        ("11,5", "fr", 4),
    ],
)
def test_finds(index: LexicalIndex, query: str, language: Language, best: int) -> None:
    assert index.search(weigh(query, language, index), 5)[0][0] == best


@example("____ est-il menacé ?")
@given(st.text(max_size=200))
def test_any_question_can_be_searched(index: LexicalIndex, text: str) -> None:
    query = weigh(text, "fr", index)
    assert all(score > 0 for _, score in index.search(query, 3))
    assert 0 <= coverage(query, tokens(TEXTS[0])) <= 1


def test_stop_words_count_only_if_there_is_nothing_else() -> None:
    assert words("Que dit-on de l’IA dans les entreprises ?") == ["ia", "entreprises"]
    assert words("Et pour vous ?") == ["et", "pour", "vous"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("what tools does Kaufman recommend for lawyers?", "en"),
        ('qui a dit "AI is coming for your jobs" ?', "fr"),
        ("Who said « rien ne vaudra jamais les humains »?", "en"),
        ("combien d employes remplacés ?", "fr"),
        ("pourquoi ?", "fr"),
        ("why?", "en"),
    ],
)
def test_language_of_the_own_words(text: str, language: Language) -> None:
    assert detect_language(text) == language


def test_the_lexicon_is_folded_and_bounded() -> None:
    rows = [line.split("\t") for line in gzip.decompress(LEXICON.read_bytes()).decode("utf-8").splitlines()]
    assert {language for language, *_ in rows} == {"en", "fr"}
    assert all(0.08 <= float(probability) <= 1 for *_, probability in rows)
    assert ("fr", "outils", "tools") in {(language, word, other) for language, word, other, _ in rows}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Que veut dire CET ?", ["cet"]),
        ("Combien de jours sur le CET ?", ["jours", "cet"]),
        ("Pourquoi cet homme ?", ["homme"]),
        ("What does IT do?", ["it"]),
    ],
)
def test_an_acronym_that_is_spelled_like_a_stop_word_counts(text: str, expected: list[str]) -> None:
    assert [word for word in content_words(text) if word not in ("veut", "dire")] == expected
