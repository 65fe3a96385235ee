"""The commands that save an index and bring it back."""

import argparse

from rag.cli.terminal import write
from rag.index.backup import restore_backup
from rag.index.embedded import EmbeddedIndex
from rag.settings import Settings

DONE = 0


def backup(options: argparse.Namespace, settings: Settings) -> int:
    """Write the index to a file; people may ask meanwhile."""
    EmbeddedIndex(settings).backup(options.file)
    write(f"{options.file}: {options.file.stat().st_size:,} bytes")
    return DONE


def restore(options: argparse.Namespace, settings: Settings) -> int:
    """Bring an index back from a file, into a folder without one, and make it ready to be asked."""
    restore_backup(options.file, settings.index)
    index = EmbeddedIndex(settings)
    with index.writing():
        index.publish()
    counts = index.counts()
    write(f"{settings.index} holds {counts.documents} documents, {counts.passages} passages")
    return DONE
