"""The commands about rights: which groups see what, and the labels that documents carry."""

import argparse

from rag.cli.terminal import clean, write
from rag.index import open_index
from rag.people.audit import COMMAND_LINE, Audit
from rag.problems import RagError
from rag.schema import Restriction
from rag.settings import Settings

DONE = 0


def restrict(options: argparse.Namespace, settings: Settings) -> int:
    """Show a document, a folder or a label to some groups only."""
    index = open_index(settings)
    name = clean(options.name).rstrip("/") if options.kind == "folder" else clean(options.name)
    restriction = Restriction(options.kind, name, frozenset(options.group))
    with index.writing():
        index.restrict(restriction)
    Audit(settings.index).note(COMMAND_LINE, "changed rights", how="restrict")
    count = sum(restriction.applies_to(entry) for entry in index.documents())
    shown_to = ", ".join(sorted(options.group)) or "everybody"
    write(f"{options.kind} {name}: shown to {shown_to}; {count} documents today")
    return DONE


def label(options: argparse.Namespace, settings: Settings) -> int:
    """Give a document these labels and no others."""
    index = open_index(settings)
    source = clean(options.source)
    if index.find(source=source) is None:
        raise RagError("document.unknown", source=source)
    with index.writing():
        index.label(source, map(clean, options.labels))
    Audit(settings.index).note(COMMAND_LINE, "changed rights", how="label")
    write(f"{source}: {', '.join(sorted(options.labels)) or 'no labels'}")
    return DONE
