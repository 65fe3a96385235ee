"""ZIP → its files, each a document of its own."""

import posixpath
import zipfile
from pathlib import Path

from rag.documents.parsed import MAX_FILE, Parsed
from rag.documents.unreadable import UnreadableFile
from rag.schema import Attachment

MAX_MEMBERS = 2000
MAX_UNPACKED = 2 * MAX_FILE  # bytes; all are handed over at once


def parse_zip(path: Path) -> Parsed:
    """Unpack an archive under limits; what its own names hide (`.git`, `__MACOSX`) is left out."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [entry for entry in archive.infolist() if not entry.is_dir() and not _is_hidden(entry.filename)]
            if any(entry.flag_bits & 1 for entry in members):
                raise UnreadableFile("file.encrypted")
            if len(members) > MAX_MEMBERS or sum(entry.file_size for entry in members) > MAX_UNPACKED:
                raise UnreadableFile("file.unpacks", limit=MAX_UNPACKED // 1_000_000)
            files = tuple(Attachment(entry.filename, archive.read(entry)) for entry in members)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, OSError) as error:
        raise UnreadableFile("file.not_readable", kind="ZIP") from error
    return Parsed("", attachments=files)


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "__")) for part in posixpath.normpath(name).split("/"))
