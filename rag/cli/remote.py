"""`ask` at a running server, without loading a model: RAG_SERVER names it."""

import argparse
import json
from collections.abc import Iterator
from http.client import HTTPException, HTTPResponse
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

from rag.cli.answers import print_answers
from rag.cli.terminal import clean, say
from rag.problems import CommandError
from rag.settings import Settings

DONE, BAD_ARGUMENTS = 0, 2
SILENCE = 180.0  # seconds without a word after which the server counts as gone
EVENTS = "text/event-stream"


class Server:
    """Ask a running server."""

    def __init__(self, url: str, key: str | None) -> None:
        """Raise `CommandError` where the address is none."""
        if not url.startswith(("http://", "https://")):
            raise CommandError(f"RAG_SERVER={url} is not an address; give one like http://127.0.0.1:7860")
        self._url = url.rstrip("/")
        self._key = {"authorization": f"Bearer {key}"} if key else {}
        self._opener = build_opener(ProxyHandler({}))

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        """Return the whole answer. Raises `CommandError`."""
        *_, answer = self.states(question)
        return answer

    def states(self, question: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield the answer as it grows. Raises `CommandError`."""
        try:
            with self._send(question) as reply:
                name = ""
                for line in reply:
                    field, _, value = line.decode().rstrip("\n").partition(": ")
                    name = value if field == "event" else name
                    if field == "data":
                        held: dict[str, Any] = json.loads(value)
                        if name == "error":
                            raise CommandError(held["error"]["message"])
                        yield held
                if name != "final":
                    raise CommandError(f"{self._url} stopped before its answer was whole; ask again")
        except URLError as error:
            raise self._unreachable(str(error.reason)) from error
        except (OSError, HTTPException) as error:
            raise self._unreachable(str(error)) from error
        except (ValueError, KeyError, TypeError) as error:
            raise CommandError(f"{self._url} is no server of this program; check RAG_SERVER") from error

    def _send(self, question: dict[str, Any]) -> HTTPResponse:
        headers = {"content-type": "application/json", "accept": EVENTS, **self._key}
        request = Request(f"{self._url}/api/ask", json.dumps(question).encode(), headers)
        try:
            reply: HTTPResponse = self._opener.open(request, timeout=SILENCE)
        except HTTPError as error:
            with error:
                told = json.loads(error.read())["error"]["message"]
            raise CommandError(f"{self._url}: {told}") from error
        return reply

    def _unreachable(self, reason: str) -> CommandError:
        return CommandError(f"{self._url} does not answer ({reason}); start it with python app.py, or unset RAG_SERVER")


def ask(options: argparse.Namespace, settings: Settings) -> int:
    """Answer one question, or a file of them."""
    if (options.question is None) == (options.batch is None):
        say("ask one question, or give a file of questions with --batch")
        return BAD_ARGUMENTS
    if options.receipt:
        say("a receipt is written from the index; unset RAG_SERVER to write one")
        return BAD_ARGUMENTS
    server = Server(settings.server or "", settings.keys.get("RAG_API_KEY"))
    if options.batch is not None:
        return _ask_batch(options, server)
    question = {"question": clean(options.question)}
    if options.json:
        print(json.dumps(server.answer(question), ensure_ascii=False))
    else:
        print_answers(server.states(question))
    return DONE


def _ask_batch(options: argparse.Namespace, server: Server) -> int:
    from rag.cli.batch import read_batch

    try:
        questions = read_batch(options.batch)
    except ValueError as error:
        say(str(error))
        return BAD_ARGUMENTS
    for identifier, question in questions:
        history = [{"question": turn.question, "answer": turn.answer} for turn in question.history]
        answer = server.answer({"question": question.text, "history": history})
        print(json.dumps({"id": identifier, **answer}, ensure_ascii=False), flush=True)
    return DONE
