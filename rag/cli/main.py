"""Run one command: results go to stdout, messages to stderr, and whatever fails is one sentence."""

import io
import os
import sys

from rag.cli.arguments import parser
from rag.cli.commands import COMMANDS, DONE, FAILED, say
from rag.problems import RagError
from rag.settings import Settings

INTERRUPTED = 130


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
        code = COMMANDS[options.command](options, settings)
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
