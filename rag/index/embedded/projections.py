"""FAISS and Tantivy as projections of the truth: stamped, hashed, replaced whole, rebuilt without embedding.

A projection lies in a folder of its own that never changes once it is published: its version and the sha256 of
its files stand in the catalog. FAISS itself does not notice a damaged file, so the hashes are checked first.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from rag.index.embedded.catalog import Catalog
from rag.index.embedded.lexical import LexicalIndex, Row, build
from rag.problems import RagError
from rag.schema import Vectors

CONTEXT = 300  # characters of the beginning of a document that are searched with each of its passages
STATE = "projection 3"  # the number changes with how words are analyzed: an older projection is built anew


@dataclass(frozen=True)
class Projections:
    """Hold both opened projections and the version of the truth that they show."""

    version: int
    dense: faiss.Index
    lexical: LexicalIndex

    def nearest(self, vector: Vectors, k: int, among: NDArray[np.int64] | None = None) -> list[tuple[int, float]]:
        """Find the ids of the k nearest vectors and their cosines, among some or all."""
        if self.dense.ntotal == 0:
            return []
        inside = None
        selector = None if among is None else faiss.IDSelectorBatch(among)
        if selector:  # FAISS does not keep it alive, this name does
            inside = faiss.SearchParameters()
            inside.sel = selector
        k = min(k, self.dense.ntotal)
        scores, ids = self.dense.search(vector.reshape(1, -1), k, params=inside)
        return [(int(i), float(s)) for i, s in zip(ids[0], scores[0], strict=True) if i >= 0]


def diagnose(catalog: Catalog, folder: Path) -> str | None:
    """Tell what is wrong with the published projection, or None."""
    state = catalog.get(STATE)
    if state is None:
        return "it is missing"
    published = json.loads(state)
    if published["version"] != catalog.version:
        return "it is older than the documents"
    return _damage(folder / published["folder"], published["files"])


def _damage(projection: Path, files: dict[str, str]) -> str | None:
    for name, digest in files.items():
        try:
            if _digest(projection / name) != digest:
                return f"its file {name} is damaged"
        except OSError:
            return f"its file {name} is missing"
    return None


def open_published(catalog: Catalog, folder: Path) -> Projections | None:
    """Open the published projection if it is whole, be it older than the documents or not."""
    state = catalog.get(STATE)
    if state is None:
        return None
    published = json.loads(state)
    projection = folder / published["folder"]
    try:
        if _damage(projection, published["files"]) is None:
            return _open(projection, published["version"])
    except (OSError, RuntimeError, ValueError):
        pass  # replaced by another process while it was being opened
    return None


def publish(catalog: Catalog, folder: Path, dimension: int) -> Projections:
    """Build both projections from the truth, make them durable, then let readers see them.

    The caller holds the writer's lock.
    """
    version = catalog.version
    projection = Path(tempfile.mkdtemp(prefix=f"projection-{version}-", dir=folder))
    projection.chmod(0o755)  # for readers of other users
    try:
        build_into(catalog, projection, dimension)
        files = {str(p.relative_to(projection)): _digest(p) for p in sorted(projection.rglob("*")) if p.is_file()}
        for path in [*(projection / name for name in files), projection / "lexical", projection, folder]:
            _sync(path)
        catalog.put({STATE: json.dumps({"version": version, "folder": projection.name, "files": files})})
    except (OSError, RuntimeError, ValueError) as error:  # FAISS and Tantivy raise their own for a full disk
        shutil.rmtree(projection, ignore_errors=True)
        raise RagError("index.not_published", folder=folder) from error
    except BaseException:
        shutil.rmtree(projection, ignore_errors=True)
        raise
    for old in folder.glob("projection-*"):
        if old.name != projection.name:
            shutil.rmtree(old, ignore_errors=True)
    return _open(projection, version)


def build_in_memory(catalog: Catalog, dimension: int) -> Projections:
    """Build both projections for this process alone: another one is writing, or the folder is read-only."""
    with tempfile.TemporaryDirectory(prefix="rag-projection-") as scratch:
        version = catalog.version
        build_into(catalog, Path(scratch), dimension)
        return _open(Path(scratch), version)  # open files outlive their names


def build_into(catalog: Catalog, projection: Path, dimension: int) -> None:
    """Write both projections into an empty folder."""
    ids, vectors = catalog.all_vectors(dimension)
    index = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))
    if len(ids):
        index.add_with_ids(np.ascontiguousarray(vectors), ids)
    faiss.write_index(index, str(projection / "vectors.faiss"))
    (projection / "lexical").mkdir()
    build(projection / "lexical", _rows(catalog))


def _rows(catalog: Catalog) -> Iterator[Row]:
    documents = catalog.rows("SELECT id, title, substr(text, 1, ?) FROM documents", [CONTEXT])
    heads = {identifier: f"{title}\n{head}" for identifier, title, head in documents}
    passages = catalog.rows("SELECT id, document, heading, text FROM passages ORDER BY id")
    for passage, document, heading, text in passages:
        yield Row(passage, document, text, f"{heads[document]}\n{heading}")


def _open(projection: Path, version: int) -> Projections:
    dense = faiss.read_index(str(projection / "vectors.faiss"))
    return Projections(version, dense, LexicalIndex(projection / "lexical"))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
