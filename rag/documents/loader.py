"""File → `Document`, behind one function."""

import re
from pathlib import Path

from rag.documents.formats import BY_SUFFIX, format_of
from rag.documents.parsed import MAX_FILE, MAX_TEXT
from rag.documents.sandbox import parse_sandboxed
from rag.documents.splitter import find_title
from rag.documents.unreadable import UnreadableFile
from rag.schema import Document
from rag.text.packs import pattern
from rag.text.structure import parts_of

# What programs write where nobody gave a title.
NO_TITLE = pattern(
    "no_title",
    r"|{}|about:blank|microsoft (?:word|powerpoint|excel) - .*"
    r"|.*\.(?:docx?|xlsx?|pptx?|pdf|html?|odt|indd|qxd|tmp)",
)
FRONT_MATTER = re.compile(
    r"\ufeff?---[ \t]*\n(?:.*\n)*?title:[ \t]*[\"']?(.*?)[\"']?[ \t]*\n(?:.*\n)*?---[ \t]*(?:\n|$)"
)
FRONT = 4000  # characters


def load_document(path: Path, source: str) -> Document:
    """Read one file; raise `UnreadableFile` for anything else than a readable document with text in it."""
    try:
        return _load(path, source)
    except UnreadableFile as problem:
        raise problem.of(source) from problem.__cause__
    except PermissionError as error:
        raise UnreadableFile("file.denied", source) from error
    except OSError as error:
        raise UnreadableFile("file.system", source, detail=error.strerror) from error


def _load(path: Path, source: str) -> Document:
    kind = format_of(path)
    if kind is None:
        raise UnreadableFile("file.kind", known=", ".join(sorted(BY_SUFFIX)))
    if not path.is_file():
        raise UnreadableFile("file.not_there")
    size = path.stat().st_size
    if size == 0:
        raise UnreadableFile("file.empty")
    if size > MAX_FILE:
        raise UnreadableFile("file.too_large", limit=MAX_FILE // 1_000_000)
    parsed = parse_sandboxed(kind, path) if kind.sandboxed else kind.parse(path)
    if len(parsed.text) > MAX_TEXT:
        raise UnreadableFile("file.too_long", limit=MAX_TEXT // 1_000_000)
    if not any(map(str.isalnum, parsed.text)) and not parsed.attachments:
        raise UnreadableFile("file.no_text")
    told = FRONT_MATTER.match(parsed.text[:FRONT])
    title = " ".join((told[1] if told else parsed.title).split())
    if NO_TITLE.fullmatch(title):
        title = find_title(parsed.text) or path.stem
    found = parsed.pages, parsed.blank, parsed.recognized, parsed.attachments, parsed.uncomputed
    return Document(source, title, kind.name, parsed.text, *found, parts_of(parsed.text, parsed.tables))
