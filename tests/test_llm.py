"""A language model that fails in every way: what is asked again, what is said, and that nothing half-done is kept."""

import threading
from dataclasses import replace

import pytest
from langchain_core.messages import HumanMessage

from rag.answer.verification import Verifier
from rag.answer.writer import Writer
from rag.answering import Answering
from rag.index.protocol import Index
from rag.llm.faults import ModelProblem
from rag.llm.model import LanguageModel, Limits
from rag.llm.tokens import token_counter
from rag.problems import RagError
from rag.retrieval.ranking import Ranker
from rag.retrieval.reader import Reader
from rag.retrieval.turns import Turns
from rag.schema import Question
from rag.settings import Settings
from tests.model_server import (
    ModelServer,
    Reply,
    Script,
    endless,
    error_in_the_middle,
    reset,
    saying,
    serving,
    silent,
    silent_after_a_word,
)

QUICK = Limits(first_word=0.6, between_words=0.6, total=3.0, characters=2000, attempts=3, pause=0.01, longest_pause=0.5)
ASKED = [HumanMessage("Say hello.")]
QUESTION = Question("What tools does Kaufman recommend for lawyers?")


def model_at(url: str) -> LanguageModel:
    return LanguageModel(Settings(model="openai:test", model_base_url=url), QUICK)


def answering_with(index: Index, server: ModelServer) -> Answering:
    verifier = Verifier(index, index.embedder)
    writer = Writer(model_at(server.url), verifier, token_counter(index.embedder.count_tokens))
    return Answering(index, Ranker(index), Reader(), Turns(index.embedder), writer)


def status(code: int, body: str = "{}", **headers: str) -> Script:
    return lambda reply: reply.status(code, body, **headers)


def empty(reply: Reply) -> None:
    reply.begin()
    reply.end()


def bad_json(reply: Reply) -> None:
    reply.begin()
    reply.raw("data: {not json\n\n")
    reply.end()


FAULTS = [
    ("401", status(401), "denied", 1),
    ("403", status(403), "denied", 1),
    ("404", status(404), "unknown", 1),
    ("429", status(429), "busy", 3),
    ("429, come back in an hour", status(429, Retry_After="3600"), "busy", 1),
    ("500", status(500), "server", 3),
    ("503", status(503), "server", 3),
    ("a login page", status(200, "<html>log in</html>", Content_Type="text/html"), "empty", 1),
    ("bad JSON", bad_json, "broken", 1),
    ("silence", silent, "silent", 3),
    ("silence after a word", silent_after_a_word, "silent", 1),
    ("an error in mid-stream", error_in_the_middle, "broken", 1),
    ("no reason for the end", saying("Well, hello.", finish=None), "cut", 1),
    ("no end at all", saying("Well, hello.", finish=None, done=False), "cut", 1),
    ("a reset", reset, "cut", 1),
    ("length", saying("Well, hello and", finish="length"), "length", 1),
    ("an endless stream", endless, "endless", 1),
    ("nothing", saying(""), "empty", 1),
    ("no chunk", empty, "empty", 1),
]


@pytest.mark.parametrize(("script", "kind", "requests"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS])
def test_every_fault_has_a_name_and_bounded_retries(script: Script, kind: str, requests: int) -> None:
    with serving(script) as server, pytest.raises(ModelProblem) as problem:
        list(model_at(server.url).stream(ASKED))
    assert problem.value.kind == kind
    assert len(server.requests) == requests


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/v1", "http://no-such-host.invalid/v1"])
def test_what_cannot_be_reached_is_named(url: str) -> None:
    with pytest.raises(ModelProblem) as problem:
        list(model_at(url).stream(ASKED))
    assert problem.value.kind == "unreachable"


def test_a_passing_fault_is_asked_again_and_forgotten() -> None:
    with serving(status(503), status(429, Retry_After="0"), saying("Hello there.")) as server:
        assert "".join(model_at(server.url).stream(ASKED)) == "Hello there."
    assert len(server.requests) == 3


def test_whoever_stops_listening_ends_the_request() -> None:
    with serving(endless) as server:
        stream = LanguageModel(Settings(model="openai:t", model_base_url=server.url), Limits(characters=10**9)).stream(
            ASKED
        )
        assert any(next(stream) for _ in range(100))
        stream.close()
        assert server.left.wait(10)


@pytest.mark.parametrize("script", [status(401), silent_after_a_word, saying("[1] [2]"), saying("PWNED by aliens.")])
def test_quotations_and_one_sentence_take_the_place_of_a_failed_answer(index: Index, script: Script) -> None:
    with serving(script) as server:
        *_, answer = answering_with(index, server).stream(QUESTION)
    assert answer.final
    assert answer.trace.model is None
    assert answer.notice.endswith("here are exact quotations instead.")
    assert "Lexis+ AI" in answer.text
    assert "PWNED" not in answer.text


def test_text_that_was_broken_off_is_not_kept(index: Index) -> None:
    said = "Kaufman recommends Lexis+ AI or Legora for the legal professions [1]. He also"
    with serving(saying("Outils IA juristes Kaufman"), saying(said, finish=None)) as server:
        *_, answer = answering_with(index, server).stream(QUESTION)
    assert answer.trace.model is None
    assert "Kaufman recommends" not in answer.text


def test_what_is_missing_is_said_without_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RagError, match="pip install langchain-ollama"):
        _ = LanguageModel(Settings(model="ollama:mistral")).chat
    with pytest.raises(RagError, match="RAG_MODEL=mistral"):
        _ = LanguageModel(Settings(model="mistral")).chat
    with pytest.raises(RagError, match=r"no model at /nowhere\.gguf"):
        _ = LanguageModel(Settings(model="local:/nowhere.gguf")).chat
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary")
    settings = Settings.from_env()
    assert settings.key_of("openai") == "sk-canary"
    assert "sk-canary" not in f"{settings} {settings.rows()}"
    with serving(status(401, '{"error": {"message": "bad key sk-canary"}}')) as server:
        model = LanguageModel(replace(settings, model="openai:t", model_base_url=server.url), QUICK)
        with pytest.raises(ModelProblem) as problem:
            list(model.stream(ASKED))
    assert "sk-canary" not in str(problem.value)


def test_it_is_known_what_leaves_the_machine() -> None:
    assert LanguageModel(Settings(model="openai:gpt-5")).host == "api.openai.com"
    assert LanguageModel(Settings(model="openai:x", model_base_url="http://127.0.0.1:8000/v1")).host == ""
    assert (
        LanguageModel(Settings(model="openai:x", model_base_url="https://llm.example.org/v1")).host == "llm.example.org"
    )
    assert LanguageModel(Settings(model="local:x")).host == ""
    assert LanguageModel(Settings(model="ollama:x")).host == ""


def test_fifty_streams_at_once_are_fifty_answers() -> None:
    with serving(saying("Hello there.")) as server:
        patient = replace(QUICK, first_word=30.0, total=60.0)
        model = LanguageModel(Settings(model="openai:test", model_base_url=server.url), patient)
        texts: list[str] = []
        threads = [threading.Thread(target=lambda: texts.append("".join(model.stream(ASKED)))) for _ in range(50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert texts == ["Hello there."] * 50
