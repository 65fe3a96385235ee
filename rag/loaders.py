"""File → `Document`, behind one function; foreign formats are parsed in a child process under limits."""

import json
import re
import subprocess
import sys
from pathlib import Path

from rag.parsers import MAX_TEXT, NO_TEXT, TOO_LONG, decode
from rag.schema import Document, RagError
from rag.splitter import find_title

KINDS = {
    ".txt": "text",
    ".text": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".pdf": "pdf",
    ".docx": "docx",
}
# What programs write where nobody gave a title.
NO_TITLE = re.compile(
    r"|untitled.*|sans titre.*|(?:microsoft (?:word|powerpoint) - )?(?:document|présentation)? ?\d*", re.IGNORECASE
)
MAX_FILE = 100_000_000  # bytes
MAX_SECONDS = 120  # by the clock, for the child process that parses one file


class UnreadableFile(RagError):
    """Say which file cannot be indexed and why."""


def load_document(path: Path, source: str) -> Document:
    """Read one file.

    The text of a text or Markdown file is its content unchanged, so offsets hold in the file.
    Raises `UnreadableFile` for anything else than a readable document with text in it.
    """
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        known = ", ".join(sorted(KINDS))
        raise UnreadableFile(f"{source}: files of this kind are not read (known: {known})")
    try:
        if not path.is_file():
            raise UnreadableFile(f"{source}: it is not there, or not a file")
        size = path.stat().st_size
        if size == 0:
            raise UnreadableFile(f"{source}: it is empty")
        if size > MAX_FILE:
            raise UnreadableFile(f"{source}: it is larger than {MAX_FILE // 1_000_000} MB")
        if kind in ("text", "markdown"):
            text, title, pages = decode(path.read_bytes()), "", list[int]()
        else:
            text, title, pages = _parse(kind, path, source)
    except ValueError as error:
        raise UnreadableFile(f"{source}: {error}") from error
    except PermissionError as error:
        raise UnreadableFile(f"{source}: it may not be read; check its permissions") from error
    except OSError as error:
        raise UnreadableFile(f"{source}: it cannot be read ({error.strerror})") from error
    if len(text) > MAX_TEXT:
        raise UnreadableFile(f"{source}: {TOO_LONG}")
    if not any(map(str.isalnum, text)):
        raise UnreadableFile(f"{source}: {NO_TEXT if kind == 'pdf' else 'it holds no text'}")
    title = " ".join(title.split())
    if NO_TITLE.fullmatch(title):
        title = find_title(text) or path.stem
    return Document(source, title, kind, text, tuple(pages))


def _parse(kind: str, path: Path, source: str) -> tuple[str, str, list[int]]:
    root = Path(__file__).resolve().parent.parent
    command = [sys.executable, "-m", "rag.parsers", kind, str(path.resolve())]
    try:
        child = subprocess.run(command, cwd=root, capture_output=True, timeout=MAX_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise UnreadableFile(f"{source}: it took too long to read") from error
    if child.returncode != 0:
        raise UnreadableFile(f"{source}: it could not be read within the limits on memory and time, or is damaged")
    outcome = json.loads(child.stdout)
    if "error" in outcome:
        raise UnreadableFile(f"{source}: {outcome['error']}")
    return outcome["text"], outcome["title"], outcome["pages"]
