"""One embedder for any sentence-transformers model: unit vectors, the right prefixes, notice of other weights."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from rag.index.embeddings import Embedder, family_prefixes, locate
from rag.problems import RagError
from rag.settings import Settings


def test_unit_vectors_alike_for_alike_meaning(embedder: Embedder) -> None:
    a, b, c = embedder.encode_passages(
        ["Le préavis dure trois mois.", "The notice period is three months.", "Il pleut."]
    )
    assert np.allclose([a @ a, b @ b, c @ c], 1, atol=1e-5)
    assert a @ b > max(a @ c, b @ c)


def test_half_precision_changes_little(embedder: Embedder) -> None:
    import torch
    from sentence_transformers import SentenceTransformer

    texts = ["Quels outils pour les juristes ?", "A bright future ahead of us."]
    exact = (
        SentenceTransformer(locate(Settings().embedding_model))
        .to(torch.float32)
        .encode(texts, prompt="passage: ", normalize_embeddings=True)
    )
    assert np.allclose((embedder.encode_passages(texts) * exact).sum(axis=1), 1, atol=1e-3)


@pytest.mark.parametrize(
    ("name", "prefixes"),
    [
        ("intfloat/multilingual-e5-small", ("query: ", "passage: ")),
        ("BAAI/bge-m3", ("", "")),
        ("BAAI/bge-small-en-v1.5", ("Represent this sentence for searching relevant passages: ", "")),
        ("Snowflake/snowflake-arctic-embed-m-v2.0", ("query: ", "")),
        ("nomic-ai/nomic-embed-text-v1.5", ("search_query: ", "search_document: ")),
        ("sentence-transformers/all-MiniLM-L6-v2", ("", "")),
    ],
)
def test_prefixes_of_known_families(name: str, prefixes: tuple[str, str]) -> None:
    assert family_prefixes(name) == prefixes


def test_prompts_of_the_model_and_settings_win(tmp_path: Path) -> None:
    folder = tmp_path / "e5-like"
    shutil.copytree(locate(Settings().embedding_model), folder)
    config = folder / "config_sentence_transformers.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"prompts": {"query": "Q: ", "document": "P: "}}))
    own = Embedder(Settings(embedding_model=str(folder)))
    assert own.prefixes == ("Q: ", "P: ")
    assert Embedder(Settings(embedding_model=str(folder), query_prefix="")).prefixes == ("", "P: ")
    before = own.fingerprint
    config.write_text("{}")
    assert Embedder(Settings(embedding_model=str(folder))).fingerprint != before


def test_a_model_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(RagError, match="RAG_EMBEDDING_MODEL"):
        Embedder(Settings(embedding_model=str(tmp_path / "empty"))).encode_queries(["x"])
