"""Sentences and passages are exact slices, and end where a reader says they end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.documents.splitter import MAX_PASSAGE, find_title, passages
from rag.text.sentences import sentences
from tests.conftest import SEEDS

TEXTS = st.text(alphabet=st.sampled_from('aéZ0 .!?…«»”’"\n\r\t\xa0\u202f-#(),;:1.é\ufeff'), max_size=3000) | st.text(
    max_size=500
)


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@given(TEXTS)
def test_sentences_are_ordered_slices_that_leave_out_only_white_space(text: str) -> None:
    end, left_out = 0, ""
    for start, stop in sentences(text):
        assert end <= start < stop <= len(text)
        assert stop - start <= MAX_PASSAGE
        left_out += text[end:start]
        end = stop
    assert not (left_out + text[end:]).replace("\ufeff", "").strip()


@given(TEXTS)
def test_passages_hold_every_sentence_once_and_fit(text: str) -> None:
    grouped = [span for cut in passages(text) for span in cut.spans]
    assert grouped == sentences(text)
    assert all(cut.spans[-1][1] - cut.spans[0][0] <= MAX_PASSAGE for cut in passages(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Il est remplacé. Il part.", ["Il est remplacé.", "Il part."]),
        ("Depuis avril 2025. It was late.", ["Depuis avril 2025.", "It was late."]),
        ("« Google est mort. » Il le dit.", ["« Google est mort. »", "Il le dit."]),
        ("« L’IA vient pour vous », écrit-il. Fin.", ["« L’IA vient pour vous », écrit-il.", "Fin."]),
        ("« Vraiment ? » demande-t-elle. Oui.", ["« Vraiment ? » demande-t-elle.", "Oui."]),
        ("M. Dupont et Mme. Durand sont là. Dr. Who too.", ["M. Dupont et Mme. Durand sont là.", "Dr. Who too."]),
        ("J. K. Rowling wrote it. She did.", ["J. K. Rowling wrote it.", "She did."]),
        ("Voir art. 5 et no. 7. Puis fin.", ["Voir art. 5 et no. 7.", "Puis fin."]),
        ("Code (Cursor…), etc. Find people.", ["Code (Cursor…), etc.", "Find people."]),
        ("Le marché du travail.Les débuts de l’IA.", ["Le marché du travail.", "Les débuts de l’IA."]),
        ("We use Node.js and v3.5 at pic.twitter.com daily.", ["We use Node.js and v3.5 at pic.twitter.com daily."]),
        ("Mais attention… à cela ! Et toi ?", ["Mais attention… à cela !", "Et toi ?"]),
        ("1. Ouvrir le dossier\n2. Le fermer", ["1. Ouvrir le dossier", "2. Le fermer"]),
        ("- premier point\n- second point", ["- premier point", "- second point"]),
    ],
)
def test_sentence_ends(text: str, expected: list[str]) -> None:
    assert split(text) == expected


@pytest.mark.parametrize("block", ["# a\n\n", "Abc\n\n", "- x\n", "Une phrase. "])
def test_a_large_text_of_small_blocks_is_split_whole(block: str) -> None:
    text = block * 40_000
    assert sum(len(cut.spans) for cut in passages(text)) == len(sentences(text)) >= 39_999


def test_wrapped_lines_are_one_paragraph() -> None:
    line = "Le télétravail est autorisé deux jours par semaine après accord du responsable\n"
    assert (
        len(split(line * 3 + "de chaque équipe, sauf pendant la période d’essai des nouveaux salariés.\n" + line * 2))
        == 2
    )


def test_a_long_paragraph_is_cut_at_sentences_only() -> None:
    text = (SEEDS / "004_0eaf24d2a6bbbda3.txt").read_text(encoding="utf-8")
    assert len(text.splitlines()) == 1
    parts = [text[cut.spans[0][0] : cut.spans[-1][1]] for cut in passages(text)]
    assert len(parts) >= len(text) // MAX_PASSAGE
    assert all(part[-1] in ".!?…" for part in parts[:-1])


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# Congés payés\n\nTexte.", "Congés payés"),
        ("Texte.\n\n## Plus loin\n\nFin.", "Plus loin"),
        ("Une phrase. Une autre.", "Une phrase."),
    ],
)
def test_title(text: str, title: str) -> None:
    assert find_title(text) == title
