"""Many people at the API at once, while documents are added and removed: `python -m benchmarks.load`.

Everything runs on loopback and is bounded in time and in number: who was told to come back (429) does so after the
seconds that the server named. Each quotation is held against the text that was indexed, so a wrong one is noticed.
"""

import argparse
import asyncio
import random
import statistics
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import matplotlib
import matplotlib.pyplot as plt

from benchmarks.results import write
from evals.questions import load_questions
from rag.index import open_index
from rag.indexing import index_paths
from rag.settings import Settings
from tests.browser import process_of, running_window

ROOT = Path(__file__).resolve().parent.parent
PLOT = Path(__file__).with_name("load.png")
READING = (10.0, 30.0)  # seconds between two questions of a person
UPLOADING = 5.0  # seconds between two uploads
WATCHING = 1.0  # seconds between two readings of the memory
PAGE = 4096  # bytes
ANSWER_WAITS = 120.0  # seconds after which an answer counts as lost


@dataclass
class Load:
    """Hold what is asked, for how long, and what came of it."""

    address: str
    questions: list[str]
    texts: dict[str, str]
    until: float
    seconds: list[float] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    memory: list[tuple[float, float]] = field(default_factory=list)  # seconds, MB

    @property
    def is_over(self) -> bool:
        """Tell whether the time is up."""
        return time.monotonic() > self.until

    async def person(self, client: httpx.AsyncClient, draw: random.Random) -> None:
        """Ask, read, and ask again."""
        await asyncio.sleep(draw.uniform(0, READING[1]))
        while not self.is_over:
            began = time.perf_counter()
            outcome = await self._ask(client, draw.choice(self.questions))
            self.outcomes[outcome] += 1
            if outcome in ("answered", "refused"):
                self.seconds.append(time.perf_counter() - began)
            await asyncio.sleep(draw.uniform(*READING))

    async def _ask(self, client: httpx.AsyncClient, question: str) -> str:
        while True:
            try:
                reply = await client.post(f"{self.address}api/ask", json={"question": question})
            except httpx.HTTPError as error:
                return type(error).__name__
            if reply.status_code == 429 and not self.is_over:
                self.outcomes["429"] += 1
                await asyncio.sleep(float(reply.headers["retry-after"]))
                continue
            return self._judge(reply.json()) if reply.status_code == 200 else str(reply.status_code)

    def _judge(self, answer: dict[str, Any]) -> str:
        for c in answer["citations"]:
            if c["source"] in self.texts and self.texts[c["source"]][c["start"] : c["end"]] != c["quote"]:
                return "wrong"
        return "refused" if answer["refused"] else "answered"

    async def uploads(self, client: httpx.AsyncClient) -> None:
        """Add a document, and remove the one before."""
        number = 0
        while not self.is_over:
            number += 1
            text = "\n\n".join(f"Note {number}.{n}. La salle {n} ouvre à {number % 24} heures." for n in range(40))
            url = f"{self.address}api/documents"
            try:
                added = await client.post(url, files={"files": (f"note {number}.txt", text.encode())})
                self.outcomes[f"added: {added.status_code}"] += 1
                removed = await client.delete(f"{url}/note {number - 1}.txt")
                self.outcomes[f"removed: {removed.status_code}"] += 1
            except httpx.HTTPError as error:
                self.outcomes[f"upload: {type(error).__name__}"] += 1
            await asyncio.sleep(UPLOADING)

    async def watch(self, process: int) -> None:
        """Read the memory that the server holds."""
        began = time.monotonic()
        while not self.is_over:
            self.memory.append((time.monotonic() - began, _memory(process)))
            await asyncio.sleep(WATCHING)


async def run(load: Load, people: int, process: int) -> None:
    """Let everybody ask until the time is up."""
    limits = httpx.Limits(max_connections=people + 10)
    async with httpx.AsyncClient(timeout=ANSWER_WAITS, limits=limits) as client:
        asking = (load.person(client, random.Random(n)) for n in range(people))
        await asyncio.gather(*asking, load.uploads(client), load.watch(process))


def _memory(process: int) -> float:
    """Read the memory that a process holds, in MB."""
    return int((Path("/proc") / str(process) / "statm").read_text().split()[1]) * PAGE / 1e6


def main() -> None:
    """Measure, and draw the memory."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    options.add_argument("--people", type=int, default=200)
    options.add_argument("--seconds", type=float, default=600.0)
    chosen = options.parse_args()
    seeds = ROOT / "seeds"
    texts = {path.name: path.read_text(encoding="utf-8") for path in seeds.glob("*.txt")}
    questions = [q.question.text for q in load_questions()]
    with TemporaryDirectory(prefix="rag-load-") as scratch:
        index = Path(scratch) / "index"
        index_paths(open_index(Settings(index=index), create=True), [seeds])
        with running_window(index) as address:
            load = Load(address, questions, texts, time.monotonic() + chosen.seconds)
            asyncio.run(run(load, chosen.people, process_of(address)))
    cuts = statistics.quantiles(load.seconds, n=100)
    measured = {
        "people": chosen.people,
        "seconds": chosen.seconds,
        "outcomes": dict(load.outcomes),
        "median s": cuts[49],
        "p95 s": cuts[94],
        "p99 s": cuts[98],
        "memory MB": {"after a tenth": load.memory[len(load.memory) // 10][1], "at the end": load.memory[-1][1]},
    }
    print(write("load", measured).read_text())
    draw_plot(load.memory)


def draw_plot(memory: list[tuple[float, float]]) -> None:
    """Draw the memory over time."""
    matplotlib.use("Agg")
    _, axes = plt.subplots(figsize=(8, 3.5), layout="constrained")
    axes.plot([at for at, _ in memory], [size for _, size in memory])
    axes.set(xlabel="seconds", ylabel="MB", ylim=(0, None))
    axes.set_title("Memory of the server under load", loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    plt.savefig(PLOT, dpi=110)


if __name__ == "__main__":
    main()
