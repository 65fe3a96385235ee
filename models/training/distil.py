"""Train a bilingual sentence-embedding model against its English teacher.

Two tasks take turns. Distillation (Reimers and Gurevych 2020, arXiv:2004.09813): the student's vector
of a French text, and now and then of its English version, must equal the teacher's vector of the
English one, alone and in its similarities to the rest of the batch. Retrieval: the marginal note of a
section of law must find the section among others (InfoNCE, van den Oord et al. 2018), each text in
a language drawn by lot. Batches hold runs of neighbouring sections, so that the wrong answers are
close ones; the distillation loss stays on, so that nothing else is forgotten.
"""

import argparse
import copy
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from extend import save_half
from pairs import Pair, read_pairs
from sentence_transformers import SentenceTransformer
from torch import Tensor
from torch.nn.functional import cross_entropy

SCALE = 20.0  # of cosines before a softmax, as in sentence-transformers
TOKENS = 160  # texts are cut here, while training only
# How often a pair of each kind is seen in one pass; `Text` is long and has the least to teach.
PASSES = {
    "stsb": 3.0,
    "course": 3.0,
    "Word": 3.0,
    "Wiki": 0.7,
    "Phrase": 0.5,
    "Entry": 0.5,
    "Heading": 0.5,
    "MarginalNote": 0.5,
    "Title": 0.3,
    "Text": 0.1,
}
SECTION_CHARACTERS = 500


def joined(kind: str, pairs: Sequence[Pair]) -> Pair:
    """Join pairs into one longer pair."""
    return Pair(kind, " ".join(pair.english for pair in pairs), " ".join(pair.french for pair in pairs))


def sections(pairs: Sequence[Pair]) -> Iterator[tuple[Pair, Pair]]:
    """Yield each marginal note with the first paragraphs of its section, whole ones."""
    note: Pair | None = None
    text: list[Pair] = []
    for pair in [*pairs, Pair("", "", "")]:
        if pair.kind == "Text" and note:
            if not text or sum(len(part.french) for part in (*text, pair)) <= SECTION_CHARACTERS:
                text.append(pair)
            continue
        if note and text:
            yield note, joined("Section", text)
        note, text = (pair if pair.kind == "MarginalNote" else None), []


def mixtures(pairs: Sequence[Pair], amount: int, draw: random.Random) -> Iterator[Pair]:
    """Join neighbouring or random short pairs into texts as long as a passage."""
    for place in range(amount):
        size = draw.randint(3, 8)
        start = draw.randrange(len(pairs) - size)
        chosen = draw.sample(pairs, size) if place % 2 else pairs[start : start + size]
        yield joined("Mixed", chosen)


def distillation_batches(pairs: Sequence[Pair], characters: int, draw: random.Random) -> Iterator[list[Pair]]:
    """Yield batches of pairs of similar length without end, about `characters` of French in each."""
    while True:
        chosen = []
        for pair in pairs:
            passes = PASSES.get(pair.kind, 1.0)
            chosen += [pair] * (int(passes) + (draw.random() < passes % 1))
        draw.shuffle(chosen)
        batches = []
        for start in range(0, len(chosen), 16384):
            window = sorted(chosen[start : start + 16384], key=lambda pair: -len(pair.french))
            while window:
                size = min(256, max(16, characters // (len(window[0].french) + 8)))
                batches.append(window[:size])
                del window[:size]
        draw.shuffle(batches)
        yield from batches


def retrieval_batches(
    noted: Sequence[tuple[Pair, Pair]], runs: int, draw: random.Random, length: int = 8
) -> Iterator[list[tuple[Pair, Pair]]]:
    """Yield batches made of `runs` runs of neighbouring sections without end."""
    while True:
        starts = list(range(draw.randrange(length), len(noted), length))
        draw.shuffle(starts)
        for first in range(0, len(starts) - runs + 1, runs):
            yield [item for start in starts[first : first + runs] for item in noted[start : start + length]]


class Teacher:
    """Embed English texts once each with the English model."""

    def __init__(self, folder: Path) -> None:
        """Load the model in bf16."""
        self.model = SentenceTransformer(str(folder), device="cpu", local_files_only=True).bfloat16()
        self.known: dict[str, Tensor] = {}

    def __call__(self, texts: Sequence[str]) -> Tensor:
        """Return unit vectors, (texts, width)."""
        new = [text for text in dict.fromkeys(texts) if text not in self.known]
        if new:
            with torch.inference_mode():
                self.known |= zip(new, embed(self.model, new).bfloat16(), strict=True)
        return torch.stack([self.known[text] for text in texts]).float()


def embed(model: SentenceTransformer, texts: Sequence[str]) -> Tensor:
    """Embed texts as unit vectors, keeping gradients, (texts, width)."""
    features = model.tokenizer(list(texts), padding=True, truncation=True, max_length=TOKENS, return_tensors="pt")
    vectors: Tensor = model(dict(features))["sentence_embedding"]
    return vectors


def distillation_loss(student: Tensor, teacher: Tensor) -> Tensor:
    """Compare vectors with the teacher's, each alone and by its similarities to the batch."""
    apart = 1 - (student * teacher).sum(dim=1)
    similar = (SCALE * teacher @ teacher.T).softmax(dim=1)
    return 5 * apart.mean() + cross_entropy(SCALE * student @ teacher.T, similar)


def retrieval_loss(notes: Tensor, texts: Tensor, names: Sequence[str]) -> Tensor:
    """Ask each note to find its section among all; sections with the same note are not wrong answers."""
    number = {name: place for place, name in enumerate(names)}
    same = torch.tensor([number[name] for name in names])
    wrong = (same[:, None] == same[None, :]) & ~torch.eye(len(names), dtype=torch.bool)
    scores = (SCALE * notes @ texts.T).masked_fill(wrong, -1e4)
    return cross_entropy(scores, torch.arange(len(names)))


def translation_retrieval(model: SentenceTransformer, pairs: Sequence[Pair]) -> float:
    """Measure how often a French text's nearest English text is its translation."""
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        french, english = (
            torch.cat([embed(model, side[start : start + 50]) for start in range(0, len(side), 50)])
            for side in ([pair.french for pair in pairs], [pair.english for pair in pairs])
        )
    found = (french @ english.T).argmax(dim=1) == torch.arange(len(pairs))
    return float(found.float().mean())


def distillation_step(student: SentenceTransformer, teacher: Teacher, batch: list[Pair], english: bool) -> Tensor:
    """Distil one batch: French texts, or their English versions if `english`."""
    texts = [pair.english if english else pair.french for pair in batch]
    return distillation_loss(embed(student, texts).float(), teacher([pair.english for pair in batch]))


def retrieval_step(
    student: SentenceTransformer, teacher: Teacher, batch: list[tuple[Pair, Pair]], draw: random.Random
) -> Tensor:
    """Train retrieval on one batch, each text in a random language, with distillation beside it."""
    sides = list(zip(*batch, strict=True))
    names, sections_english = ([pair.english for pair in side] for side in sides)
    notes, texts = (embed(student, [pair[draw.choice((1, 2))] for pair in side]).float() for side in sides)
    kept = distillation_loss(notes, teacher(names)) + distillation_loss(texts, teacher(sections_english))
    return retrieval_loss(notes, texts, names) + 0.25 * kept


def main() -> None:
    """Train a student folder on pair files and write the trained folder."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("teacher", type=Path, help="folder of the English sentence-transformers model")
    parser.add_argument("student", type=Path, help="folder of the model to start from (extend.py)")
    parser.add_argument("pairs", type=Path, nargs="+", help="folders of kind<TAB>english<TAB>french files, gzip")
    parser.add_argument("output", type=Path, help="folder of the model to write")
    parser.add_argument("--steps", type=int, default=4000, help="optimiser steps")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop earlier, the rate falling faster")
    parser.add_argument("--rate", type=float, default=3e-4, help="highest learning rate; it falls to zero")
    parser.add_argument("--characters", type=int, default=12_000, help="French characters in a batch")
    parser.add_argument("--retrieval", type=int, default=4, help="every which step trains retrieval")
    parser.add_argument("--seed", type=int, default=1, help="seed of every random choice")
    options = parser.parse_args()

    draw = random.Random(options.seed)
    torch.manual_seed(options.seed)
    everything = [pair for folder in options.pairs for pair in read_pairs(folder)]
    noted = list(sections(everything))
    sentences = [pair for pair in dict.fromkeys(everything) if 40 < len(pair.french) < 200]
    unseen = draw.sample(sentences, min(500, len(sentences) // 10))
    hidden = set(unseen)
    usable = [pair for pair in dict.fromkeys(everything) if pair not in hidden and len(pair.french) < 500]
    general = [pair for pair in usable if pair.kind in ("stsb", "course")] or usable
    usable += mixtures(general, len(usable) // 30, draw)

    teacher = Teacher(options.teacher)
    # Gradients of eager attention are several times faster on CPUs than those of the fused kernel.
    student = SentenceTransformer(
        str(options.student), device="cpu", local_files_only=True, model_kwargs={"attn_implementation": "eager"}
    ).eval()  # no dropout
    print(f"{len(usable)} pairs, {len(noted)} sections")
    print(f"translation retrieval {translation_retrieval(student, unseen):.3f}", flush=True)
    optimiser = torch.optim.AdamW(student.parameters(), lr=options.rate, weight_decay=0.0, fused=True)
    short, long = distillation_batches(usable, options.characters, draw), retrieval_batches(noted, 4, draw)
    started, losses = time.monotonic(), {True: 0.0, False: 0.0}
    for step in range(options.steps):
        spent = max(step / options.steps, (time.monotonic() - started) / 60 / options.minutes)
        if spent >= 1:
            break
        for group in optimiser.param_groups:
            group["lr"] = options.rate * min((step + 1) / 40, 1 - spent)
        retrieval = bool(noted) and step % options.retrieval == options.retrieval - 1
        with torch.autocast("cpu", torch.bfloat16):
            if retrieval:
                loss = retrieval_step(student, teacher, next(long), draw)
            else:
                loss = distillation_step(student, teacher, next(short), step % 8 == 1)
        optimiser.zero_grad()
        torch.autograd.backward([loss])
        torch.nn.utils.clip_grad_norm_(student.parameters(), 1.0)
        optimiser.step()
        losses[retrieval] += 0.02 * (loss.item() - losses[retrieval])
        if step % 20 == 19:
            print(f"{step + 1} {losses[False]:.4f} {losses[True]:.4f} {time.monotonic() - started:.0f} s", flush=True)
        if step % 250 == 249:
            save_half(copy.deepcopy(student), options.output)
    print(f"translation retrieval {translation_retrieval(student, unseen):.3f}")
    save_half(student, options.output)


if __name__ == "__main__":
    main()
