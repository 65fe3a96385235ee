"""An optional cross-encoder that reads question and passage together, for those who have the time and a model."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from rag.index.embeddings import locate
from rag.problems import RagError

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder


class Reranker:
    """Score passages for a question; the model, a name or a folder, is loaded at first use."""

    def __init__(self, name: str) -> None:
        self.name = name

    @cached_property
    def _model(self) -> "CrossEncoder":
        from sentence_transformers import CrossEncoder

        try:
            model: CrossEncoder = CrossEncoder(locate(self.name), device="cpu")
        except Exception as error:  # the hub client and the formats raise many types
            raise RagError("model.reranker", name=self.name, detail=type(error).__name__) from error
        return model

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Compute a score for each text; only their order means something."""
        pairs = [(question, text) for text in texts]
        return [float(score) for score in self._model.predict(pairs, show_progress_bar=False)]
