"""Conversations are kept for their owner, found again, and deleted without a trace."""

import json
import random
import secrets
import time
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from evals.questions import Gold, load_questions
from rag.conversations.database import FILE, Database
from rag.conversations.opinions import Opinions, case
from rag.conversations.store import Conversations
from rag.problems import RagError

KILLS = 25
LONG = "Combien de jours de télétravail par semaine l’accord du 3 mars permet-il aux cadres de Lyon, et après ?"


def answer(text: str) -> dict[str, object]:
    return {"kind": "search", "answer": text, "statements": [], "citations": []}


def new_id() -> str:
    return secrets.token_hex(16)


@pytest.fixture
def conversations(tmp_path: Path) -> Conversations:
    return Conversations(Database(tmp_path))


class TestKeeping:
    def test_what_was_asked_and_answered_is_there_after_a_restart(
        self, conversations: Conversations, tmp_path: Path
    ) -> None:
        first = conversations.ask("anne", new_id(), LONG)
        conversations.end(first.id, "answered", answer("Deux jours."))
        second = conversations.ask("anne", new_id(), "Et le lundi ?", first.conversation_id)
        again = Conversations(Database(tmp_path))
        known = again.read("anne", first.conversation_id)
        assert [(t.question, t.state) for t in known.turns] == [(LONG, "answered"), ("Et le lundi ?", "asked")]
        assert known.turns[0].answer == answer("Deux jours.")
        assert known.turns[1].id == second.id
        assert known.title.startswith("Combien de jours de télétravail")
        assert len(known.title) <= 81

    def test_the_documents_that_were_chosen_last_are_kept(self, conversations: Conversations) -> None:
        first = conversations.ask("anne", new_id(), "Combien ?")
        assert conversations.read("anne", first.conversation_id).chosen == {}
        chosen = {"sources": ["accord.txt"], "folders": ["rh"]}
        conversations.ask("anne", new_id(), "Et là ?", first.conversation_id, chosen=chosen)
        assert conversations.read("anne", first.conversation_id).chosen == chosen

    def test_a_question_that_is_sent_twice_is_asked_once(self, conversations: Conversations) -> None:
        turn = new_id()
        first = conversations.ask("anne", turn, "Combien ?")
        second = conversations.ask("anne", turn, "Combien ?")
        assert second.conversation_id == first.conversation_id
        assert len(conversations.all("anne")) == 1

    def test_an_answer_takes_the_place_of_the_one_it_replaces_once_it_is_there(
        self, conversations: Conversations
    ) -> None:
        first = conversations.ask("anne", new_id(), "Combien ?")
        conversations.end(first.id, "answered", answer("Deux."))
        last = conversations.ask("anne", new_id(), "Et après ?", first.conversation_id)
        edited = conversations.ask("anne", new_id(), "Combien de jours ?", first.conversation_id, replaces=first.id)
        kept = conversations.read("anne", first.conversation_id).turns
        assert [t.id for t in kept] == [first.id, edited.id, last.id]
        conversations.end(edited.id, "answered", answer("Deux jours."))
        kept = conversations.read("anne", first.conversation_id).turns
        assert [t.id for t in kept] == [edited.id, last.id]

    def test_nobody_sees_what_is_somebody_elses(self, conversations: Conversations) -> None:
        turn = conversations.ask("anne", new_id(), "Combien ?")
        mine = turn.conversation_id
        assert conversations.all("bernard") == []
        for attempt in (
            lambda: conversations.read("bernard", mine),
            lambda: conversations.turn("bernard", turn.id),
            lambda: conversations.rename("bernard", mine, "x"),
            lambda: conversations.delete("bernard", mine),
            lambda: conversations.ask("bernard", new_id(), "x", mine),
        ):
            with pytest.raises(RagError, match="somebody else"):
                attempt()
        assert conversations.read("anne", mine).title == "Combien ?"

    def test_words_are_found_in_titles_questions_and_answers(self, conversations: Conversations) -> None:
        first = conversations.ask("anne", new_id(), "Combien de jours ?")
        conversations.end(first.id, "answered", answer("L’employé a droit à 100 % de son congé."))
        other = conversations.ask("anne", new_id(), "Quel outil ?")
        conversations.rename("anne", other.conversation_id, "Été des juristes")
        for words, expected in (
            ("EMPLOYE conge", first),
            ("juristes", other),
            ("outil", other),
            ("100 %", first),
            ("1_0", None),
        ):
            listed = [c.id for c in conversations.all("anne", words)]
            assert listed == ([expected.conversation_id] if expected else []), words


class TestDeleting:
    def test_no_byte_is_left(self, conversations: Conversations, tmp_path: Path) -> None:
        kept = conversations.ask("anne", new_id(), "Ce qui reste ?")
        turns = [conversations.ask("anne", new_id(), f"secret-zorblax {n} " * 40) for n in range(30)]
        for turn in turns:
            conversations.end(turn.id, "answered", answer("secret-zorblax " * 500))
            conversations.delete("anne", turn.conversation_id)
        assert b"secret-zorblax" not in every_byte(tmp_path)
        assert conversations.read("anne", kept.conversation_id).title == "Ce qui reste ?"

    def test_an_answer_that_comes_after_its_conversation_was_deleted_is_not_kept(
        self, conversations: Conversations, tmp_path: Path
    ) -> None:
        turn = conversations.ask("anne", new_id(), "Combien ?")
        conversations.delete("anne", turn.conversation_id)
        conversations.end(turn.id, "answered", answer("secret-zorblax"))
        assert b"secret-zorblax" not in every_byte(tmp_path)


def every_byte(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def converse_without_end(folder: Path, seed: int, said: Connection) -> None:
    """Ask, answer and delete at random, and say each time what is done."""
    conversations, chance = Conversations(Database(folder)), random.Random(seed)
    alive: list[tuple[str, str]] = []
    while True:
        canary = f"canary{chance.getrandbits(60):x}x"
        turn = conversations.ask("anne", new_id(), f"{canary} ?" * 50)
        said.send(("asked", canary, turn.conversation_id))
        conversations.end(turn.id, "answered", answer(f"{canary} " * 300))
        said.send(("answered", canary, turn.conversation_id))
        alive.append((canary, turn.conversation_id))
        if chance.random() < 0.7:
            canary, conversation = alive.pop(chance.randrange(len(alive)))
            said.send(("deleting", canary, conversation))
            conversations.delete("anne", conversation)
            said.send(("deleted", canary, conversation))


@pytest.mark.slow
def test_kill_at_random_moments(tmp_path: Path) -> None:
    chance, context = random.Random(3), get_context("forkserver")
    context.set_forkserver_preload(["rag.conversations.store"])
    states: dict[tuple[str, str], str] = {}
    for seed in range(KILLS):
        hears, says = context.Pipe(duplex=False)
        child = context.Process(target=converse_without_end, args=(tmp_path, seed, says))
        child.start()
        says.close()
        for _ in range(2):
            state, canary, conversation = hears.recv()
            states[canary, conversation] = state
        time.sleep(chance.uniform(0, 0.5))
        child.kill()
        child.join()
        while hears.poll():
            try:
                state, canary, conversation = hears.recv()
                states[canary, conversation] = state
            except EOFError:
                break
        left = every_byte(tmp_path)
        assert not [canary for (canary, _), state in states.items() if state == "deleted" and canary.encode() in left]
        conversations = Conversations(Database(tmp_path))
        there = {c.id for c in conversations.all("anne")}
        left = every_byte(tmp_path)
        for (canary, conversation), state in states.items():
            if state in ("asked", "answered"):
                turns = conversations.read("anne", conversation).turns
                assert turns[0].question.startswith(canary)
                assert state == "asked" or turns[0].answer == answer(f"{canary} " * 300)
            elif conversation not in there:  # deleted, or the kill came after the commit and before the word of it
                assert canary.encode() not in left
    assert sum(state == "deleted" for state in states.values()) > KILLS // 2
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0


def test_a_database_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"this is no database, only text that stands in its place" * 100)
    with pytest.raises(RagError, match=r"conversations\.sqlite cannot be read or written"):
        Database(tmp_path)


class TestOpinions:
    def test_an_opinion_becomes_a_case_that_the_evaluation_reads(
        self, conversations: Conversations, tmp_path: Path
    ) -> None:
        opinions = Opinions(conversations.database)
        first = conversations.ask("anne", new_id(), "Combien de jours ?")
        cited = {"source": "accord.txt", "quote": "Deux jours."}
        told = {**answer("Deux jours. [1]"), "citations": [cited], "language": "fr", "refused": False}
        conversations.end(first.id, "answered", told)
        second = conversations.ask("anne", new_id(), "Et le lundi ?", first.conversation_id)
        conversations.end(second.id, "answered", {**told, "citations": [cited]})
        opinions.give("anne", first.id, "answer")
        assert case(opinions.all("anne")[0], []) is None
        opinions.give("anne", first.id, "right")
        opinions.give("anne", second.id, "source", "pas la bonne", ("siège.txt", "Jamais le lundi."))
        assert opinions.all("bernard") == []
        cases = tmp_path / "cases.jsonl"
        made = [case(feedback, opinions.history(feedback)) for feedback in opinions.all("anne")]
        cases.write_text("\n".join(json.dumps(each) for each in made))
        read = {question.question.text: question for question in load_questions(cases)}
        assert read["Combien de jours ?"].gold == (Gold("accord.txt", "Deux jours."),)
        assert read["Et le lundi ?"].gold == (Gold("siège.txt", "Jamais le lundi."),)
        assert read["Et le lundi ?"].question.history[0].question == "Combien de jours ?"

    def test_it_goes_with_its_conversation_and_nobody_judges_anothers(
        self, conversations: Conversations, tmp_path: Path
    ) -> None:
        opinions = Opinions(conversations.database)
        turn = conversations.ask("anne", new_id(), "Combien ?")
        conversations.end(turn.id, "answered", answer("Deux."))
        with pytest.raises(RagError):
            opinions.give("bernard", turn.id, "right")
        opinions.give("anne", turn.id, "refuse", "secret-zorblax")
        assert [feedback.comment for feedback in opinions.all("anne")] == ["secret-zorblax"]
        conversations.delete("anne", turn.conversation_id)
        assert opinions.all("anne") == []
        assert b"secret-zorblax" not in every_byte(tmp_path)
