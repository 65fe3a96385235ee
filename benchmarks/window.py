"""The window under load: `python -m benchmarks.window`.

One person alone; fifty who read for ten to thirty seconds between their questions, once alone and once while a document
is being indexed; then all fifty at the same moment. The people are simulated over HTTP as the window's scripts ask.
"""

import asyncio
import os
import random
import statistics
import sys
import time
import uuid
from collections.abc import Awaitable
from pathlib import Path
from tempfile import TemporaryDirectory

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
PLOT = Path(__file__).with_name("window.png")
PEOPLE, QUESTIONS = 50, 5
READING = (10.0, 30.0)  # seconds between two questions of a person
ALONE = 40  # questions
LIMITS = httpx.Limits(max_connections=200)


async def ask(client: httpx.AsyncClient, address: str, question: str) -> float:
    """Ask as a browser does and give the seconds until the whole answer was there."""
    began = time.perf_counter()
    body = {"turn": uuid.uuid4().hex, "question": question}
    turn = (await client.post(f"{address}conversations", json=body)).raise_for_status().json()
    while turn["state"] == "answering":
        seen = {"seen": turn["version"]}
        reply = await client.get(f"{address}conversations/turns/{turn['id']}", params=seen)
        turn = reply.raise_for_status().json()
    if turn["state"] != "answered":
        raise RuntimeError(f"the window failed on {question!r}")
    return time.perf_counter() - began


async def person(address: str, client: httpx.AsyncClient, questions: list[str], draw: random.Random) -> list[float]:
    """Ask a few questions and read between them."""
    times = []
    for question in questions:
        await asyncio.sleep(draw.uniform(*READING))
        times.append(await ask(client, address, question))
    return times


async def watch(address: str, until: Awaitable[object]) -> list[float]:
    """Ask for a sign of life four times a second until something is done."""
    task, times = asyncio.ensure_future(until), []
    async with httpx.AsyncClient(timeout=60) as client:
        while not task.done():
            began = time.perf_counter()
            (await client.get(f"{address}healthz")).raise_for_status()
            times.append(time.perf_counter() - began)
            await asyncio.sleep(0.25)
    return times


async def measure(address: str, document: Path, index: Path) -> dict[str, list[float]]:
    """Run the three situations and give the times of each."""
    async with httpx.AsyncClient(timeout=300, limits=LIMITS) as client:
        draw = random.Random(1)
        questions = [q.question.text for q in load_questions()]
        await ask(client, address, questions[0])
        alone = [await ask(client, address, draw.choice(questions)) for _ in range(ALONE)]

        def fifty() -> list[Awaitable[list[float]]]:
            return [
                person(address, client, draw.choices(questions, k=QUESTIONS), random.Random(n)) for n in range(PEOPLE)
            ]

        quiet = await asyncio.gather(*fifty())
        environment = {**os.environ, "RAG_INDEX": str(index)}
        command = [sys.executable, "-m", "rag", "index", str(document)]
        indexing = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment, stdout=-3, stderr=-3)
        together = asyncio.gather(*fifty())
        life = await watch(address, together)
        await indexing.wait()
        burst = await asyncio.gather(*(ask(client, address, draw.choice(questions)) for _ in range(PEOPLE)))
    return {
        "alone": alone,
        "fifty": [seconds for times in quiet for seconds in times],
        "fifty, while indexing": [seconds for times in await together for seconds in times],
        "all at once": list(burst),
        "sign of life, while indexing": life,
    }


def main() -> None:
    """Measure the times, in seconds, and draw them."""
    with TemporaryDirectory(prefix="rag-window-") as scratch:
        index, document = Path(scratch) / "index", Path(scratch) / "long.txt"
        index_paths(open_index(Settings(index=index), create=True), [ROOT / "seeds"])
        seeds = sorted((ROOT / "seeds").glob("*.txt"))
        document.write_text("\n\n".join(s.read_text().replace("Klarna", "Zorbco") for s in seeds))
        began = time.perf_counter()
        with running_window(index, ready=False) as address:
            page = time.perf_counter() - began
            while httpx.get(f"{address}healthz").status_code != 200:
                time.sleep(0.1)
            ready = time.perf_counter() - began
            times = asyncio.run(measure(address, document, index))
            memory = int((Path("/proc") / str(process_of(address)) / "statm").read_text().split()[1]) * 4096
    measured = {
        "page s": page,
        "ready s": ready,
        "memory MB": memory / 1e6,
        "times": {name: [statistics.median(values), p95(values)] for name, values in times.items()},
        "fifty against one at 95 %": p95(times["fifty"]) / p95(times["alone"]),
        "slowest sign of life s": max(times["sign of life, while indexing"]),
    }
    print(write("window", measured).read_text())
    draw_plot(times)


def p95(values: list[float]) -> float:
    """Compute the value that 95 % stay below."""
    return statistics.quantiles(values, n=20)[-1]


def draw_plot(times: dict[str, list[float]]) -> None:
    """Draw how many answers came within which time."""
    matplotlib.use("Agg")
    _, axes = plt.subplots(figsize=(8, 4.5), layout="constrained")
    for name in list(times)[:-1]:
        values = sorted(times[name])
        axes.plot(values, [(n + 1) / len(values) for n in range(len(values))], label=name)
    axes.set(xscale="log", xlabel="seconds", ylabel="share of answers")
    axes.set_title("Time for an answer in the window", loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    plt.savefig(PLOT, dpi=110)


if __name__ == "__main__":
    main()
