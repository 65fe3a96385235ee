"""A process killed at any moment leaves an index that opens, with everything that was published."""

import random
import time
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from rag.index.embedded.index import EmbeddedIndex
from rag.index.embeddings import Embedder
from rag.indexing import index_paths
from rag.retrieval.ranking import Ranker
from rag.schema import Query
from rag.settings import Settings

KILLS = 20


def index_without_end(documents: Path, index: Path, said: Connection) -> None:
    """Index one small document after another and say, after each, that it is published."""
    store = EmbeddedIndex(Settings(index=index), create=True)
    number = store.counts().documents
    while True:
        path = documents / f"note-{number}.txt"
        path.write_text(f"La note numéro {number} parle du congé {number}. " * 3)
        index_paths(store, [path])
        said.send(number)
        number += 1


@pytest.mark.slow
def test_kill_at_random_moments(tmp_path: Path, embedder: Embedder) -> None:
    documents, index = tmp_path / "documents", tmp_path / "index"
    documents.mkdir()
    chance = random.Random(7)
    context = get_context("forkserver")
    context.set_forkserver_preload(["sentence_transformers", "rag.indexing", "rag.index.embedded"])
    published: set[int] = set()
    for _ in range(KILLS):
        hears, says = context.Pipe(duplex=False)
        child = context.Process(target=index_without_end, args=(documents, index, says))
        child.start()
        says.close()
        published.add(hears.recv())
        time.sleep(chance.uniform(0, 0.3))
        child.kill()
        child.join()
        while hears.poll():
            try:
                published.add(hears.recv())
            except EOFError:
                break

        store = EmbeddedIndex(Settings(index=index), embedder)
        sources = {d.source for d in store.documents()}
        assert {f"note-{number}.txt" for number in published} <= sources
        found = Ranker(store, k=10_000).rank(Query("congé", "fr")).found
        assert found
        assert {f.passage.source for f in found} <= sources
        assert store.check() is None
    assert len(published) > KILLS
