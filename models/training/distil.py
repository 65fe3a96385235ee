"""Teach one reader what several know together: the mean of their logits instead of right and wrong.

    python -m models.training.distil BASE NEAR.json OUT ONE TWO THREE --minutes 10 --begin FIRST

What their judgements have in common holds better on unseen questions than what one of them learned by heart
(distillation: Hinton et al. 2015). The windows are drawn anew, laws among them, for which no answers need be known.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from models.training.batches import FIRST_SHARES, SHARES, batches
from models.training.command import options, seed
from models.training.items import Item
from models.training.reader import CHOICE, DEVICE, freeze, save, train
from rag.retrieval.network import Network

TAUGHT = SHARES | {"laws": 1.0, "squad_en": FIRST_SHARES["squad_en"] / 2}
NOWHERE = -1e4  # the logit of a sentence that is not there, small enough to weigh nothing and to be multiplied by none

Lesson = tuple[list[Item], Tensor]


@torch.no_grad()
def lessons(teachers: Sequence[Network], drawn: Iterator[list[Item]]) -> Iterator[Lesson]:
    """Yield batches with the mean of the teachers' logits: a row for each window, a column for each sentence."""
    for items in drawn:
        yield items, torch.stack([_logits(teacher, items) for teacher in teachers]).mean(0)


def loss_of(network: Network, lesson: Lesson) -> Tensor:
    """Compute how far the logits of windows and of sentences, and the choice among these, are from what is taught."""
    items, taught = lesson
    logits = _logits(network, items)
    real = torch.isfinite(logits)
    answered = torch.logsumexp(taught, 1).sigmoid()
    loss = binary_cross_entropy_with_logits(torch.logsumexp(logits, 1), answered)
    loss = loss + binary_cross_entropy_with_logits(logits[real], taught[real].sigmoid())
    choice = logits.masked_fill(~real, NOWHERE).log_softmax(1) * taught.masked_fill(~real, NOWHERE).softmax(1)
    return loss - CHOICE * (choice.sum(1) * answered).mean()


def _logits(network: Network, items: Sequence[Item]) -> Tensor:
    read = network.batch([network.encode(item.question, item.text, item.spans) for item in items])
    logits: Tensor = network(*(part.to(DEVICE) for part in read))[0]
    return logits.cpu()


def main() -> None:
    """Train a reader on the judgements of others and write its weights."""
    known = options(__doc__, rate=8e-5)
    known.add_argument("teachers", type=Path, nargs="+")
    known.add_argument("--begin", type=Path, default=Path(), help="a folder with weights to go on from")
    given = known.parse_args()
    seed()
    teachers = [Network(given.base, teacher).to(DEVICE).eval() for teacher in given.teachers]
    network = Network(given.base, given.begin)
    freeze(network)
    drawn = batches(json.loads(given.prepared.read_text()), TAUGHT)
    train(network, lessons(teachers, drawn), loss_of, 60 * given.minutes, given.rate)
    save(network, given.out)


if __name__ == "__main__":
    main()
