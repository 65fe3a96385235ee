"""The commands that save an index and bring it back."""

import argparse

from rag.cli.terminal import write
from rag.index import open_index, restore_index
from rag.settings import Settings

DONE = 0


def backup(options: argparse.Namespace, settings: Settings) -> int:
    """Write the index to a file; people may ask meanwhile."""
    open_index(settings).backup(options.file)
    write(f"{options.file}: {options.file.stat().st_size:,} bytes")
    return DONE


def restore(options: argparse.Namespace, settings: Settings) -> int:
    """Bring an index back from a file, into a folder without one, and make it ready to be asked."""
    index = restore_index(settings, options.file)
    with index.writing():
        index.publish()
    counts = index.counts()
    write(f"{settings.index} holds {counts.documents} documents, {counts.passages} passages")
    return DONE
