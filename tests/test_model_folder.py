"""The model that ships is the one its card describes, small, bilingual, and reads sentences in their context."""

import hashlib
import re

import numpy as np
import pytest
from transformers import AutoTokenizer

from rag.index.embeddings import Embedder
from rag.settings import Settings
from rag.text.sentences import sentences
from tests.conftest import ROOT

FOLDER = ROOT / Settings.embedding_model
PASSAGE = (
    "Micha Kaufman dirige Fiverr depuis sa fondation. Il recommande Legora aux juristes. "
    "La cantine ouvre à midi. Les congés se posent avant le 31 octobre."
)


def test_card_names_the_weights_that_ship() -> None:
    card = (FOLDER / "README.md").read_text("utf-8")
    digest = hashlib.sha256((FOLDER / "model.safetensors").read_bytes()).hexdigest()
    assert re.findall(r"\b[0-9a-f]{64}\b", card) == [digest]


def test_folder_stays_under_90_megabytes() -> None:
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) < 90_000_000


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("Quel outil Kaufman conseille-t-il aux avocats ?", 1),
        ("Which tool does Kaufman advise for lawyers?", 1),
        ("When does the canteen open?", 2),
        ("Jusqu’à quand peut-on poser ses congés ?", 3),
        ("Who runs Fiverr?", 0),
    ],
)
def test_a_question_in_either_language_finds_its_sentence(embedder: Embedder, question: str, sentence: int) -> None:
    (rows,) = embedder.encode_sentences([PASSAGE], [sentences(PASSAGE)])
    assert int(np.argmax(rows @ embedder.encode_queries([question])[0])) == sentence


def test_sentences_are_pooled_in_their_context(embedder: Embedder) -> None:
    spans = sentences(PASSAGE)
    (rows,) = embedder.encode_sentences([PASSAGE], [spans])
    assert rows.shape == (4, 384)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    start, end = spans[1]
    alone = embedder.encode_passages([PASSAGE[start:end]])[0]
    question = embedder.encode_queries(["Que recommande Micha Kaufman ?"])[0]
    assert rows[1] @ question > alone @ question  # « Il » is known to be Kaufman


def test_passages_of_any_length_come_back_in_their_order(embedder: Embedder) -> None:
    texts = ["Court.", "Une phrase. " * 40, "Autre chose ici."]
    spans = [sentences(text) for text in texts]
    together = embedder.encode_sentences(texts, spans)
    assert [len(rows) for rows in together] == [len(own) for own in spans]
    (alone,) = embedder.encode_sentences(texts[2:], spans[2:])
    assert np.allclose(together[2], alone, atol=1e-2)


def test_what_lies_beyond_the_length_of_the_model_is_read_all_the_same(embedder: Embedder) -> None:
    text = "é1 ß2 œ3 " * 300 + ". La fin parle du préavis."
    spans = [(0, 2699), (len(text) - 25, len(text))]
    (rows,) = embedder.encode_sentences([text], [spans])
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_every_french_letter_is_known() -> None:
    tokenizer = AutoTokenizer.from_pretrained(str(FOLDER))
    unknown = tokenizer.convert_tokens_to_ids("<unk>")
    text = "Où l’œuvre naïve coûte 6 800 € : « ça, Noël ! » — ÀÂÇÉÈÊËÎÏÔŒÙÛÜŸ àâçéèêëîïôœùûüÿ … 50 % n° 3"
    assert unknown not in tokenizer(text)["input_ids"]
