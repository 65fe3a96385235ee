"""The one place where an index is opened, by the engine that the settings name."""

from pkgutil import resolve_name
from typing import TYPE_CHECKING

from rag.settings import Settings

if TYPE_CHECKING:
    from rag.index.embeddings import Embedder
    from rag.index.protocol import Index

# By name, so that whoever asks or stores imports no engine.
ENGINE = "rag.index.embedded.index:EmbeddedIndex"


def open_index(settings: Settings, embedder: "Embedder | None" = None, create: bool = False) -> "Index":
    """Open the index of the settings.

    Raises `RagError` where there is none, unless it is to be created.
    """
    index: Index = resolve_name(ENGINE)(settings, embedder, create)
    return index
