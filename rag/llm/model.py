"""A language model by name, and its text as it comes: with limits of time, bounded retries and plain words for faults.

Whatever the provider, success is a stream that ends because the model had finished. A stream that ends otherwise
looks alike, so the reason for the end is always asked for.
"""

import asyncio
import ipaddress
import os
import queue
import threading
from collections.abc import AsyncIterator, Callable, Generator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cache, cached_property
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage

from rag import metrics
from rag.llm.faults import ModelProblem, kind_of, retry_after
from rag.problems import RagError
from rag.settings import Settings

# A model gets what it is asked, and nobody else does: LangChain would report each call to a tracing service.
os.environ.update(LANGSMITH_TRACING="false", LANGCHAIN_TRACING_V2="false", TQDM_DISABLE="1")

HOSTS = {"openai": "api.openai.com", "anthropic": "api.anthropic.com", "mistralai": "api.mistral.ai"}
LOCAL, OLLAMA = "local", "ollama"
ENDINGS = ("finish_reason", "stop_reason", "done_reason")  # where providers say why a text ended
FINISHED = frozenset(["stop", "end_turn", "stop_sequence", "STOP"])
CUT_SHORT = frozenset(["length", "max_tokens", "model_length", "MAX_TOKENS"])
CONTEXT = 4096  # tokens, where neither the settings nor the model say
HEARTBEAT = 0.25  # seconds without text after which an empty piece is given, so that whoever listens can stop


@dataclass(frozen=True)
class Limits:
    """Hold the seconds that a model has, its characters, and how often it is asked."""

    first_word: float = 20.0
    between_words: float = 10.0
    total: float = 120.0
    characters: int = 8000
    attempts: int = 3
    pause: float = 0.5  # before the second attempt; doubled after each
    longest_pause: float = 5.0


IN_PROCESS = Limits(first_word=180.0, between_words=60.0, total=600.0, attempts=1)


_loading = threading.RLock()


@cache
def _event_loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="language model", daemon=True).start()
    return loop


def _loop() -> asyncio.AbstractEventLoop:
    """Return the one loop in which all requests run: a client's connections belong to the loop that opened them."""
    with _loading:
        return _event_loop()


class LanguageModel:
    """Stream a chat model's text piece by piece; it is loaded at first use."""

    def __init__(self, settings: Settings, limits: Limits | None = None) -> None:
        self.name = settings.model or ""
        self.provider, _, self.model = self.name.partition(":")
        self._settings = settings
        self.limits = limits or (IN_PROCESS if self.provider == LOCAL else Limits())

    @property
    def chat(self) -> BaseChatModel:
        """Return LangChain's model; raise `RagError` where the name, a package or a key is missing."""
        with _loading:
            return self._chat

    @cached_property
    def _chat(self) -> BaseChatModel:
        if not self.provider or not self.model:
            raise RagError("model.name", name=self.name)
        if self.provider == LOCAL:
            from rag.llm.local import load_local

            return load_local(self.model)
        return self._remote()

    def _remote(self) -> BaseChatModel:
        from langchain.chat_models import init_chat_model

        options: dict[str, Any] = {"timeout": self.limits.first_word, "max_retries": 0, "temperature": 0}
        if self.provider == OLLAMA:  # its client takes neither
            options = {"temperature": 0, "client_kwargs": {"timeout": self.limits.first_word}}
        if self._settings.model_base_url:
            options["base_url"] = self._settings.model_base_url
        key = self._settings.key_of(self.provider)
        if key or (self.provider == "openai" and self._settings.model_base_url):
            options["api_key"] = key or "none"  # servers on one's own machine mostly ask for none
        try:
            chat: BaseChatModel = init_chat_model(self.model, model_provider=self.provider, **options)
            return chat
        except ImportError as error:
            package = f"langchain-{self.provider.replace('_', '-')}"
            raise RagError("model.package", name=self.name, package=package) from error
        except ValueError as error:
            raise RagError("model.provider", name=self.name) from error
        except Exception as error:  # each client has its own type for a missing key
            raise RagError("model.key", name=self.name) from error

    @property
    def host(self) -> str:
        """Name the host that questions and passages are sent to; empty where they stay on this machine."""
        url = self._settings.model_base_url or ""
        host = urlsplit(url if "//" in url else f"//{url}").hostname if url else HOSTS.get(self.provider, self.provider)
        if self.provider == LOCAL or (self.provider == OLLAMA and not url) or host == "localhost":
            return ""
        try:
            return "" if ipaddress.ip_address(host or "").is_loopback else str(host)
        except ValueError:
            return str(host)

    @property
    def context(self) -> int:
        """Return the tokens that the model can read at once."""
        profile = self.chat.profile or {}
        return self._settings.model_context or int(profile.get("max_input_tokens") or CONTEXT)

    def stream(self, messages: Sequence[BaseMessage], on_sent: Callable[[], None] = lambda: None) -> Generator[str]:
        """Yield the text piece by piece, and an empty piece now and then while none comes.

        `on_sent` is called once it is certain, or must be feared, that the messages have reached the model's host.
        Closing the iterator ends the request. Raises `ModelProblem` for whatever goes wrong.
        """
        pieces: queue.Queue[str | ModelProblem | None] = queue.Queue()

        async def produce() -> None:
            try:
                async for piece in self._attempts(list(messages)):
                    pieces.put(piece)
                pieces.put(None)
            except ModelProblem as problem:
                pieces.put(problem)

        task: Future[None] = asyncio.run_coroutine_threadsafe(produce(), _loop())
        told = False
        metrics.model_calls.inc()
        try:
            while True:
                try:
                    piece = pieces.get(timeout=HEARTBEAT)
                except queue.Empty:
                    yield ""
                    continue
                if not told and not (isinstance(piece, ModelProblem) and not piece.was_sent):
                    on_sent()
                    told = True
                if piece is None:
                    return
                if isinstance(piece, ModelProblem):
                    metrics.model_faults.labels(piece.kind).inc()
                    raise piece
                yield piece
        finally:
            task.cancel()

    async def _attempts(self, messages: list[BaseMessage]) -> AsyncIterator[str]:
        """Ask again after a passing fault, never after text was given."""
        pause = self.limits.pause
        for attempt in range(1, self.limits.attempts + 1):
            given = False
            try:
                async for piece in self._once(messages):
                    given = True
                    yield piece
                return
            except ModelProblem as problem:
                wait = max(pause, problem.retry_after)
                last = attempt == self.limits.attempts or wait > self.limits.longest_pause
                if given or last or not problem.may_pass:
                    raise
            await asyncio.sleep(wait)
            pause *= 2

    async def _once(self, messages: list[BaseMessage]) -> AsyncIterator[str]:
        began, characters, reason = monotonic(), 0, ""
        try:
            stream = self.chat.astream(messages)
            while True:
                limit = self.limits.between_words if characters else self.limits.first_word
                left = began + self.limits.total - monotonic()
                try:
                    chunk = await asyncio.wait_for(anext(stream), max(0.0, min(limit, left)))
                except StopAsyncIteration:
                    break
                text = str(chunk.text)
                characters += len(text)
                if characters > self.limits.characters:
                    raise ModelProblem("endless")
                metadata = chunk.response_metadata
                reason = next((str(metadata[k]) for k in ENDINGS if metadata.get(k)), reason)
                if text:
                    yield text
        except ModelProblem:
            raise
        except RagError as error:
            raise ModelProblem("unusable", str(error)) from error
        except Exception as error:  # every client has types of its own
            raise ModelProblem(kind_of(error), retry_after=retry_after(error)) from error
        if reason in CUT_SHORT:
            raise ModelProblem("length")
        if reason not in FINISHED:
            raise ModelProblem("cut" if characters else "empty")
        if not characters:
            raise ModelProblem("empty")
