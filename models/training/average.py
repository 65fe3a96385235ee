"""Average the weights of models that were trained from the same one: a model soup.

The average of several runs fits unseen texts better than each of them, at no cost when used (Wortsman et al. 2022,
arXiv:2203.05482). Vocabularies may differ: rows of embeddings are matched by word, the first model's vocabulary stays.
"""

import argparse
from pathlib import Path

import torch
from extend import save_half
from sentence_transformers import SentenceTransformer
from torch import Tensor


def aligned(model: SentenceTransformer, first: SentenceTransformer) -> dict[str, Tensor]:
    """Read a model's weights, embeddings in the order of the first one's words; others keep the first one's row."""
    weights = dict(model.state_dict())
    name = next(name for name in weights if name.endswith("word_embeddings.weight"))
    words, known = first.tokenizer.get_vocab(), model.tokenizer.get_vocab()
    shared = [word for word in words if word in known]
    rows = first.state_dict()[name].clone()
    rows[[words[word] for word in shared]] = weights[name][[known[word] for word in shared]]
    return weights | {name: rows}


def main() -> None:
    """Write the average of model folders."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("output", type=Path, help="folder of the model to write")
    parser.add_argument("models", nargs="+", metavar="FOLDER=SHARE", help="what to average, and what each counts for")
    options = parser.parse_args()

    given = [model.rpartition("=") for model in options.models]
    models = [SentenceTransformer(folder, device="cpu", local_files_only=True) for folder, _, _ in given]
    total = sum(float(share) for _, _, share in given)
    mixed: dict[str, Tensor] = {}
    for model, (_, _, share) in zip(models, given, strict=True):
        for name, value in aligned(model, models[0]).items():
            mixed[name] = mixed.get(name, torch.zeros_like(value)) + float(share) / total * value
    models[0].load_state_dict(mixed)
    save_half(models[0], options.output)


if __name__ == "__main__":
    main()
