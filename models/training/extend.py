"""Teach an English sentence-embedding model French words without a gradient step.

French words that the WordPiece vocabulary lacks are appended to it, and each gets the mean of the
embeddings of its English translations, weighted by their alignment scores: trans-tokenization (Remy
et al. 2024, arXiv:2408.04303; cf. WECHSEL, Minixhofer et al. 2022, arXiv:2112.06598).
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Transformer
from transformers import BertModel, BertTokenizer

Floats = NDArray[np.float64]


class Alignment:
    """Hold what `align.py` wrote: words by id, how often each was seen, and scored word pairs."""

    def __init__(self, path: Path) -> None:
        """Read `alignment.npz`; rows of `table` are French words, columns English ones."""
        with np.load(path) as arrays:
            self.english: list[str] = arrays["english"].tolist()
            self.french: list[str] = arrays["french"].tolist()
            self.english_seen: Floats = arrays["english_seen"]
            self.french_seen: Floats = arrays["french_seen"]
            columns, rows = arrays["cells"]
            shape = (len(self.french), len(self.english))
            self.table = sparse.csr_array((arrays["weight"], (rows, columns)), shape=shape)


def english_embeddings(words: Sequence[str], tokenizer: BertTokenizer, rows: Floats) -> Floats:
    """Embed each word by the mean of its pieces, (words, width)."""
    pieces = tokenizer(list(words), add_special_tokens=False)["input_ids"]
    return np.stack([rows[ids].mean(axis=0) if ids else np.zeros(rows.shape[1]) for ids in pieces])


def foreign_words(alignment: Alignment, vocabulary: dict[str, int], least: int) -> list[int]:
    """List the French words to learn, most frequent first.

    Left out: words seen fewer than `least` times, numbers and the like, and words of the vocabulary
    that English texts use too. Words that mean themselves (names) gain nothing from a row of their
    own: their pieces already agree in both languages.
    """
    english_seen = dict(zip(alignment.english, alignment.english_seen, strict=True))
    english_id = {word: number for number, word in enumerate(alignment.english)}
    chosen = []
    for number in np.argsort(-alignment.french_seen, kind="stable").tolist():
        word, seen = alignment.french[number], alignment.french_seen[number]
        if seen < least or not word.isalpha():
            continue
        if word in vocabulary and english_seen.get(word, 0) > 0.05 * seen:
            continue
        row = alignment.table[[number]]
        itself = row[0, english_id[word]] if word in english_id else 0.0
        if row.nnz and itself < 0.5 * row.sum():
            chosen.append(number)
    return chosen


def extend(model: SentenceTransformer, alignment: Alignment, least: int) -> int:
    """Give the model a row for each French word worth one and return how many were appended."""
    transformer = model[0]
    assert isinstance(transformer, Transformer)
    bert, tokenizer = transformer.model, transformer.tokenizer
    assert isinstance(bert, BertModel)
    assert isinstance(tokenizer, BertTokenizer)
    vocabulary = tokenizer.get_vocab()
    rows = bert.embeddings.word_embeddings.weight.detach().numpy().astype(np.float64)

    chosen = foreign_words(alignment, vocabulary, least)
    weights = alignment.table[chosen]
    weights = sparse.diags_array(1 / weights.sum(axis=1)) @ weights
    learned = torch.from_numpy(weights @ english_embeddings(alignment.english, tokenizer, rows)).float()
    appended = [alignment.french[number] for number in chosen if alignment.french[number] not in vocabulary]
    vocabulary |= {word: len(vocabulary) + place for place, word in enumerate(appended)}

    bert.resize_token_embeddings(len(vocabulary), mean_resizing=False)
    with torch.no_grad():
        ids = [vocabulary[alignment.french[number]] for number in chosen]
        bert.embeddings.word_embeddings.weight[ids] = learned
    length = model.max_seq_length
    transformer.processor = BertTokenizer(vocab=vocabulary, model_max_length=length)
    return len(appended)


def save_half(model: SentenceTransformer, folder: Path) -> None:
    """Write a model with its weights rounded to fp16, to be computed with in fp32.

    sentence-transformers computes in the type that config.json names, and fp16 is slow on CPUs. What training cut and
    padded is no property of the tokenizer.
    """
    tokenizer = model.tokenizer.backend_tokenizer
    tokenizer.no_truncation()
    tokenizer.no_padding()
    model.half().save_pretrained(str(folder), create_model_card=False)
    config = folder / "config.json"
    settings = json.loads(config.read_text("utf-8")) | {"dtype": "float32"}
    config.write_text(json.dumps(settings, indent=2) + "\n", "utf-8")
    (folder / "model.safetensors").chmod(0o644)


def main() -> None:
    """Write a sentence-transformers folder that knows the French words of an alignment."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("base", type=Path, help="folder of the English sentence-transformers model")
    parser.add_argument("alignment", type=Path, help="alignment.npz from align.py")
    parser.add_argument("output", type=Path, help="folder of the model to write")
    parser.add_argument("--least", type=int, default=3, help="ignore words seen fewer times than this")
    options = parser.parse_args()

    model = SentenceTransformer(str(options.base), device="cpu", local_files_only=True)
    appended = extend(model, Alignment(options.alignment), options.least)
    save_half(model, options.output)
    print(f"{appended} words appended")


if __name__ == "__main__":
    main()
