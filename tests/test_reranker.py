"""A real, tiny cross-encoder reorders what the fusion found."""

from pathlib import Path

import pytest
from sentence_transformers import CrossEncoder
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

from rag.answering import Answering
from rag.problems import RagError
from rag.retrieval.ranking import Ranker
from rag.retrieval.reranker import Reranker
from rag.schema import Query


@pytest.fixture(scope="module")
def cross_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cross-encoder")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "Klarna", "IA", "Fiverr", "les", "de"]
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    special = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=64, **special)
    config = BertConfig(
        vocab_size=len(words),
        max_position_embeddings=64,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        id2label={0: "answers"},
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    fast.save_pretrained(folder)
    return folder


def test_the_order_is_the_reranker_s(answering: Answering, cross_encoder: Path) -> None:
    reranker = Reranker(str(cross_encoder))
    query = Query("Que fait Klarna ?", "fr")
    found = Ranker(answering.index, k=5, reranker=reranker).rank(query).found
    assert len(found) == 5
    scores = [f.score for f in found]
    assert scores == sorted(scores, reverse=True)
    wider = Ranker(answering.index, k=20).rank(query).found
    texts = [f.passage.text for f in wider]
    read = CrossEncoder(str(cross_encoder), device="cpu").predict([(query.text, text) for text in texts])
    assert found[0].passage.text == texts[int(read.argmax())]
    assert scores == [f.score for f in wider[:5]]  # the order is the reranker's, the scale stays that of the cosines


def test_a_reranker_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(RagError, match="RAG_RERANKER"):
        Reranker(str(tmp_path / "empty")).scores("a", ["b"])
