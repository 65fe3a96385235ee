"""Run the three training scripts on a tiny model and an invented language."""

import gzip
import itertools
import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
from transformers import BertConfig, BertModel, BertTokenizer

TRAINING = Path(__file__).parents[1] / "models" / "training"
SYLLABLES = {
    "english": ["ba", "do", "ki", "mu", "re", "sho", "tin", "wel"],
    "french": ["eau", "foi", "jou", "lai", "nui", "pai", "que", "vou"],
}
WORDS = {
    language: ["".join(two) for two in itertools.product(parts, repeat=2)] for language, parts in SYLLABLES.items()
}


def sentence(draw: random.Random, least: int, most: int) -> tuple[str, str]:
    """Make a sentence in both languages; the invented French has its words in reverse order."""
    numbers = draw.choices(range(len(WORDS["english"])), k=draw.randint(least, most))
    return (
        " ".join(WORDS["english"][number] for number in numbers),
        " ".join(WORDS["french"][number] for number in reversed(numbers)),
    )


def write_pairs(folder: Path) -> None:
    """Write a parallel corpus of notes and texts in the shape of the real one."""
    draw = random.Random(0)
    folder.mkdir()
    with gzip.open(folder / "tiny.tsv.gz", "wt", encoding="utf-8") as file:
        for place in range(900):
            kind = "Text" if place % 2 else "MarginalNote"
            english, french = sentence(draw, 6, 12) if place % 2 else sentence(draw, 2, 4)
            file.write(f"{kind}\t{english}\t{french}\n")


def write_base(folder: Path) -> None:
    """Write a random English model that has never seen the invented French."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters)]
    vocabulary = {piece: place for place, piece in enumerate([*pieces, *WORDS["english"]])}
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=256,
        initializer_range=0.1,
    )
    torch.manual_seed(0)
    source = folder.with_name("bert")
    BertModel(config).save_pretrained(source)
    BertTokenizer(vocab=vocabulary, model_max_length=256).save_pretrained(source)
    transformer = Transformer(str(source))
    SentenceTransformer(modules=[transformer, Pooling(32), Normalize()], device="cpu").save_pretrained(str(folder))


def run(script: str, *arguments: object) -> None:
    """Run one training script as its reader would."""
    command = [sys.executable, str(TRAINING / script), *map(str, arguments)]
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def translation_retrieval(folder: Path, pairs: list[tuple[str, str]]) -> float:
    """Measure how often a French sentence's nearest English one is its translation."""
    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    english, french = (model.encode(list(side)) for side in zip(*pairs, strict=True))
    return float(np.mean((french @ english.T).argmax(axis=1) == np.arange(len(pairs))))


def embeddings(folder: Path) -> dict[str, np.ndarray]:
    """Read the row of every word, in the order of the vocabulary."""
    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    rows = next(value for name, value in model.state_dict().items() if name.endswith("word_embeddings.weight"))
    vocabulary = model.tokenizer.get_vocab()
    return {word: rows[vocabulary[word]].numpy() for word in sorted(vocabulary, key=vocabulary.__getitem__)}


@pytest.mark.timeout(180)
def test_each_training_step_improves_a_tiny_model(tmp_path: Path) -> None:
    base, pairs, lexicon = tmp_path / "base", tmp_path / "pairs", tmp_path / "aligned" / "lexicon.tsv.gz"
    write_base(base)
    write_pairs(pairs)
    run("align.py", pairs, tmp_path / "aligned")
    # The rarer words are left in letters, so that there is something to learn.
    run("extend.py", base, tmp_path / "aligned" / "alignment.npz", tmp_path / "extended", "--least", 75)
    settings = {"--steps": 100, "--rate": 1e-2, "--characters": 1500}
    folders = (base, tmp_path / "extended", pairs, tmp_path / "trained")
    run("distil.py", *folders, *itertools.chain.from_iterable(settings.items()))

    run("average.py", tmp_path / "averaged", f"{tmp_path / 'extended'}=3", f"{base}=1")
    mixed, first, second = (embeddings(tmp_path / name) for name in ("averaged", "extended", "base"))
    assert list(mixed) == list(first)
    assert second.keys() < first.keys()
    for word, row in mixed.items():
        assert np.allclose(row, 0.75 * first[word] + 0.25 * second.get(word, first[word]), atol=1e-3)

    rows = [line.split("\t") for line in gzip.decompress(lexicon.read_bytes()).decode().splitlines()]
    translation = dict(zip(WORDS["english"], WORDS["french"], strict=True))
    found = [translation[word] == other for language, word, other, _ in rows if language == "en"]
    assert len(found) >= 60
    assert np.mean(found) > 0.9

    draw = random.Random(1)
    unseen = [sentence(draw, 5, 9) for _ in range(100)]
    before, extended, trained = (
        translation_retrieval(tmp_path / name, unseen) for name in ("base", "extended", "trained")
    )
    assert before < 0.05
    assert extended > before + 0.1
    assert trained > extended + 0.1
