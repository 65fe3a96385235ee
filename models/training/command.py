"""What the trainings share: their command, and how weights are written."""

import argparse
import random
from collections.abc import Container
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

MINUTES = 60.0


def options(doc: str | None, rate: float) -> argparse.ArgumentParser:
    """Describe a command that trains a folder on what `prepare` wrote, and writes another one."""
    known = argparse.ArgumentParser(description=(doc or "").partition("\n")[0])
    known.add_argument("base", type=Path)
    known.add_argument("prepared", type=Path)
    known.add_argument("out", type=Path)
    known.add_argument("--minutes", type=float, default=MINUTES)
    known.add_argument("--rate", type=float, default=rate)
    return known


def seed(number: int = 0) -> None:
    """Begin all chance anew, so that a run can be repeated."""
    random.seed(number)
    torch.manual_seed(number)


def save_weights(module: nn.Module, path: Path, names: Container[str] | None = None) -> None:
    """Write weights in half precision: all, or those named."""
    held = {name: value for name, value in module.state_dict().items() if names is None or name in names}
    weights = {name: value.detach().half().contiguous() for name, value in held.items()}
    save_file(weights, path, metadata={"format": "pt"})
