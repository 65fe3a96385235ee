"""A backup of an index: one file, a zip archive of its documents, passages and vectors, with checksums.

FAISS and Tantivy are not in it: they are made again from the vectors when the index is opened.
"""

import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfileobj, rmtree
from tempfile import mkdtemp

from rag.index.embedded.catalog import Catalog
from rag.index.embedded.database import Database
from rag.problems import RagError

MEMBER = "documents.sqlite"
BLOCK = 1 << 20  # bytes
# All that reading a file which is no archive of ours, or not any more, ends with.
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    KeyError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    IsADirectoryError,
    PermissionError,
)


def write_backup(database: Database, path: Path) -> None:
    """Write all that an index holds to a file, as it is at one moment; people may ask meanwhile.

    The file is there whole, or not at all. Raises `RagError` where it cannot be written.
    """
    try:
        with _folder_beside(path) as folder:
            database.copy_to(folder / MEMBER)
            archive = folder / path.name
            with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as held:
                held.write(folder / MEMBER, MEMBER)
            with archive.open("rb") as written:
                os.fsync(written.fileno())
            archive.replace(path)
    except OSError as error:
        raise RagError("path.write", path=path, detail=error.strerror) from error


def restore_backup(path: Path, folder: Path) -> None:
    """Put what a backup holds into a folder without an index. Raises `RagError`, then nothing is there."""
    target = folder / MEMBER
    if target.exists():
        raise RagError("backup.index_there", folder=folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _folder_beside(target) as beside:
            _unpack(path, beside / MEMBER)
            _check(path, beside / MEMBER)
            (beside / MEMBER).replace(target)
    except OSError as error:
        raise RagError("index.folder", folder=folder, detail=error.strerror) from error


def _unpack(path: Path, target: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive, archive.open(MEMBER) as held, target.open("wb") as out:
            copyfileobj(held, out, BLOCK)  # checks the checksum at its end
            os.fsync(out.fileno())
    except FileNotFoundError as error:
        raise RagError("path.not_there", path=path) from error
    except DAMAGE as error:
        raise RagError("backup.damaged", path=path) from error


def _check(path: Path, database: Path) -> None:
    """Check that what was unpacked is an index of this version or an earlier one, and whole."""
    catalog = Catalog(database)
    try:
        problems = catalog.problems()
    except RagError as problem:
        if problem.code in ("index.damaged", "index.foreign", "index.unusable"):
            raise RagError("backup.damaged", path=path) from problem
        raise
    finally:
        catalog.close()
    if problems:
        raise RagError("backup.damaged", path=path)


@contextmanager
def _folder_beside(path: Path) -> Iterator[Path]:
    """Make a folder on the same disk, from which a file can be moved to its place at once."""
    folder = Path(mkdtemp(prefix=".rag-backup-", dir=path.absolute().parent))
    try:
        yield folder
    finally:
        rmtree(folder, ignore_errors=True)
