"""Run one command: results go to stdout, messages to stderr, and whatever fails is one sentence."""

import argparse
import io
import os
import sys
from collections.abc import Callable

from rag.cli.arguments import parser
from rag.cli.terminal import say
from rag.problems import RagError
from rag.settings import Settings

DONE, FAILED, INTERRUPTED = 0, 1, 130


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 the work failed, 2 bad arguments."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    options = parser().parse_args(arguments)
    try:
        settings = Settings.from_env()
        for name in settings.unknown:
            say(f"note: {name} is not a setting of this program and changes nothing")
        code = _command(options.command, settings)(options, settings)
        sys.stdout.flush()
    except RagError as problem:
        say(str(problem))
        return FAILED
    except KeyboardInterrupt:
        say("interrupted; what was finished is kept")
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except OSError as error:
        say(f"{error.filename or 'the index'}: {error.strerror or error}; nothing published was lost")
        return FAILED
    return code


def _command(name: str, settings: Settings) -> Callable[[argparse.Namespace, Settings], int]:
    """Load no more than a command needs: a question to a server needs no model."""
    if settings.server and name == "ask":
        from rag.cli.remote import ask

        return ask
    if name in ("user", "forget"):
        from rag.cli import people

        return people.COMMANDS[name]
    from rag.cli.commands import COMMANDS

    return COMMANDS[name]
