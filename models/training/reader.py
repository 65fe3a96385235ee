"""Train the reader: question and window in, a score for each sentence and the ends of the answer out.

    python -m models.training.neighbours PREPARED.json SEARCH_MODEL NEAR.json
    python -m models.training.reader BASE NEAR.json FIRST --minutes 10 --rate 1e-4 --first
    python -m models.training.reader BASE NEAR.json ONE --minutes 10 --begin FIRST --seed 1      # and TWO, THREE, …
    python -m models.training.distil BASE NEAR.json OUT ONE TWO THREE --minutes 10 --begin FIRST

    python -m models.training.reader BASE TWINS.json OUT --minutes 45 --rate 4e-5 --twins --begin READER

BASE is the folder of the search model; OUT gets the weights that differ from it. A window that answers is told from one
that does not by what its sentences come to together, so one head learns from sentences that are known and from windows
that only seem to answer. A graphics card is used where there is one.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from models.training.batches import FIRST_SHARES, SHARES, batches
from models.training.command import options, save_weights, seed
from models.training.items import Item
from models.training.twin_batches import twin_batches
from rag.retrieval.network import WEIGHTS, Network

FROZEN = 2  # of the lower layers: those are the search model's
WARM, LAST = 0.04, 0.02  # share of the time in which the rate rises; share of the rate that is left at the end
CHOICE, SPAN = 0.5, 0.15  # what the loss on the right sentence among all counts for, and that on the answer's ends
RIGHT = 2.0  # what a sentence that answers counts for, beside one that does not
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"

Drawn = TypeVar("Drawn")


def loss_of(network: Network, items: Sequence[Item]) -> Tensor:
    """Compute the loss of a batch."""
    read = [network.encode(item.question, item.text, item.spans) for item in items]
    ids, mask, numbers = network.batch(read)
    logits, ends = (part.cpu() for part in network(ids.to(DEVICE), mask.to(DEVICE), numbers.to(DEVICE)))
    together = torch.logsumexp(logits, 1)
    loss = binary_cross_entropy_with_logits(together, torch.tensor([float(item.answers) for item in items]))
    real = torch.isfinite(logits)
    gold, known = torch.zeros_like(logits), torch.zeros_like(logits)
    for row, item in enumerate(items):
        known[row] = float(item.gold is not None)
        for number in item.gold or ():
            if number < gold.shape[1]:  # beyond the length of what is read there are none
                gold[row, number] = 1.0
    known, gold = known * real, gold * real
    weight = torch.where(gold > 0, RIGHT, 1.0) * known
    each = binary_cross_entropy_with_logits(logits.masked_fill(~real, 0), gold, weight, reduction="sum")
    loss = loss + each / known.sum().clamp(min=1)
    has = gold.sum(1) > 0
    if has.any():
        right = torch.logsumexp(logits.masked_fill(gold == 0, -torch.inf)[has], 1)
        loss = loss + CHOICE * (together[has] - right).mean()
    places = list(_places(items, read))
    if places:
        rows = torch.tensor([row for row, _, _ in places])
        inside = (numbers[rows] >= 0).float().log()
        for side in (0, 1):
            wanted = torch.tensor([place[1 + side] for place in places])
            loss = loss + SPAN * cross_entropy(ends[rows, :, side] + inside, wanted)
    return loss


def _places(
    items: Sequence[Item], read: Sequence[tuple[list[int], list[int], list[tuple[int, int]]]]
) -> Iterator[tuple[int, int, int]]:
    """Yield the row, the first and the last token of each answer that is known."""
    for row, (item, (_, _, offsets)) in enumerate(zip(items, read, strict=True)):
        if item.answer:
            at = [k for k, (a, b) in enumerate(offsets) if min(b, item.answer[1]) > max(a, item.answer[0])]
            if at:
                yield row, at[0], at[-1]


def train(
    network: Network, drawn: Iterator[Drawn], loss: Callable[[Network, Drawn], Tensor], seconds: float, rate: float
) -> None:
    """Train on what is drawn until the time is up."""
    network.to(DEVICE)
    weights = [p for p in network.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=rate, weight_decay=0.01)
    began, losses = time.monotonic(), list[float]()
    for step, batch in enumerate(drawn, 1):
        done = (time.monotonic() - began) / seconds
        if done >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1.0, max(done, 0.002) / WARM) * max(LAST, 1 - (1 - LAST) * done)
        with torch.autocast(DEVICE, torch.bfloat16):
            value = loss(network, batch)
        optimizer.zero_grad()
        torch.autograd.backward(value)
        nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        losses.append(value.item())
        if step % 50 == 0:
            print(f"step {step}, {done:.0%}, loss {np.mean(losses[-50:]):.3f}", flush=True)
    network.to("cpu").eval()


def freeze(network: Network) -> None:
    """Leave the words and the lower layers as they are: those of the search model."""
    network.model.embeddings.requires_grad_(False)
    network.model.encoder.layer[:FROZEN].requires_grad_(False)


def save(network: Network, out: Path) -> None:
    """Write the weights that differ from the search model's."""
    out.mkdir(parents=True, exist_ok=True)
    save_weights(network, out / WEIGHTS, {name for name, p in network.named_parameters() if p.requires_grad})


def main() -> None:
    """Train a reader and write its weights."""
    known = options(__doc__, rate=5e-5)
    known.add_argument("--begin", type=Path, default=Path(), help="a folder with weights to go on from")
    known.add_argument("--first", action="store_true", help="draw the sets as for a first training")
    twins = "the prepared file holds twins (models.training.twins)"
    known.add_argument("--twins", action="store_true", help=twins)
    known.add_argument("--seed", type=int, default=0)
    given = known.parse_args()
    seed(given.seed)
    network = Network(given.base, given.begin)
    freeze(network)
    prepared = json.loads(given.prepared.read_text())
    shares = FIRST_SHARES if given.first else SHARES
    drawn = twin_batches(prepared) if given.twins else batches(prepared, shares)
    train(network, drawn, loss_of, 60 * given.minutes, given.rate)
    save(network, given.out)


if __name__ == "__main__":
    main()
