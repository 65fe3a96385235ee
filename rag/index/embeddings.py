"""One sentence-transformers model: texts → unit vectors, with the prefixes that the model was trained with."""

import hashlib
import importlib
import logging
import os
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from langchain_core.embeddings import Embeddings

from rag.problems import RagError
from rag.schema import Vectors
from rag.settings import Settings
from rag.text.structure import Span

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

ROOT = Path(__file__).resolve().parents[2]
FORMER_DEFAULTS = ("models/minilm-fr-en",)  # whose indexes are brought up to date without asking
BATCH = 64
LATE_BATCH = 16  # passages, which are longer than sentences
LATE = "late_sentences.json"  # in the folder of a model that was trained to pool sentences in context
# Families whose published folders do not carry their own prompts: (name pattern, query, passage).
# Sources: the model cards of the families. The first match counts.
FAMILIES = [
    (r"e5-.*instruct", "Instruct: Given a question, retrieve passages that answer it\nQuery: ", ""),
    (r"\be5-|-e5-|/e5", "query: ", "passage: "),
    (r"bge-m3", "", ""),
    (r"bge-.*-en", "Represent this sentence for searching relevant passages: ", ""),
    (r"arctic-embed-.*v2", "query: ", ""),
    (r"arctic-embed|mxbai-embed", "Represent this sentence for searching relevant passages: ", ""),
    (r"nomic-embed", "search_query: ", "search_document: "),
]


class Embedder(Embeddings):
    """Embed questions and passages; the model is loaded at first use, never downloaded unless it is a hub name."""

    def __init__(self, settings: Settings) -> None:
        self.name = settings.embedding_model
        shipped = Path(self.name).resolve()
        if shipped.is_dir() and shipped.is_relative_to(ROOT):  # one model, one name, wherever we are called from
            self.name = shipped.relative_to(ROOT).as_posix()
        self._settings = settings

    @cached_property
    def _model(self) -> "SentenceTransformer":
        path = locate(self.name)
        # A folder needs no hub: saying so keeps a start without network from waiting for one.
        if Path(path).is_dir():
            os.environ.setdefault("HF_HUB_OFFLINE", "1")
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as transformers_logging

        logging.getLogger("sentence_transformers").setLevel(logging.ERROR)
        transformers_logging.disable_progress_bar()
        try:
            model = SentenceTransformer(path, device="cpu")
        except Exception as error:  # the hub client and the formats raise many types
            raise RagError("model.embedding", name=self.name, detail=type(error).__name__) from error
        self._threads = torch.get_num_threads()
        # Twice to three times as fast where the processor has the instructions; vectors alike to 1e-3.
        fast = torch.ops.mkldnn._is_mkldnn_bf16_supported()
        return model.to(torch.bfloat16 if fast else torch.float32)

    @property
    def is_default(self) -> bool:
        """Tell whether this is the model that the program comes with, as it comes."""
        by_hand = self._settings.query_prefix, self._settings.passage_prefix
        return self.name == Settings.embedding_model and by_hand == (None, None)

    @cached_property
    def prefixes(self) -> tuple[str, str]:
        """Return the query and the passage prefix: set by hand, else the model's own prompts, else its family's."""
        prompts = {k: v for k, v in (self._model.prompts or {}).items() if v}
        query, passage = family_prefixes(self.name)
        query = prompts.get("query", query)
        passage = next((prompts[key] for key in ("document", "passage", "corpus") if key in prompts), passage)
        by_hand = self._settings.query_prefix, self._settings.passage_prefix
        return by_hand[0] if by_hand[0] is not None else query, by_hand[1] if by_hand[1] is not None else passage

    @cached_property
    def dimension(self) -> int:
        """Return the length of a vector."""
        return int(self.encode_queries(["?"]).shape[1])

    @cached_property
    def fingerprint(self) -> str:
        """Name what shapes the vectors: the model, its files where they are at hand, and prefixes set by hand."""
        by_hand = [p for p in (self._settings.query_prefix, self._settings.passage_prefix) if p is not None]
        return " ".join([self.name, *_digest(Path(locate(self.name))), *map(repr, by_hand)])

    def encode_queries(self, texts: list[str]) -> Vectors:
        """Embed questions: one unit row each."""
        return self._encode(texts, self.prefixes[0])

    def encode_passages(self, texts: list[str]) -> Vectors:
        """Embed passages or sentences: one unit row each."""
        return self._encode(texts, self.prefixes[1])

    def encode_sentences(self, texts: Sequence[str], spans: Sequence[Sequence[Span]]) -> list[Vectors]:
        """Embed the sentences of passages, unit rows for each passage; `spans` are offsets into each text.

        A model that was trained for it reads each passage once and pools the tokens of each sentence in their context
        (late chunking: Günther et al. 2024); other models read each sentence alone.
        """
        if (Path(locate(self.name)) / LATE).is_file():
            return self._encode_late(texts, spans)
        flat = self.encode_passages([t[a:b] for t, own in zip(texts, spans, strict=True) for a, b in own])
        ends = np.cumsum([len(own) for own in spans])
        return np.split(flat, ends[:-1])

    def _encode_late(self, texts: Sequence[str], spans: Sequence[Sequence[Span]]) -> list[Vectors]:
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))  # of like length: little padding
        found: dict[int, Vectors] = {}
        for start in range(0, len(order), LATE_BATCH):
            batch = order[start : start + LATE_BATCH]
            found.update(
                zip(batch, self._late_batch([texts[i] for i in batch], [spans[i] for i in batch]), strict=True)
            )
        return [found[i] for i in range(len(texts))]

    def _late_batch(self, texts: list[str], spans: list[Sequence[Span]]) -> Iterator[Vectors]:
        import torch

        model, prefix = self._model, self.prefixes[1]
        torch.set_num_threads(self._threads)
        length = {"truncation": True, "max_length": model.max_seq_length, "padding": True}
        prefixed = [prefix + text for text in texts]
        read = model.tokenizer(prefixed, return_offsets_mapping=True, return_tensors="pt", **length)
        offsets = read.pop("offset_mapping").double().mean(dim=-1).numpy() - len(prefix)  # the middle of each token
        with torch.inference_mode():
            tokens = model[0]({"input_ids": read["input_ids"], "attention_mask": read["attention_mask"]})
        states, mask = tokens["token_embeddings"].float().numpy(), read["attention_mask"].numpy()
        for row, (text, own) in enumerate(zip(texts, spans, strict=True)):
            middle = np.where(mask[row] > 0, offsets[row], -1.0)
            inside = [(middle >= a) & (middle < b) for a, b in own]
            # What lies beyond the model's length is read alone.
            yield _unit(
                np.stack(
                    [
                        states[row][held].mean(axis=0) if held.any() else self.encode_passages([text[a:b]])[0]
                        for held, (a, b) in zip(inside, own, strict=True)
                    ]
                )
            )

    def count_tokens(self, text: str) -> int:
        """Count the tokens of a text of any length."""
        return len(self._model.tokenizer(text, add_special_tokens=False, truncation=False, verbose=False)["input_ids"])

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Embed passages (LangChain's interface)."""
        return [[float(x) for x in row] for row in self.encode_passages(texts)]

    def embed_query(self, text: str) -> list[float]:
        """Embed one question (LangChain's interface)."""
        return [float(x) for x in self.encode_queries([text])[0]]

    def _encode(self, texts: list[str], prompt: str) -> Vectors:
        import torch

        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        model = self._model
        # One question has no work for several threads, and threads that wait for each other on a busy machine
        # make it ten times slower.
        torch.set_num_threads(1 if len(texts) == 1 else self._threads)
        vectors = model.encode(texts, prompt=prompt, batch_size=BATCH, convert_to_tensor=True, show_progress_bar=False)
        return _unit(np.asarray(vectors.float().numpy(), np.float32))


def _unit(rows: Vectors) -> Vectors:
    unit: Vectors = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return unit


def family_prefixes(name: str) -> tuple[str, str]:
    """Return the query and passage prefixes that a known family of models was trained with."""
    return next(
        ((query, passage) for pattern, query, passage in FAMILIES if re.search(pattern, name.lower())), ("", "")
    )


def locate(name: str) -> str:
    """Find a model that ships with this project or with a Python package; other names stay as they are."""
    for folder in (ROOT / name, Path(name)):
        if folder.is_dir():
            return str(folder)
    if not name.replace("-", "_").isidentifier():
        return name
    try:
        package = importlib.import_module(name.replace("-", "_"))
        return str(package.get_model_path())
    except (ImportError, AttributeError):
        return name


def _digest(folder: Path) -> list[str]:
    """Hash the weights and settings of a model folder, so that other weights under the same name are noticed."""
    digest = hashlib.sha256()
    files = sorted([*folder.glob("*.safetensors"), *folder.glob("*.json")])
    for path in files:
        digest.update(path.read_bytes())
    return [digest.hexdigest()[:12]] if files else []
