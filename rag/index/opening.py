"""The one place where an index is opened, by the engine that the settings name."""

from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING

from rag.settings import Settings

if TYPE_CHECKING:
    from rag.index.embeddings import Embedder
    from rag.index.protocol import Index

# By name, so that whoever asks or stores imports no engine.
ENGINE = "rag.index.embedded.index:EmbeddedIndex"
RESTORATION = "rag.index.embedded.backup:restore_backup"


def open_index(settings: Settings, embedder: "Embedder | None" = None, create: bool = False) -> "Index":
    """Open the index of the settings.

    Raises `RagError` where there is none, unless it is to be created.
    """
    index: Index = resolve_name(ENGINE)(settings, embedder, create)
    return index


def restore_index(settings: Settings, backup: Path) -> "Index":
    """Bring an index back from a backup, where there is none, and open it.

    Raises `RagError`, then nothing is there.
    """
    resolve_name(RESTORATION)(backup, settings.index)
    return open_index(settings)
