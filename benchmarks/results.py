"""Where measured times are kept: one JSON file a benchmark, with the machine and the commit they were measured on."""

import json
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).with_name("results")
ROOT = Path(__file__).resolve().parent.parent


def write(name: str, measured: dict[str, Any]) -> Path:
    """Write what a benchmark measured and return its file."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps({"machine": machine(), "commit": commit(), **measured}, indent=1) + "\n")
    return path


def read(name: str) -> dict[str, Any]:
    """Read what a benchmark measured last."""
    found: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text())
    return found


def machine() -> str:
    """Describe this machine in a line: processor, cores, and whether it computes in bf16."""
    import torch

    lines = Path("/proc/cpuinfo").read_text().splitlines()
    name = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())
    kind = "bf16" if torch.ops.mkldnn._is_mkldnn_bf16_supported() else "fp32"
    return f"{name}, {os.cpu_count()} cores, {kind}, Python {platform.python_version()}"


def commit() -> str:
    """Name the commit that was measured; a + says that there were changes on top."""
    done = subprocess.run(["git", "describe", "--always", "--dirty=+"], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip()
