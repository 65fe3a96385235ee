"""Tune a sentence-transformers folder of BERT's shape for search and for reading in one pass.

    python -m models.training.tune BASE PREPARED.json OUT --minutes 60

A passage is read once; its vector is the mean of its tokens, and the vector of each of its sentences the mean of the
sentence's own tokens in that context (late chunking: Günther et al. 2024). Four losses on a batch of questions with
their passages, all on cosines:

- the question finds its passage among those of the batch, and the passage its question (InfoNCE: van den Oord 2018);
- the question finds a sentence that answers among all sentences of the batch;
- the same among the sentences of its own passage, the harder choice;
- absence: a logistic regression on the cosine of the best sentence tells the sentence that answers from the best
  sentence of the same passage without it, of a passage that only seems to answer, and of the other passages.

The lower layers stay as they are, and what they make of each text is remembered: a step costs half of what it would.
"""

import json
import random
import shutil
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, normalize
from transformers import AutoModel, AutoTokenizer

from models.training.command import options, save_weights, seed

FROZEN = 6  # of the layers
BATCH = 32
TEMPERATURE = 0.02  # as the base was trained with
LENGTHS = {"q": 48, "p": 224}  # tokens
PREFIXES = {"q": "query: ", "p": "passage: "}
SHARE = 0.5  # what each of the losses on sentences counts for beside the one on passages
WARM, LAST = 0.04, 0.03  # share of the time in which the rate rises; share of the rate that is left at the end
CALIBRATION = (20.0, -16.0)  # where the regression on cosines begins
# How often a batch is of each set: questions written for the domain count most.
WEIGHTS = {
    "piaf_fr": 1.0,
    "xquad_en": 0.5,
    "hr_fr": 0.7,
    "spf_fr": 0.5,
    "clapnq_en": 0.5,
    "written": 1.6,
    "nomiracl": 0.5,
    "law": 0.7,
    "new": 2.4,
    "claim": 0.0,  # statements, which nobody asks
}


@dataclass(frozen=True)
class Lower:
    """Hold what the frozen layers made of a text: a row a token, and the middle of each token in the text."""

    states: Tensor
    middles: Tensor


class Encoder(nn.Module):
    """Encode texts; the lower layers are frozen and remembered."""

    def __init__(self, folder: Path, frozen: int) -> None:
        super().__init__()
        self.tokenizer = AutoTokenizer.from_pretrained(str(folder))
        self.model = AutoModel.from_pretrained(str(folder), dtype=torch.float32, add_pooling_layer=False).eval()
        self.below, self.above = self.model.encoder.layer[:frozen], self.model.encoder.layer[frozen:]
        self.model.requires_grad_(False)
        self.above.requires_grad_(True)
        self.remembered: dict[tuple[str, str], Lower] = {}

    def lower(self, kind: str, texts: Sequence[str]) -> list[Lower]:
        """Read texts through the frozen layers, each one once."""
        new = [text for text in dict.fromkeys(texts) if (kind, text) not in self.remembered]
        if new:
            prefix = PREFIXES[kind]
            limits = {"truncation": True, "max_length": LENGTHS[kind], "padding": True, "return_tensors": "pt"}
            read = self.tokenizer([prefix + text for text in new], return_offsets_mapping=True, **limits)
            mask = read["attention_mask"]
            with torch.no_grad():
                states = _through(self.below, self.model.embeddings(input_ids=read["input_ids"]), mask)
            middles = read["offset_mapping"].float().mean(dim=-1) - len(prefix)
            for row, text in enumerate(new):
                length = int(mask[row].sum())
                self.remembered[kind, text] = Lower(states[row, :length].half(), middles[row, :length])
        return [self.remembered[kind, text] for text in texts]

    def upper(self, lower: Sequence[Lower]) -> tuple[Tensor, Tensor]:
        """Read on; return the rows of the tokens of each text, and one unit vector for each text."""
        length = max(len(low.states) for low in lower)
        states = torch.zeros(len(lower), length, lower[0].states.shape[1])
        mask = torch.zeros(len(lower), length)
        for row, low in enumerate(lower):
            states[row, : len(low.states)], mask[row, : len(low.states)] = low.states.float(), 1
        states = _through(self.above, states, mask)
        return states, normalize((states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True), dim=-1)


def _through(layers: nn.ModuleList, states: Tensor, mask: Tensor) -> Tensor:
    hidden = torch.zeros(len(mask), 1, 1, mask.shape[1]).masked_fill(mask[:, None, None, :] == 0, -1e9)
    for layer in layers:
        made = layer(states, hidden)
        states = made[0] if isinstance(made, tuple) else made
    return states


@dataclass(frozen=True)
class Sentences:
    """Hold the vectors of all sentences of a batch: which passage each one is of, and its number there."""

    vectors: Tensor
    passage: Tensor
    number: list[int]


def pooled(states: Tensor, lower: Sequence[Lower], spans: Sequence[Sequence[Sequence[int]]]) -> Sentences:
    """Pool the tokens of each sentence; a sentence beyond the length that is read is left out."""
    vectors, passages, numbers = [], [], []
    for row, (low, own) in enumerate(zip(lower, spans, strict=True)):
        for number, (start, end) in enumerate(own):
            inside = ((low.middles >= start) & (low.middles < end)).float()
            if inside.any():
                vectors.append(inside @ states[row, : len(inside)] / inside.sum())
                passages.append(row)
                numbers.append(number)
    return Sentences(normalize(torch.stack(vectors), dim=-1), torch.tensor(passages), numbers)


def loss_of(encoder: Encoder, calibration: Tensor, questions: list[dict[str, Any]], passages: dict[str, Any]) -> Tensor:
    """Compute the loss of a batch of questions, no two of them of one passage."""
    own = [passages[q["p"]] for q in questions]
    _, asked = encoder.upper(encoder.lower("q", [q["q"] for q in questions]))
    low = encoder.lower("p", [p["text"] for p in own])
    states, told = encoder.upper(low)
    sentences = pooled(states, low, [p["spans"] for p in own])
    cosines = asked @ sentences.vectors.T
    answered = torch.tensor([q["ans"] for q in questions])
    loss = torch.zeros(())
    if answered.any():
        scores, places = asked @ told.T / TEMPERATURE, torch.arange(len(questions))
        both = cross_entropy(scores[answered], places[answered]) + cross_entropy(scores.T[answered], places[answered])
        loss = loss + both / 2
    choices: list[Tensor] = []
    logits: list[tuple[Tensor, float]] = []
    for row, question in enumerate(questions):
        mine = sentences.passage == row
        gold = torch.tensor(
            [bool(m) and n in (question["gold"] or ()) for m, n in zip(mine, sentences.number, strict=True)]
        )
        if gold.any():
            right = torch.logsumexp(cosines[row][gold] / TEMPERATURE, 0)
            choices += [torch.logsumexp(cosines[row] / TEMPERATURE, 0) - right]
            choices += [torch.logsumexp(cosines[row][mine] / TEMPERATURE, 0) - right]
            logits.append((cosines[row][gold].max(), 1.0))
            if (mine & ~gold).any():
                logits.append((cosines[row][mine & ~gold].max(), 0.0))
        elif mine.any():
            logits += [(cosines[row][mine].max(), float(question["ans"]))] * (1 if question["ans"] else 2)
        if (~mine).any():
            logits.append((cosines[row][~mine].max(), 0.0))
    if choices:
        loss = loss + SHARE * 2 * torch.stack(choices).mean()
    values, labels = torch.stack([value for value, _ in logits]), torch.tensor([label for _, label in logits])
    return loss + SHARE * binary_cross_entropy_with_logits(calibration[0] * values + calibration[1], labels)


def batches(questions: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Draw batches without end, each of one set, as no two questions of one passage may meet."""
    by_set: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for question in questions:
        by_set[question["src"]].append(question)
    waiting: dict[str, list[dict[str, Any]]] = defaultdict(list)
    while True:
        name = random.choices(list(by_set), [WEIGHTS.get(n, 1.0) for n in by_set])[0]
        batch: dict[str, dict[str, Any]] = {}
        for _ in range(12 * BATCH):
            waiting[name] = waiting[name] or random.sample(by_set[name], len(by_set[name]))
            question = waiting[name].pop()
            place = question["p"].split("@")[0]
            if place in batch:
                waiting[name].insert(0, question)
            batch.setdefault(place, question)
            if len(batch) == BATCH:
                break
        yield list(batch.values())


def tune(encoder: Encoder, prepared: dict[str, Any], seconds: float, rate: float) -> None:
    """Tune the upper layers until the time is up."""
    calibration = nn.Parameter(torch.tensor(CALIBRATION))
    weights = list(encoder.above.parameters())
    groups = [{"params": weights, "share": 1.0}, {"params": [calibration], "share": 20.0, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=rate, weight_decay=0.01)
    began, losses = time.monotonic(), list[float]()
    for step, questions in enumerate(batches(prepared["Q"]), 1):
        done = (time.monotonic() - began) / seconds
        if done >= 1 and step > 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = rate * group["share"] * min(1.0, max(done, 0.002) / WARM) * max(LAST, 1 - done)
        loss = loss_of(encoder, calibration, questions, prepared["P"])
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        losses.append(loss.item())
        if step % 20 == 0:
            print(f"step {step}, {done:.0%}, loss {np.mean(losses[-20:]):.3f}", flush=True)


def save(encoder: Encoder, base: Path, out: Path) -> None:
    """Write the folder of the base with the tuned weights, in half precision."""
    shutil.copytree(base, out, dirs_exist_ok=True)
    save_weights(encoder.model, out / "model.safetensors")
    (out / "late_sentences.json").write_text('{"trained_for": "sentence vectors pooled from a passage read whole"}\n')


def main() -> None:
    """Tune a folder and write another one."""
    known = options(__doc__, rate=5e-5)
    known.add_argument("--frozen", type=int, default=FROZEN)
    given = known.parse_args()
    seed()
    encoder = Encoder(given.base, given.frozen)
    tune(encoder, json.loads(given.prepared.read_text()), 60 * given.minutes, given.rate)
    save(encoder, given.base, given.out)


if __name__ == "__main__":
    main()
