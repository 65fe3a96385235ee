"""Check that the model that ships is the one its card describes, small, quick to load and bilingual."""

import gzip
import hashlib
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer

FOLDER = Path(__file__).parents[1] / "models" / "minilm-fr-en"
TEXTS = [
    "Combien de salariés ont été licenciés à cause de l'intelligence artificielle ?",
    "How many employees were laid off because of artificial intelligence?",
    "Les avocats se forment aux nouveaux outils.",
    "The cat sleeps on the sofa.",
    "L’employeur doit respecter le délai de préavis prévu par la convention collective. " * 12,
]


@pytest.fixture(scope="module")
def model() -> SentenceTransformer:
    return SentenceTransformer(str(FOLDER), device="cpu", local_files_only=True)


def test_card_names_the_weights_that_ship() -> None:
    card = (FOLDER / "README.md").read_text("utf-8")
    digest = hashlib.sha256((FOLDER / "model.safetensors").read_bytes()).hexdigest()
    assert re.findall(r"\b[0-9a-f]{64}\b", card) == [digest]


def test_folder_stays_under_90_megabytes() -> None:
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) < 90_000_000


def test_loads_in_under_a_second_without_network() -> None:
    code = (
        "import sys, time\nimport torch, transformers\nfrom sentence_transformers import SentenceTransformer\n"
        "started = time.process_time()\nSentenceTransformer(sys.argv[1], device='cpu', local_files_only=True)\n"
        "print(time.process_time() - started)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(FOLDER)], capture_output=True, text=True, check=True)
    assert float(done.stdout.split()[-1]) < 2.0  # processor time of every thread; the clock shows about 0.6


def test_vectors_are_unit_and_pair_translations(model: SentenceTransformer) -> None:
    vectors = model.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    similarity = vectors @ vectors.T
    assert similarity[0, 1] > 0.8 > 0.4 > similarity[0, 3]


def test_bf16_vectors_equal_fp32_ones_to_a_thousandth(model: SentenceTransformer) -> None:
    exact = model.encode(TEXTS)
    half = SentenceTransformer(str(FOLDER), device="cpu", local_files_only=True).bfloat16()
    rounded = half.encode(TEXTS, convert_to_tensor=True).to(torch.float32).numpy()
    rounded /= np.linalg.norm(rounded, axis=1, keepdims=True)
    assert (1 - (exact * rounded).sum(axis=1)).max() < 1e-3
    assert np.abs(exact @ exact.T - rounded @ rounded.T).max() < 1e-2


def test_french_words_are_whole_entries_of_the_vocabulary(model: SentenceTransformer) -> None:
    tokenizer = model.tokenizer
    assert tokenizer.is_fast
    assert not [word for word in tokenizer.get_added_vocab() if not word.startswith("[")]
    assert tokenizer.tokenize("Les licenciements inquiètent les salariés") == [
        "les",
        "licenciements",
        "inquietent",
        "les",
        "salaries",
    ]


def test_lexicon_is_folded_and_bounded() -> None:
    rows = [
        line.split("\t")
        for line in gzip.decompress((FOLDER / "lexicon.tsv.gz").read_bytes()).decode("utf-8").splitlines()
    ]
    assert (FOLDER / "lexicon.tsv.gz").stat().st_size < 1_500_000
    assert {language for language, *_ in rows} == {"en", "fr"}
    assert all(0.08 <= float(probability) <= 1 for *_, probability in rows)
    assert ("fr", "outils", "tools") in {(language, word, other) for language, word, other, _ in rows}
