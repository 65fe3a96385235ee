"""A language model's server on loopback: the real protocol (OpenAI's, streaming), a scripted mind, and a memory."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Script = Callable[["Reply"], None]


class Reply(BaseHTTPRequestHandler):
    """Answer one request as the script says; `asked` is what came."""

    protocol_version = "HTTP/1.1"
    server: "ModelServer"
    asked: dict[str, Any]

    def do_POST(self) -> None:
        self.asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.requests.append(self.asked)
        script = self.server.scripts[min(len(self.server.requests), len(self.server.scripts)) - 1]
        try:
            script(self)
        except (BrokenPipeError, ConnectionResetError):
            self.server.left.set()
        self.close_connection = True

    def log_message(self, format: str, *arguments: Any) -> None:
        """Stay quiet."""

    def status(self, code: int, body: str = '{"error": {"message": "no"}}', **headers: str) -> None:
        self.send_response(code)
        data = body.encode()
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def begin(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def raw(self, text: str) -> None:
        data = text.encode()
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def word(self, text: str, finish: str | None = None) -> None:
        delta = {"content": text} if text else {}
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        event = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": [choice]}
        self.raw(f"data: {json.dumps(event)}\n\n")

    def end(self) -> None:
        self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()

    @property
    def prompt(self) -> str:
        return "\n".join(message["content"] for message in self.asked["messages"])


class ModelServer(ThreadingHTTPServer):
    """Remember what was asked, and whether somebody left before the end."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, *scripts: Script) -> None:
        super().__init__(("127.0.0.1", 0), Reply)
        self.scripts = scripts
        self.requests: list[dict[str, Any]] = []
        self.left = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


@contextmanager
def serving(*scripts: Script) -> Iterator[ModelServer]:
    """Serve the scripts, one a request; the last one again and again."""
    server = ModelServer(*scripts)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def saying(text: str, finish: str | None = "stop", done: bool = True) -> Script:
    """Write a text in small pieces, as models do."""

    def script(reply: Reply) -> None:
        reply.begin()
        for start in range(0, len(text), 7):
            reply.word(text[start : start + 7])
        if finish:
            reply.word("", finish)
        if done:
            reply.raw("data: [DONE]\n\n")
        reply.end()

    return script


def endless(reply: Reply) -> None:
    """Never stop writing."""
    reply.begin()
    while True:
        reply.word("and so on and so on. ")
        time.sleep(0.001)


def silent(reply: Reply) -> None:
    """Never begin."""
    time.sleep(5)


def silent_after_a_word(reply: Reply) -> None:
    """Begin, and then say nothing."""
    reply.begin()
    reply.word("Well, ")
    time.sleep(5)


def reset(reply: Reply) -> None:
    """Break the connection in the middle of a chunk."""
    reply.begin()
    reply.word("Well, ")
    reply.wfile.write(b"ff\r\nhalf")
    reply.wfile.flush()


def error_in_the_middle(reply: Reply) -> None:
    """Report an error after some text."""
    reply.begin()
    reply.word("Well, ")
    reply.raw('data: {"error": {"message": "overloaded", "type": "server_error", "code": 500}}\n\n')
    reply.end()
