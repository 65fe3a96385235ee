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


def weights_of(model: SentenceTransformer, words: dict[str, int], first: dict[str, Tensor]) -> dict[str, Tensor]:
    """Read a model's weights, embeddings in the order of `words`; a word that it lacks has the row of `first`."""
    weights = dict(model.state_dict())
    name = next(name for name in weights if name.endswith("word_embeddings.weight"))
    vocabulary = model.tokenizer.get_vocab()
    shared = [word for word in words if word in vocabulary]
    rows = first[name].clone() if first else weights[name].clone()
    rows[[words[word] for word in shared]] = weights[name][[vocabulary[word] for word in shared]]
    return weights | {name: rows}


def main() -> None:
    """Write the average of model folders."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("output", type=Path, help="folder of the model to write")
    parser.add_argument("models", nargs="+", metavar="FOLDER=SHARE", help="what to average, and what each counts for")
    options = parser.parse_args()

    shares = [(folder, float(share)) for folder, _, share in (model.rpartition("=") for model in options.models)]
    total = sum(share for _, share in shares)
    student = SentenceTransformer(shares[0][0], device="cpu", local_files_only=True)
    first = weights_of(student, student.tokenizer.get_vocab(), {})
    mixed = {name: torch.zeros_like(value, dtype=torch.float32) for name, value in first.items()}
    for folder, share in shares:
        model = SentenceTransformer(folder, device="cpu", local_files_only=True)
        for name, value in weights_of(model, student.tokenizer.get_vocab(), first).items():
            mixed[name] += share / total * value
    student.load_state_dict(mixed)
    save_half(student, options.output)


if __name__ == "__main__":
    main()
