"""The commands about people: who may log in, with which password and keys, and who is forgotten."""

import argparse
import sys
from collections.abc import Callable
from getpass import getpass

from rag.cli.terminal import say, write
from rag.conversations.database import Database as ConversationDatabase
from rag.conversations.store import Conversations
from rag.people.accounts import Accounts, canonical
from rag.people.audit import COMMAND_LINE, Audit
from rag.people.database import Database
from rag.people.erasure import forget as erase
from rag.people.person import owner_id
from rag.people.tokens import Tokens
from rag.problems import CommandError
from rag.settings import Settings

DONE, FAILED = 0, 1
SHORT = 12  # characters


def user(options: argparse.Namespace, settings: Settings) -> int:
    """Do what one of the commands of `user` says."""
    database = Database(settings.index)
    ACTIONS[options.action](options, database)
    if options.action != "list":
        Audit(settings.index).note(COMMAND_LINE, "changed people", how=options.action)
    return DONE


def forget(options: argparse.Namespace, settings: Settings) -> int:
    """Forget a person and all conversations."""
    conversations = Conversations(ConversationDatabase(settings.index))
    conversations.forget(owner_id(canonical(options.name)))
    if not erase(settings.index, options.name):
        say(f"there was no account of the name {options.name}; what the log held of the name is gone")
        return FAILED
    write(f"forgot {options.name}")
    return DONE


def _add(options: argparse.Namespace, database: Database) -> None:
    person = Accounts(database).add(options.name, _password(), options.role, options.group)
    write(f"added {person.name}, {person.role}")


def _list(options: argparse.Namespace, database: Database) -> None:
    for person in Accounts(database).all():
        write(f"{person.name}, {person.role}, groups: {', '.join(sorted(person.groups)) or 'none'}")


def _change(options: argparse.Namespace, database: Database) -> None:
    person = Accounts(database).change(options.name, options.role, options.group)
    groups = ", ".join(sorted(person.groups)) or "none"
    write(f"{person.name} is {person.role} now, groups: {groups}")


def _passwd(options: argparse.Namespace, database: Database) -> None:
    Accounts(database).change_password(options.name, _password())
    write(f"changed the password of {options.name}; sessions and keys of before have ended")


def _remove(options: argparse.Namespace, database: Database) -> None:
    write(f"removed {Accounts(database).remove(options.name)}")


def _key(options: argparse.Namespace, database: Database) -> None:
    key = Tokens(database).issue(options.name, "key")
    say("send it as `Authorization: Bearer KEY`; it is shown this once")
    write(key)


def _revoke(options: argparse.Namespace, database: Database) -> None:
    count = Tokens(database).revoke_all(options.name)
    write(f"ended {count} sessions and keys of {options.name}")


def _password() -> str:
    """Ask for a new password, or read one line where nobody can be asked."""
    if sys.stdin.isatty():
        password = getpass("password: ")
        if getpass("again: ") != password:
            raise CommandError("the two passwords differ; nothing was changed")
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if len(password) < SHORT:
        say(f"note: a password of fewer than {SHORT} characters is easily guessed")
    return password


ACTIONS: dict[str, Callable[[argparse.Namespace, Database], None]] = {
    "add": _add,
    "list": _list,
    "change": _change,
    "passwd": _passwd,
    "remove": _remove,
    "key": _key,
    "revoke": _revoke,
}
COMMANDS: dict[str, Callable[[argparse.Namespace, Settings], int]] = {"user": user, "forget": forget}
