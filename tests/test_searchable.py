"""What is equal to a reader is found, however it is written."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.analysis import tokens
from rag.text.searchable import plain, plain_with, searchable

UNSEEN = "\u00ad\u200b\u2060\ufeff"


@given(text=st.text(max_size=40), at=st.integers(0, 40), sign=st.sampled_from(UNSEEN))
def test_canonically_equal_texts_and_unseen_signs_are_one(text: str, at: int, sign: str) -> None:
    composed = unicodedata.normalize("NFC", plain(text))
    assert plain(unicodedata.normalize("NFD", composed)) == composed
    assert plain(composed[:at] + sign + composed[at:]) == composed


@given(pieces=st.lists(st.text("ae\u0301\u00ad b", min_size=1), max_size=6))
def test_spans_are_where_their_words_are(pieces: list[str]) -> None:
    ends = [sum(map(len, pieces[: n + 1])) for n in range(len(pieces))]
    text, moved = plain_with("".join(pieces), [(e - len(p), e) for p, e in zip(pieces, ends, strict=True)])
    assert [text[a:b] for a, b in moved] == [plain(p) for p in pieces]


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("télé\u00adtravail", "télétravail"),
        ("ven\u200bdredi", "vendredi"),
        (unicodedata.normalize("NFD", "déménagement"), "déménagement"),
        ("145\u202f000 €", "145000"),
        ("145.000 €", "145 000"),
        ("145,000 euros", "145000"),
        ("avant le 31 octobre", "31/10"),
        ("le 01/06/2024", "1 juin 2024"),
    ],
)
def test_the_words_of_a_question_are_met(written: str, asked: str) -> None:
    held = tokens(written)
    assert all(forms <= held[name] for name, forms in tokens(asked).items())


@pytest.mark.parametrize("text", ["3,5 jours", "1/2/3/4", "32/10", "12 34", "a1 000b"])
def test_other_figures_stay_as_they_are(text: str) -> None:
    assert searchable(text) == text
