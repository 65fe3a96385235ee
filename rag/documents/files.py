"""Which files there are: those of folders, and those inside other files."""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rag.documents.unreadable import UnreadableFile
from rag.problems import RagError
from rag.schema import Attachment

NAMELESS = "?"
UNSAFE = re.compile(r"[\x00-\x1f\x7f\\:]+")
MAX_NAME = 120  # characters


@dataclass(frozen=True)
class File:
    """Hold where the bytes of a file are, the source it is to be named by, and the file that stays on the disk.

    The last is itself, or the one that it was in.
    """

    path: Path
    source: str
    origin: Path


def find_files(path: Path, denied: Callable[[UnreadableFile], None]) -> Iterator[File]:
    """Yield each file: named by its name, or by its path relative to the folder that it was found in.

    Folders that may not be read are told to `denied`; links to folders are not followed. Raises `RagError` where there
    is nothing at a path.
    """
    if not path.exists():
        raise RagError("path.not_there", path=path)
    if not path.is_dir():
        yield File(path, path.name, path.absolute())
        return
    if not os.access(path, os.R_OK | os.X_OK):
        raise RagError("path.denied", path=path)
    walk = os.walk(path, onerror=lambda e: denied(UnreadableFile("folder.denied", str(e.filename))))
    for folder, folders, names in walk:
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith("."):
                file = Path(folder) / name
                yield File(file, file.relative_to(path).as_posix(), file.absolute())


def unpack(attachments: Iterable[Attachment], container: File, folder: Path) -> Iterator[File]:
    """Write files that were inside another one to a folder, under names of ours, and yield them."""
    taken = set[str]()
    for number, attachment in enumerate(attachments):
        name = unique(_safe(attachment.name), taken)
        path = folder / f"{number}{Path(name).suffix}"
        path.write_bytes(attachment.content)
        yield File(path, f"{container.source}/{name}", container.origin)


def _safe(name: str) -> str:
    """Make a foreign name one that stays inside its container and harms no display."""
    parts = (UNSAFE.sub(" ", part).strip()[-MAX_NAME:] for part in name.replace("\\", "/").split("/"))
    return "/".join(part for part in parts if part.strip(". ")) or NAMELESS


def unique(name: str, taken: set[str]) -> str:
    """Number a name that is taken, before its end: `a.pdf`, `a (2).pdf`."""
    stem, dot, end = name.rpartition(".")
    numbered, number = name, 1
    while numbered in taken:
        number += 1
        numbered = f"{stem} ({number}).{end}" if dot else f"{name} ({number})"
    taken.add(numbered)
    return numbered


def is_text(name: str) -> bool:
    """Tell whether a name can be written as UTF-8: Linux takes any bytes for one."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
