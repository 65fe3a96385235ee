"""The words of the command line: which commands there are and what they take."""

import argparse
from pathlib import Path

ROLES = ("reader", "editor", "admin")  # as `rag.people.person` has them, which loads far more


def parser() -> argparse.ArgumentParser:
    """Describe the commands; the chosen one's name stands in `command`."""
    top = argparse.ArgumentParser(
        prog="python -m rag", description="Ask your documents; every answer cites them word for word."
    )
    commands = top.add_subparsers(title="commands", required=True, metavar="COMMAND", dest="command")

    index = commands.add_parser("index", help="add or update files and folders")
    index.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="default: seeds/")
    index.add_argument(
        "--rebuild", action="store_true", help="first embed all stored documents again, with today's settings"
    )
    kept = "keep documents whose file has vanished from a folder that is indexed"
    index.add_argument("--keep-missing", action="store_true", help=kept)
    index.add_argument("--if-empty", action="store_true", help="do nothing if there are documents already")

    commands.add_parser("documents", help="list what is indexed")

    remove = commands.add_parser("remove", help="remove a document")
    remove.add_argument("source", help="as `documents` lists it")

    check = commands.add_parser("check", help="verify the index; repair what can be made again from the documents")
    check.add_argument("--dry-run", action="store_true", help="only say what would be repaired")

    ask = commands.add_parser("ask", help="answer a question, with citations")
    ask.add_argument("question", nargs="?")
    ask.add_argument("--json", action="store_true", help="print one JSON object")
    ask.add_argument(
        "--batch", type=Path, metavar="FILE", help="answer the questions of a JSONL file, one JSON line each"
    )
    ask.add_argument("--receipt", type=Path, metavar="FILE", help="also write what the answer stands on, as JSON")

    verify = commands.add_parser("verify", help="tell which quotes of a receipt still stand word for word")
    verify.add_argument("receipt", type=Path, metavar="FILE")

    search = commands.add_parser("search", help="find passages without answering")
    search.add_argument("query")
    search.add_argument("-k", type=int, default=10, metavar="N", help="how many (default: 10)")
    search.add_argument("--json", action="store_true", help="print a JSON array")

    backup = commands.add_parser("backup", help="write the index to one file; people may ask meanwhile")
    backup.add_argument("file", type=Path, metavar="FILE")
    restore = commands.add_parser("restore", help="bring an index back from a backup, into an empty folder")
    restore.add_argument("file", type=Path, metavar="FILE")

    _add_people(commands)
    commands.add_parser("mcp", help="serve search, ask and read to a language model over stdio")
    commands.add_parser("models", help="tell which language model is configured and whether it answers")
    commands.add_parser("settings", help="show the settings and where they come from")
    return top


def _add_people(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the commands about people."""
    user = commands.add_parser("user", help="say who may log in")
    actions = user.add_subparsers(required=True, metavar="ACTION", dest="action")
    add = actions.add_parser("add", help="add a person; the password is asked for, or one line of input")
    add.add_argument("name")
    add.add_argument("--role", choices=ROLES, required=True)
    change = actions.add_parser("change", help="give a person another role, or other groups")
    change.add_argument("name")
    change.add_argument("--role", choices=ROLES)
    for parser, default in ((add, []), (change, None)):
        parser.add_argument("--group", nargs="*", action="extend", default=default, metavar="G")
    actions.add_parser("list", help="list who may log in")
    for name, does in (
        ("passwd", "give a person another password"),
        ("remove", "remove a person"),
        ("key", "make a key of a person's for the API, and print it once"),
        ("revoke", "end all sessions and keys of a person"),
    ):
        actions.add_parser(name, help=does).add_argument("name")
    restrict = commands.add_parser("restrict", help="show something to some groups only; none: to all")
    restrict.add_argument("kind", choices=("source", "folder", "label"))
    restrict.add_argument("name")
    restrict.add_argument("--group", nargs="*", action="extend", default=[], metavar="G")
    label = commands.add_parser("label", help="give a document these labels and no others")
    label.add_argument("source", help="as `documents` lists it")
    label.add_argument("labels", nargs="*", metavar="LABEL")
    forget = commands.add_parser("forget", help="remove a person and leave no byte of the name")
    forget.add_argument("name", metavar="USER")
