"""What the tests share: the real model, a real index of the seeds, documents made for a test."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rag.answering import Answering
from rag.index import open_index
from rag.index.embedded.index import EmbeddedIndex
from rag.index.embeddings import Embedder
from rag.index.protocol import Index
from rag.indexing import index_paths
from rag.settings import Settings
from tests.browser import running_window

NewIndex = Callable[[], EmbeddedIndex]

ROOT = Path(__file__).resolve().parent.parent
SEEDS = ROOT / "seeds"

os.environ["HF_HUB_OFFLINE"] = "1"


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    return Embedder(Settings())


@pytest.fixture(scope="session")
def seeds_index(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    """An index of the seeds that tests may read, not change."""
    folder = tmp_path_factory.mktemp("seeds-index")
    index_paths(open_index(Settings(index=folder), embedder, create=True), [SEEDS])
    return folder


@pytest.fixture(scope="session")
def index(seeds_index: Path, embedder: Embedder) -> Index:
    return open_index(Settings(index=seeds_index), embedder)


@pytest.fixture(scope="session")
def answering(index: Index) -> Answering:
    return Answering.over(index)


@pytest.fixture
def new_index(tmp_path: Path, embedder: Embedder) -> NewIndex:
    """Open the same index anew, as another process would."""
    return lambda: EmbeddedIndex(Settings(index=tmp_path / "index"), embedder, create=True)


@pytest.fixture(scope="session")
def address(seeds_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running window over the seeds; tests leave its documents as they found them."""
    index = tmp_path_factory.mktemp("window") / "index"
    shutil.copytree(seeds_index, index)
    with running_window(index) as address:
        yield address


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
