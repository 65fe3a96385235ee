"""Parsers of foreign formats in a child process, under limits on memory, time and writing.

They are the part of the program most exposed to hostile files. The child runs as `python -m rag.documents.sandbox
FORMAT PATH` and answers with one JSON object: what was parsed, or the code and the values of a problem.
"""

import json
import resource
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rag.documents.formats import BY_NAME, Format
from rag.documents.parsed import MAX_TEXT, Parsed
from rag.documents.unreadable import UnreadableFile

ROOT = Path(__file__).resolve().parents[2]
MAX_MEMORY = 2_000_000_000  # bytes of address space
MAX_PROCESSOR = 60  # seconds of processor time
MAX_SECONDS = 120  # by the clock


def parse_sandboxed(kind: Format, path: Path) -> Parsed:
    """Parse one file in a child process; raise `UnreadableFile` for whatever happens to it."""
    command = [sys.executable, "-m", "rag.documents.sandbox", kind.name, str(path.resolve())]
    try:
        child = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=MAX_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise UnreadableFile("file.slow") from error
    if child.returncode != 0:
        raise UnreadableFile("file.limits")
    outcome = json.loads(child.stdout)
    if "problem" in outcome:
        raise UnreadableFile(outcome["problem"], **outcome["values"])
    numbers = {name: tuple(outcome[name]) for name in ("pages", "blank", "recognized")}
    return Parsed(outcome["text"], outcome["title"], **numbers)


def run(name: str, path: Path) -> dict[str, Any]:
    """Parse one file in this process and describe the outcome."""
    try:
        parsed = BY_NAME[name].parse(path)
        if len(parsed.text) > MAX_TEXT:
            raise UnreadableFile("file.too_long", limit=MAX_TEXT // 1_000_000)
        return asdict(parsed)
    except UnreadableFile as unreadable:
        problem = unreadable
    except PermissionError:
        problem = UnreadableFile("file.denied")
    except MemoryError:
        problem = UnreadableFile("file.memory")
    except Exception as error:  # a parser may raise anything on a damaged file
        problem = UnreadableFile("file.damaged", detail=type(error).__name__)
    return {"problem": problem.code, "values": problem.values}


def main(name: str, path: str) -> None:
    """Parse one file within the limits and print the outcome as JSON."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_PROCESSOR, MAX_PROCESSOR))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    json.dump(run(name, Path(path)), sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
