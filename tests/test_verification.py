"""Sentences against sources: what can be compared exactly, what must not be mistaken, and planted errors."""

import pytest

from evals.verdicts import agreement
from rag.answer.answer import Verdict
from rag.answer.verification import Verifier
from rag.answering import Answering
from rag.index.protocol import Index
from rag.schema import Query
from rag.text import facts
from rag.text.numbers import numbers


@pytest.mark.parametrize(
    ("french", "english"),
    [
        ("6 800 dollars", "$6,800"),
        ("6\u202f800 €", "6800"),
        ("9,5 %", "9.5%"),
        ("9,5 pour cent", "9.5 percent"),
        ("1,5 milliard", "1.5 billion"),
        ("30 millions", "30,000,000"),
        ("1.234,56", "1,234.56"),
        ("douze", "12"),
        ("vingt-trois jours", "23"),
        ("deux cents euros", "€200"),
        ("six mille huit cents", "6,800"),
        ("cinq pour cent", "5%"),
        ("une douzaine", "12"),
        ("5 M€", "5 million"),
    ],
)
def test_numbers_are_the_same_in_both_languages(french: str, english: str) -> None:
    assert numbers(french, "fr")[0] & numbers(english, "en")[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("20 pour les cadres", "20 %"),
        ("2 par semaine", "2 %"),
        ("9,5 %", "95 %"),
        ("15 %", "15"),
        ("1,5 million", "1,5 milliard"),
        ("700", "7"),
    ],
)
def test_other_numbers_are_other_numbers(one: str, other: str) -> None:
    assert not numbers(one, "fr")[0] & numbers(other, "fr")[0]


@pytest.mark.parametrize("text", ["neuf idées", "une fois", "la troisième fois", "en mars"])
def test_words_that_only_look_like_numbers_are_none(text: str) -> None:
    assert numbers(text, "fr") == []


def test_per_cent_in_words_is_one_number() -> None:
    assert numbers("20 pour cent des salariés", "fr") == numbers("20 % des salariés", "fr")
    assert numbers("2 per week", "en") == [frozenset(["2"])]


def test_a_month_or_new_beside_a_number_is_one() -> None:
    assert numbers("vingt-neuf idées neuves", "fr") == [frozenset(["29"])]


def test_dates_are_the_same_in_both_languages_and_verbs_are_no_months() -> None:
    assert facts.dates("le 8 avril 2025, un mardi") == facts.dates("Tuesday, April 8, 2025")
    assert facts.dates("You may march on.") == set()
    assert facts.dates("En mai 2024") == facts.dates("in May 2024")


def test_names_are_capitals_that_no_beginning_explains() -> None:
    assert facts.names("Les outils de Kaufman et d’OpenAI aident.") == ["Kaufman", "OpenAI"]
    assert facts.names("Tools help. They cost little.") == []
    assert facts.names("Sarah Kelso writes.") == ["Sarah", "Kelso"]


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("Il n’est pas venu.", True),
        ("She didn't come.", True),
        ("Sans réponse.", True),
        ("Il est venu.", False),
        ("avant que la concurrence n’y devienne intense", False),
        ("Il ne fait que passer.", None),
        ("He refuses to come.", None),
    ],
)
def test_denials_are_told_from_what_only_looks_like_one(text: str, denied: bool | None) -> None:
    assert facts.denies(text) is denied


def test_opposites_are_found_in_either_language() -> None:
    assert facts.opposite("Les prix augmentent.", "Prices fall.")
    assert facts.opposite("Les prix augmentent.", "Les prix augmentent, puis baissent.") is None


@pytest.mark.slow
def test_planted_errors_are_caught_and_right_sentences_pass(answering: Answering, index: Index) -> None:
    measures = agreement(answering, index)
    for split, rejected in (("dev", 0.1), ("test", 0.15)):
        assert measures[split]["wrong caught"] >= 0.87
        assert measures[split]["right rejected"] <= rejected


def test_the_span_of_a_verdict_is_exact(answering: Answering, index: Index) -> None:
    verifier = Verifier(index, index.embedder)
    found = answering.rank(Query("Klarna", "fr")).found
    finding = verifier.check(verifier.claim("Klarna a remplacé 700 employés.", "fr"), found)
    assert finding is not None
    assert finding.verdict == Verdict.SUPPORTED
    quote = finding.window.quote
    assert "700" in quote.text
    assert index.read(quote.passage.source, quote.start, quote.end) == quote.text
