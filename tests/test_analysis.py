"""Words have the same forms for every engine."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.analysis import analyze, tokens


@pytest.mark.parametrize(
    ("word", "form", "token"),
    [
        ("REMPLACÉES", "fr", "remplac"),
        ("licenciements", "fr", "licenci"),
        ("employees", "en", "employe"),
        ("cœurs", "plain", "coeurs"),
        ("Straße", "plain", "strasse"),
        ("ﬁnance", "plain", "finance"),
        ("１２", "plain", "12"),
        ("automatisation", "begin", "autom"),
        ("œuvres", "begin", "oeuvr"),
        ("an", "begin", "an"),
    ],
)
def test_forms_of_a_word(word: str, form: str, token: str) -> None:
    assert analyze(word)[form] == [token]


def test_words_stay_in_order_and_signs_part_them() -> None:
    assert analyze("l’accord_cadre : 145 000 €")["plain"] == ["l", "accord", "cadre", "145000"]


@given(st.text(max_size=60))
def test_every_form_has_as_many_words_without_spaces(text: str) -> None:
    forms = analyze(text)
    assert len({len(words) for words in forms.values()}) == 1
    assert all(word and word.split() == [word] for words in forms.values() for word in words)


def test_a_question_in_capitals_or_without_accents_has_the_same_tokens() -> None:
    assert tokens("À LA CARTE")["plain"] == tokens("a la carte")["plain"]
