"""A model's text → sentences with marks: however it is cut into pieces, and whatever is written between brackets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer.answer import Answer, Statement, Trace
from rag.answer.marks import MarkedSentence, MarkedStream, marks

PIECES = st.lists(
    st.sampled_from(
        [
            "Klarna hired. ",
            "Il y a 700 employés",
            " [1]",
            "[1, 2]",
            "[[3]]",
            "【4】",
            "[",
            "1",
            "]",
            "[9",
            ".",
            "\n- ",
            " ",
            "```",
            "[a]",
            "[1-3]",
            "**bold**",
            "\n\n",
            "« oui »",
            "[1,",
            "a[0]",
        ]
    ),
    max_size=25,
)


def read(*pieces: str) -> list[MarkedSentence]:
    stream = MarkedStream()
    found = [sentence for piece in pieces for sentence in stream.feed(piece)]
    return found + list(stream.finish())


@given(PIECES, st.integers(1, 5))
def test_pieces_make_no_difference(parts: list[str], size: int) -> None:
    text = "".join(parts)
    whole = read(text)
    cut = read(*(text[start : start + size] for start in range(0, len(text), size)))
    assert [(s.text, s.numbers) for s in cut] == [(s.text, s.numbers) for s in whole]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("It pays [1].", (1,)),
        ("It pays. [1]", (1,)),
        ("It pays [1][2].", (1, 2)),
        ("It pays [1, 2].", (1, 2)),
        ("It pays [[3]].", (3,)),
        ("It pays 【4】.", (4,)),
        ("It pays [1-3].", (1, 2, 3)),
        ("It pays [1; 5].", (1, 5)),
        ("It pays [99999].", ()),
        ("It pays [a].", ()),
        ("```\nx[1]\n```", ()),
    ],
)
def test_all_ways_of_writing_marks_are_read(text: str, numbers: tuple[int, ...]) -> None:
    assert tuple(n for sentence in read(text) for n in sentence.numbers) == numbers


def test_a_mark_belongs_to_the_sentence_before_it() -> None:
    first, second = read("Klarna fired 700. [1] Il y a un an. [2]")
    assert (first.text, first.numbers) == ("Klarna fired 700.", (1,))
    assert (second.text, second.numbers) == ("Il y a un an.", (2,))


def test_a_sentence_waits_for_the_next_one_and_an_unfinished_mark_for_its_end() -> None:
    stream = MarkedStream()
    assert list(stream.feed("It pays. [")) == []
    assert list(stream.feed("1")) == []
    assert list(stream.feed("] It")) == [MarkedSentence("It pays.", (1,), " ")]


@given(st.text(max_size=60), st.lists(st.integers(1, 5), max_size=3))
def test_only_citations_look_like_marks_in_what_is_shown(text: str, numbers: list[int]) -> None:
    answer = Answer("?", "en", (Statement(text, tuple(numbers)),), Trace("?"))
    assert marks(answer.text) == numbers


def test_markup_is_left_out_before_sentences_are_cut() -> None:
    hostile = "PWNED ![x](https://evil.invalid/?q=1) Kaufman recommends Lexis+ AI [1]. <b onclick=x>See</b> [99]. Fin [2](http://x)."
    assert [(s.text, s.numbers) for s in read(hostile)] == [
        ("PWNED", ()),
        ("Kaufman recommends Lexis+ AI.", (1,)),
        ("See.", (99,)),
        ("Fin.", (2,)),
    ]
    assert [s.text for s in read("Voir [la charte](javascript:x) : 3 < 5 et 7 > 2.<!-- a > b -->")] == [
        "Voir la charte : 3 < 5 et 7 > 2."
    ]
