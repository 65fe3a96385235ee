"""Train a reader: one pass over a question and a passage scores each sentence, and marks the span that answers.

    python -m models.training.reader BASE PREPARED.json OUT --minutes 60

BASE is a folder of BERT's shape (the search model). A sentence is the mean of its tokens under a linear layer; a
passage answers as much as its sentences do together (log of the sum of their exponentials), so one head learns from
sentences that are known, from passages that are known to answer, and from those that only seem to. A second linear
layer scores each token as the first and as the last of the answer (SQuAD: Rajpurkar et al. 2016; its absence: 2018).

Weights are trained in bf16 with copies in fp32, which on a processor with such instructions is twice as fast.
"""

import json
import random
import shutil
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy
from transformers import AutoModel, AutoTokenizer

from models.training.command import options, save_weights, seed

WRITTEN = "reader.safetensors"
QUESTION, LENGTH = 48, 288  # tokens of a question, and in all
POOL, BATCH = 192, 24  # sequences that are drawn together and sorted by length; of a step
FROZEN = 2  # of the lower layers
WITHOUT, OTHER = 0.3, 0.6  # how often a question is also read over its passage without the answer; over another passage
WARM, LAST = 0.04, 0.02  # share of the time in which the rate rises; share of the rate that is left at the end
SPAN = 0.3  # what the loss on the answer's span counts for
# How often a question is of each set: those written for the domain count most.
WEIGHTS = {
    "piaf_fr": 1.0,
    "xquad_en": 0.4,
    "hr_fr": 0.3,
    "spf_fr": 0.2,
    "clapnq_en": 0.4,
    "written": 0.8,
    "nomiracl": 0.4,
    "law": 0.1,
    "new": 2.4,
    "near": 2.4,
    "claim": 0.8,
}


@dataclass(frozen=True)
class Item:
    """Hold a question over a passage: the sentences that answer (None: unknown), whether it answers, and the span."""

    question: str
    text: str
    spans: list[tuple[int, int]]
    gold: list[int] | None
    answers: bool
    answer: tuple[int, int] | None = None


class Reader(nn.Module):
    """Score the sentences of a passage for a question."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.tokenizer = AutoTokenizer.from_pretrained(str(folder))
        self.model = AutoModel.from_pretrained(str(folder), dtype=torch.float32, add_pooling_layer=False).eval()
        width = self.model.config.hidden_size
        self.sentence, self.span = nn.Linear(width, 1), nn.Linear(width, 2)
        if (folder / WRITTEN).is_file():
            self.load_state_dict(load_file(folder / WRITTEN), strict=False)
        self.model.embeddings.requires_grad_(False)
        self.model.encoder.layer[:FROZEN].requires_grad_(False)

    def encode(self, item: Item) -> tuple[list[int], list[int], list[tuple[int, int]]]:
        """Return token ids, the number of each token's sentence (−1: of none) and its characters in the passage."""
        tokenizer = self.tokenizer
        asked = tokenizer("query: " + item.question, truncation=True, max_length=QUESTION)["input_ids"]
        told = tokenizer(item.text, add_special_tokens=False, return_offsets_mapping=True, verbose=False)
        room = LENGTH - len(asked) - 1
        offsets = told["offset_mapping"][:room]
        number = [next((n for n, (a, b) in enumerate(item.spans) if a <= (x + y) / 2 < b), -1) for x, y in offsets]
        ids = [*asked, *told["input_ids"][:room], tokenizer.eos_token_id]
        nowhere = [(-1, -1)]
        return ids, [-1] * len(asked) + number + [-1], nowhere * len(asked) + offsets + nowhere

    def forward(self, ids: Tensor, mask: Tensor, sentence: Tensor, count: int) -> tuple[Tensor, Tensor]:
        """Return a logit for each sentence (−inf where a passage has fewer), and two for each token."""
        states = self.model(input_ids=ids, attention_mask=mask).last_hidden_state
        inside = (sentence[:, :, None] == torch.arange(count)).to(states.dtype)
        sizes = inside.sum(1)
        means = torch.einsum("bln,blh->bnh", inside, states) / sizes.clamp(min=1)[..., None]
        logits = self.sentence(means)[..., 0].float().masked_fill(sizes == 0, -torch.inf)
        return logits, self.span(states).float()


def loss_of(reader: Reader, items: list[Item]) -> Tensor:
    """Compute the loss of a batch."""
    read = [reader.encode(item) for item in items]
    length = max(len(ids) for ids, _, _ in read)
    pad = reader.tokenizer.pad_token_id
    ids = torch.tensor([i + [pad] * (length - len(i)) for i, _, _ in read])
    numbers = torch.tensor([n + [-1] * (length - len(n)) for _, n, _ in read])
    mask = torch.tensor([[1] * len(i) + [0] * (length - len(i)) for i, _, _ in read])
    logits, tokens = reader(ids, mask, numbers, int(numbers.max()) + 1)
    together = torch.logsumexp(logits, 1)
    answers = torch.tensor([float(item.answers) for item in items])
    loss = binary_cross_entropy_with_logits(together, answers)
    known, choice, spans = [], [], []
    for row, item in enumerate(items):
        real = torch.isfinite(logits[row])
        if item.gold is not None or not item.answers:
            gold = torch.tensor([float(n in (item.gold or ())) for n in range(len(real))])
            weight = torch.where(gold > 0, 2.0, 1.0)[real]
            known.append(binary_cross_entropy_with_logits(logits[row][real], gold[real], weight=weight))
            if gold[real].any():
                choice.append(together[row] - torch.logsumexp(logits[row][(gold > 0) & real], 0))
        if item.answer:
            own = read[row][2]
            at = [k for k, (a, b) in enumerate(own) if min(b, item.answer[1]) > max(a, item.answer[0])]
            if at:
                inside = (numbers[row] >= 0).float().log()
                for side, place in enumerate((at[0], at[-1])):
                    spans.append(cross_entropy(tokens[row, :, side] + inside, torch.tensor(place)))
    for part, share in ((known, 1.0), (choice, 0.5), (spans, SPAN)):
        if part:
            loss = loss + share * torch.stack(part).mean()
    return loss


def drawn(prepared: dict[str, Any], weights: dict[str, float]) -> Iterator[list[Item]]:
    """Draw batches without end: of like length, questions over their passage, over less of it, and over others."""
    by_set: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for question in prepared["Q"]:
        by_set[question["src"]].append(question)
    names = [name for name in by_set if weights.get(name)]
    waiting: dict[str, list[dict[str, Any]]] = defaultdict(list)
    while True:
        pool: list[Item] = []
        while len(pool) < POOL:
            name = random.choices(names, [weights[n] for n in names])[0]
            waiting[name] = waiting[name] or random.sample(by_set[name], len(by_set[name]))
            pool += _items(waiting[name].pop(), prepared["P"])
        pool.sort(key=lambda item: len(item.text) + len(item.question))
        batches = [pool[i : i + BATCH] for i in range(0, len(pool), BATCH)]
        yield from random.sample(batches, len(batches))


def _items(question: dict[str, Any], passages: dict[str, Any]) -> Iterator[Item]:
    passage = passages[question["p"]]
    text, spans = passage["text"], [(a, b) for a, b in passage["spans"]]
    answer = tuple(question["span"]) if question.get("span") else None
    yield Item(question["q"], text, spans, question["gold"], question["ans"], answer)
    if question["gold"] and len(spans) - len(question["gold"]) > 1 and random.random() < WITHOUT:
        rest = [text[a:b] for n, (a, b) in enumerate(spans) if n not in question["gold"]]
        yield Item(question["q"], *_joined(rest), [], False)
    if question.get("others") and random.random() < OTHER:
        other = passages[random.choice(question["others"])]
        yield Item(question["q"], other["text"], [(a, b) for a, b in other["spans"]], [], False)


def _joined(texts: list[str]) -> tuple[str, list[tuple[int, int]]]:
    ends = np.cumsum([len(text) + 1 for text in texts])
    return " ".join(texts), [(int(end) - len(text) - 1, int(end) - 1) for end, text in zip(ends, texts, strict=True)]


def train(reader: Reader, prepared: dict[str, Any], seconds: float, rate: float, last: float, out: Path) -> None:
    """Train until the time is up; what is reached is saved every ten minutes."""
    reader.bfloat16()
    small = [p for p in reader.parameters() if p.requires_grad]
    master = [p.detach().float().clone().requires_grad_(True) for p in small]
    optimizer = torch.optim.AdamW(master, lr=rate, weight_decay=0.01)
    began, saved, losses, seen = time.monotonic(), time.monotonic(), list[float](), 0
    for step, items in enumerate(drawn(prepared, WEIGHTS), 1):
        done = (time.monotonic() - began) / seconds
        if done >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1.0, max(done, 0.002) / WARM) * max(last, 1 - (1 - last) * done)
        loss = loss_of(reader, items)
        torch.autograd.backward(loss)
        for copy, parameter in zip(master, small, strict=True):
            copy.grad, parameter.grad = None if parameter.grad is None else parameter.grad.float(), None
        nn.utils.clip_grad_norm_(master, 1.0)
        optimizer.step()
        with torch.no_grad():
            for copy, parameter in zip(master, small, strict=True):
                parameter.copy_(copy)
        losses.append(loss.item())
        seen += len(items)
        if step % 50 == 0:
            speed = seen / (time.monotonic() - began)
            print(f"step {step}, {done:.0%}, loss {np.mean(losses[-50:]):.3f}, {speed:.1f} a second", flush=True)
        if time.monotonic() - saved > 600:
            save_weights(reader, out / WRITTEN)
            saved = time.monotonic()


def main() -> None:
    """Train a reader and write its folder."""
    known = options(__doc__, rate=1e-4)
    known.add_argument("--last", type=float, default=LAST)
    given = known.parse_args()
    seed()
    shutil.copytree(given.base, given.out, dirs_exist_ok=True)
    reader = Reader(given.base)
    train(reader, json.loads(given.prepared.read_text()), 60 * given.minutes, given.rate, given.last, given.out)
    save_weights(reader, given.out / WRITTEN)


if __name__ == "__main__":
    main()
