"""Counting tokens without a network: never a download, never a failure."""

import hashlib
from pathlib import Path

import pytest

from rag.index.embeddings import Embedder
from rag.llm.tokens import TABLE, token_counter


def test_without_tiktokens_table_the_embedding_models_tokenizer_counts(
    embedder: Embedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    count = token_counter(embedder.count_tokens)
    assert count("") == 0
    assert count("Klarna") >= 1
    assert count("un deux trois " * 500) >= 1500


def test_a_damaged_table_is_not_asked_for_again(
    embedder: Embedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / hashlib.sha1(TABLE.encode()).hexdigest()
    table.write_bytes(b"damaged")
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    assert token_counter(embedder.count_tokens)("un deux trois") >= 3
    assert table.read_bytes() == b"damaged"
