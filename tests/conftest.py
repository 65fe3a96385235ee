"""What the tests share: the real model, a real index of the seeds, documents made for a test."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rag.chain import AnswerChain
from rag.embeddings import Embedder
from rag.indexing import index_paths
from rag.settings import Settings
from rag.store import PassageStore
from tests.browser import running_window

NewStore = Callable[[], PassageStore]

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
    index_paths(PassageStore(Settings(index=folder), embedder, create=True), [SEEDS])
    return folder


@pytest.fixture(scope="session")
def chain(seeds_index: Path) -> AnswerChain:
    return AnswerChain.open(Settings(index=seeds_index))


@pytest.fixture
def new_store(tmp_path: Path, embedder: Embedder) -> NewStore:
    """Open the same index anew, as another process would."""
    return lambda: PassageStore(Settings(index=tmp_path / "index"), embedder, create=True)


@pytest.fixture(scope="session")
def address(seeds_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running window over the seeds; tests leave its documents as they found them."""
    index = tmp_path_factory.mktemp("window") / "index"
    shutil.copytree(seeds_index, index)
    with running_window(index) as address:
        yield address
