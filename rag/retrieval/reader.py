"""The model that reads: a question and a few sentences that stand together → how well each of them answers."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rag.retrieval.windows import Window
from rag.text.structure import Span

if TYPE_CHECKING:
    from rag.retrieval.network import Network

MODELS = Path(__file__).resolve().parents[2] / "models"
BASE, FOLDER = MODELS / "e5-fr-en", MODELS / "reader-fr-en"
LONGEST = 24  # tokens of an answer inside its sentence


@dataclass(frozen=True)
class Read:
    """Hold what reading a window came to: for each sentence a logit, and the words in it that answer (offsets)."""

    logits: tuple[float, ...]
    answers: tuple[Span, ...]


class Reader:
    """Read windows for a question; the model is loaded at first use."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self.folder = folder
        self._one = threading.Lock()  # one reading takes all processors; two at a time would both be late

    @cached_property
    def _network(self) -> "Network":
        import torch

        from rag.retrieval.network import Network

        self._threads = torch.get_num_threads()
        fast = torch.ops.mkldnn._is_mkldnn_bf16_supported()
        return Network(BASE, self.folder).to(torch.bfloat16 if fast else torch.float32)

    def read(self, question: str, windows: Sequence[Window]) -> list[Read]:
        """Read each window for the question."""
        if not windows:
            return []
        import torch

        with self._one, torch.inference_mode():
            network = self._network
            torch.set_num_threads(self._threads)
            encoded = [network.encode(question, window.text, window.spans) for window in windows]
            logits, ends = (out.numpy() for out in network(*network.batch(encoded)))
        found: list[Read] = []
        for row, (window, (_, numbers, places)) in enumerate(zip(windows, encoded, strict=True)):
            sentence = np.array(numbers)
            # A sentence that lies beyond the model's length was not read.
            scores = [float(logits[row, n]) if (sentence == n).any() else -np.inf for n in range(len(window.spans))]
            answers = [
                _answer(ends[row], np.flatnonzero(sentence == n), places, window.text, span)
                for n, span in enumerate(window.spans)
            ]
            found.append(Read(tuple(scores), tuple(answers)))
        return found


def _answer(
    ends: NDArray[np.float32], tokens: NDArray[np.int_], places: Sequence[Span], text: str, sentence: Span
) -> Span:
    """Find the likeliest first and last token of an answer among those of a sentence, as offsets into it."""
    if not len(tokens):
        return 0, 0
    sums = ends[tokens, 0][:, None] + ends[tokens, 1][None, :]
    first, last = np.indices(sums.shape)
    allowed = np.where((last >= first) & (last < first + LONGEST), sums, -np.inf)
    a, b = np.unravel_index(int(allowed.argmax()), allowed.shape)
    start, end = max(places[tokens[a]][0], sentence[0]), min(places[tokens[b]][1], sentence[1])
    start += len(text[start:end]) - len(text[start:end].lstrip())  # a token begins with the space before it
    return start - sentence[0], end - sentence[0]
