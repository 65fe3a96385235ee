"""Who may log in: accounts, passwords, tokens, pauses, and that nothing saved is lost or left."""

import json
import os
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from rag.cli.main import main
from rag.conversations.database import Database as ConversationDatabase
from rag.conversations.store import Conversations
from rag.people.accounts import Accounts
from rag.people.audit import Audit
from rag.people.database import FILE, Database
from rag.people.erasure import forget
from rag.people.login import MOST, PAUSE, Login, Paused
from rag.people.person import Person, owner_id
from rag.people.tokens import SESSION, Tokens
from rag.problems import CommandError, RagError
from tests.conftest import ROOT

PASSWORD = "quatre chevaux gris"


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 1, 5, 9)

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture
def database(tmp_path: Path) -> Database:
    database = Database(tmp_path)
    Accounts(database).add("Zoé", PASSWORD, "reader", ["paie"])
    return database


def test_a_name_is_the_same_however_it_is_typed(database: Database) -> None:
    login = Login(database)
    assert login.name(" ZOE\u0301 ", PASSWORD, "192.0.2.1") == "zoé"
    assert login.name("zoé", PASSWORD.upper(), "192.0.2.1") is None
    assert login.name("nobody", PASSWORD, "192.0.2.1") is None
    with pytest.raises(CommandError, match="there already"):
        Accounts(database).add("ZOÉ", PASSWORD, "admin")
    for name in ("", "\n", "a/b", "<b>", "x" * 65, "(command line)"):
        with pytest.raises(CommandError, match="cannot be a name"):
            Accounts(database).add(name, PASSWORD, "reader")


def test_no_password_and_no_token_is_in_the_file(database: Database) -> None:
    token = Tokens(database).issue("zoé", "session")
    content = database.path.read_bytes()
    assert b"$argon2id$" in content
    assert PASSWORD.encode() not in content
    assert token.encode() not in content
    assert database.path.stat().st_mode & 0o077 == 0


def test_ten_wrong_passwords_pause_a_name_for_a_minute(database: Database) -> None:
    clock = Clock()
    login = Login(database, clock)
    for number in range(MOST):
        assert login.name("zoé", "wrong", f"192.0.2.{number}") is None
    with pytest.raises(Paused) as paused:
        login.name("zoé", PASSWORD, "198.51.100.1")
    assert paused.value.seconds == 60
    clock.moment += PAUSE
    assert login.name("zoé", PASSWORD, "198.51.100.1") == "zoé"


def test_ten_wrong_passwords_pause_an_address(database: Database) -> None:
    login = Login(database, Clock())
    for number in range(MOST):
        assert login.name(f"somebody {number}", "wrong", f"2001:db8::{number}") is None
    with pytest.raises(Paused):
        login.name("zoé", PASSWORD, "2001:db8::ffff")
    assert login.name("zoé", PASSWORD, "2001:db8:1::1") == "zoé"


def test_a_right_password_ends_the_row_of_wrong_ones(database: Database) -> None:
    login = Login(database, Clock())
    for _ in range(2):
        for _ in range(MOST - 1):
            assert login.name("zoé", "wrong", "192.0.2.1") is None
        assert login.name("zoé", PASSWORD, "192.0.2.1") == "zoé"


def test_tokens_expire_and_are_revoked(database: Database) -> None:
    clock = Clock()
    tokens, accounts = Tokens(database, clock), Accounts(database)
    session, other, key = (tokens.issue("zoé", kind) for kind in ("session", "session", "key"))
    assert tokens.person(session, "session") == accounts.all()[0]
    assert tokens.person(session, "key") is None
    tokens.revoke(other)
    assert tokens.person(other, "session") is None
    clock.moment += SESSION
    assert tokens.person(session, "session") is None
    assert tokens.person(key, "key")
    accounts.change_password("zoé", "another password")
    assert tokens.person(key, "key") is None


def test_a_change_of_rights_counts_at_once(database: Database) -> None:
    token = Tokens(database).issue("zoé", "session")
    Accounts(database).change("zoé", "editor", ["santé"])
    person = Tokens(database).person(token, "session")
    assert person
    assert person == Person("zoé", "editor", frozenset({"santé"}))
    assert person.may("reader")
    assert not person.may("admin")
    Accounts(database).remove("zoé")
    assert Tokens(database).person(token, "session") is None
    assert Accounts(database).scope("zoé").groups == frozenset()


def test_the_log_is_read_newest_first_and_rotated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.people.audit.MAX_BYTES", 300)
    audit = Audit(tmp_path)
    for number in range(6):
        audit.note(f"p{number}", "asked")
    assert [line["who"] for line in audit.lines(4)] == ["p5", "p4", "p3", "p2"]
    assert (tmp_path / "audit.jsonl.1").exists()


def test_a_forgotten_person_leaves_no_byte(tmp_path: Path) -> None:
    name = "canari-7431"
    database = Database(tmp_path)
    accounts = Accounts(database)
    accounts.add(name, PASSWORD, "reader", ["g-7431"])
    accounts.add("reste", PASSWORD, "reader")
    Tokens(database).issue(name, "session")
    Login(database).name(name, "wrong", "192.0.2.1")
    audit = Audit(tmp_path)
    for who in (name, "reste"):
        audit.note(who, "asked")
    assert forget(tmp_path, name.upper())
    assert not forget(tmp_path, name)
    audit.note("reste", "asked")
    for path in tmp_path.iterdir():
        assert b"7431" not in path.read_bytes(), path
    lines = audit.lines(10)
    assert sum(line["who"] == "reste" for line in lines) == 2
    assert [person.name for person in accounts.all()] == ["reste"]


def test_a_kill_loses_nobody(tmp_path: Path) -> None:
    program = f"""
import sys
from pathlib import Path
from rag.people.database import Database
from rag.people.tables import Account
database = Database(Path({str(tmp_path)!r}))
for number in range(100_000):
    with database.writing() as session:
        session.add(Account(name=f"p{{number}}", password="", role="reader", groups=[]))
    print(number, flush=True)
"""
    child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=ROOT)
    assert child.stdout
    saved = [int(child.stdout.readline()) for _ in range(20)]
    os.kill(child.pid, signal.SIGKILL)
    saved += [int(line) for line in child.stdout.read().split()]
    child.wait()
    child.stdout.close()
    names = {person.name for person in Accounts(Database(tmp_path)).all()}
    assert {f"p{number}" for number in saved} <= names


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("these are no people at all, and no database" * 50)
    with pytest.raises(RagError, match=r"people\.sqlite cannot be read"):
        Database(tmp_path)


def test_the_command_line_adds_lists_changes_and_removes(tmp_path: Path) -> None:
    def rag(*words: str, line: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "rag", *words]
        environment = {**os.environ, "RAG_INDEX": str(tmp_path)}
        return subprocess.run(
            command, input=line, capture_output=True, text=True, cwd=ROOT, env=environment, check=False
        )

    added = rag("user", "add", "ana", "--role", "editor", "--group", "paie", "rh", line=f"{PASSWORD}\n")
    assert (added.returncode, added.stdout) == (0, "added ana, editor\n")
    assert Login(Database(tmp_path)).name("ana", PASSWORD, "192.0.2.1")
    key = rag("user", "key", "ana").stdout.strip()
    assert Tokens(Database(tmp_path)).person(key, "key")
    assert rag("user", "list").stdout == "ana, editor, groups: paie, rh\n"
    wrong = rag("user", "passwd", "bob", line="x\n")
    assert wrong.returncode == 1
    assert "there is nobody of the name 'bob'" in wrong.stderr
    lines = (tmp_path / "audit.jsonl").read_text().splitlines()
    assert [json.loads(line)["how"] for line in lines] == ["add", "key"]


def test_forgetting_erases_the_conversations_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_INDEX", str(tmp_path))
    Accounts(Database(tmp_path)).add("ana", PASSWORD, "reader")
    conversations = Conversations(ConversationDatabase(tmp_path))
    for number, name in enumerate(("ana", "reste")):
        conversations.ask(owner_id(name), f"{number:032x}", f"une question 7431 de {name}")
    assert main(["forget", "Ana"]) == 0
    assert conversations.all(owner_id("ana")) == []
    assert len(conversations.all(owner_id("reste"))) == 1
    for path in tmp_path.iterdir():
        assert b"7431 de ana" not in path.read_bytes(), path
