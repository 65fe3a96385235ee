"""Parsers of foreign formats in a child process, under limits on memory, time and writing.

They are the part of the program most exposed to hostile files. The child runs as `python -m rag.documents.sandbox`,
reads `[FORMAT, PATH]` as a line of JSON, and answers with one: what was parsed, or the code and the values of a
problem. It is kept for the next file, since its start costs more than most files do, and replaced where one breaks it.
"""

import atexit
import contextlib
import json
import resource
import subprocess
import sys
import threading
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rag.documents.formats import BY_NAME, Format
from rag.documents.parsed import MAX_TEXT, Parsed
from rag.documents.unreadable import UnreadableFile
from rag.schema import Attachment
from rag.text.structure import Part

ROOT = Path(__file__).resolve().parents[2]
MAX_MEMORY = 2_000_000_000  # bytes of address space
MAX_PROCESSOR = 60  # seconds of processor time, for one file
MAX_SECONDS = 120  # by the clock
COMMAND = [sys.executable, "-m", "rag.documents.sandbox"]
FRESH = 500  # files after which a child is replaced: libraries leak


class Child:
    """Hold a process that parses one file after another."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            COMMAND, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.files = 0

    def parse(self, kind: Format, path: Path) -> dict[str, Any]:
        """Describe what became of a file; raise `UnreadableFile` where the child did not survive it."""
        self.files += 1
        told, heard = self._process.stdin, self._process.stdout
        assert told
        assert heard
        is_late = threading.Event()

        def stop() -> None:
            is_late.set()
            self._process.kill()

        clock = threading.Timer(MAX_SECONDS, stop)
        clock.start()
        try:
            told.write(json.dumps([kind.name, str(path.absolute())]).encode() + b"\n")
            told.flush()
            answer: dict[str, Any] = json.loads(heard.readline())
        except (ValueError, OSError) as error:
            if is_late.is_set():
                raise UnreadableFile("file.slow") from error
            raise UnreadableFile("file.limits") from error
        finally:
            clock.cancel()
        return answer

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()


class Pool:
    """Keep children that have nothing to do: as many as there were files at one time."""

    def __init__(self) -> None:
        self._idle: list[Child] = []

    @contextlib.contextmanager
    def child(self) -> Iterator[Child]:
        """Lend a child; one that broke, or is old, is not lent again."""
        try:
            child = self._idle.pop()
        except IndexError:
            child = Child()
        try:
            yield child
        except BaseException:
            child.close()
            raise
        if child.files < FRESH:
            self._idle.append(child)
        else:
            child.close()

    def close(self) -> None:
        """End all children."""
        while self._idle:
            self._idle.pop().close()


POOL = Pool()
atexit.register(POOL.close)


def parse_sandboxed(kind: Format, path: Path) -> Parsed:
    """Parse one file in a child process; raise `UnreadableFile` for whatever happens to it."""
    with POOL.child() as child:
        outcome = child.parse(kind, path)
    if "problem" in outcome:
        raise UnreadableFile(outcome["problem"], **outcome["values"])
    numbers = {name: tuple(outcome[name]) for name in ("pages", "blank", "recognized", "uncomputed")}
    known = outcome["tables"]
    tables = None if known is None else tuple(Part(t["kind"], t["start"], t["end"], tuple(t["lead"])) for t in known)
    attachments = tuple(Attachment(a["name"], b64decode(a["content"])) for a in outcome["attachments"])
    return Parsed(outcome["text"], outcome["title"], **numbers, attachments=attachments, tables=tables)


def run(name: str, path: Path) -> dict[str, Any]:
    """Parse one file in this process and describe the outcome."""
    try:
        parsed = BY_NAME[name].parse(path)
        if len(parsed.text) > MAX_TEXT:
            raise UnreadableFile("file.too_long", limit=MAX_TEXT // 1_000_000)
        attachments = [{"name": a.name, "content": b64encode(a.content).decode()} for a in parsed.attachments]
        return asdict(parsed) | {"attachments": attachments}
    except UnreadableFile as unreadable:
        problem = unreadable
    except PermissionError:
        problem = UnreadableFile("file.denied")
    except MemoryError:
        problem = UnreadableFile("file.memory")
    except Exception as error:  # a parser may raise anything on a damaged file
        problem = UnreadableFile("file.damaged", detail=type(error).__name__)
    return {"problem": problem.code, "values": problem.values}


def main() -> None:
    """Parse the files that are named on stdin, each within the limits, and answer on stdout."""
    answers, sys.stdout = sys.stdout, sys.stderr  # a library that prints must not be taken for an answer
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    for line in sys.stdin:
        used = resource.getrusage(resource.RUSAGE_SELF)
        until = int(used.ru_utime + used.ru_stime) + 1 + MAX_PROCESSOR
        resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))
        name, path = json.loads(line)
        print(json.dumps(run(name, Path(path))), file=answers, flush=True)


if __name__ == "__main__":
    main()
