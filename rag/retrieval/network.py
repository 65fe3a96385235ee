"""The reader's network: a transformer over question and window, a score for each sentence, the ends of the answer.

A sentence is the mean of its tokens' states under a linear layer; a window answers as much as its sentences do together
(log of the sum of their exponentials). A second linear layer scores each token as the first and as the last of the
answer (SQuAD: Rajpurkar et al. 2016). The lower layers and the words are those of the search model, which is why only
what differs is stored (`WEIGHTS`).
"""

from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers import AutoModel, AutoTokenizer

from rag.text.structure import Span

WEIGHTS = "reader.safetensors"
QUESTION, LENGTH = 48, 192  # tokens of a question, and in all
NOWHERE = -1  # the sentence of a token that is in none


class Network(nn.Module):
    """Score the sentences of windows for questions."""

    def __init__(self, base: Path, folder: Path) -> None:
        super().__init__()
        self.tokenizer = AutoTokenizer.from_pretrained(str(base))
        self.model = AutoModel.from_pretrained(str(base), dtype=torch.float32, add_pooling_layer=False).eval()
        # On a processor faster than the fused kind, for texts as short as these.
        self.model.set_attn_implementation("eager")
        width = self.model.config.hidden_size
        self.sentence, self.span = nn.Linear(width, 1), nn.Linear(width, 2)
        if (folder / WEIGHTS).is_file():
            self.load_state_dict(load_file(folder / WEIGHTS), strict=False)

    def encode(self, question: str, text: str, spans: Sequence[Span]) -> tuple[list[int], list[int], list[Span]]:
        """Return token ids, the number of each token's sentence and its characters in the window."""
        asked = self.tokenizer("query: " + question, truncation=True, max_length=QUESTION)["input_ids"]
        told = self.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True, verbose=False)
        room = LENGTH - len(asked) - 1
        offsets = told["offset_mapping"][:room]
        numbers = [next((n for n, (a, b) in enumerate(spans) if a <= (x + y) / 2 < b), NOWHERE) for x, y in offsets]
        ids = [*asked, *told["input_ids"][:room], self.tokenizer.eos_token_id]
        outside = [(0, 0)]
        return ids, [NOWHERE] * len(asked) + numbers + [NOWHERE], outside * len(asked) + offsets + outside

    def batch(self, read: Sequence[tuple[list[int], list[int], list[Span]]]) -> tuple[Tensor, Tensor, Tensor]:
        """Pad what was encoded to one length: ids, mask and sentence numbers, a row for each window."""
        length = max(len(ids) for ids, _, _ in read)
        pad = self.tokenizer.pad_token_id
        ids = torch.tensor([i + [pad] * (length - len(i)) for i, _, _ in read])
        mask = torch.tensor([[1] * len(i) + [0] * (length - len(i)) for i, _, _ in read])
        numbers = torch.tensor([n + [NOWHERE] * (length - len(n)) for _, n, _ in read])
        return ids, mask, numbers

    def forward(self, ids: Tensor, mask: Tensor, numbers: Tensor) -> tuple[Tensor, Tensor]:
        """Return a logit for each sentence (−inf where a window has fewer), and two for each token."""
        states = self.model(input_ids=ids, attention_mask=mask).last_hidden_state
        count = max(1, int(numbers.max()) + 1)
        inside = (numbers[:, :, None] == torch.arange(count, device=ids.device)).to(states.dtype)
        sizes = inside.sum(1)
        means = torch.einsum("bln,blh->bnh", inside, states) / sizes.clamp(min=1)[..., None]
        logits = self.sentence(means)[..., 0].float().masked_fill(sizes == 0, -torch.inf)
        return logits, self.span(states).float()
