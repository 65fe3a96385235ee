"""Bytes → text, whatever the encoding: an encoding counts only where its result looks like text."""

import codecs
import re

from charset_normalizer import from_bytes

from rag.documents.unreadable import UnreadableFile
from rag.text.packs import joined

GUESSED_FROM = 200_000  # bytes
# What browsers read under other names (WHATWG's Encoding Standard): a page that says Latin-1 means windows-1252.
MEANT = {"iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252"}
CONTROLS = re.compile("[\0-\x08\x0e-\x1f\x7f-\x9f]")
FEW = 100  # characters, one of which may be spoilt
MIXED = "rag-mixed"  # what is no UTF-8 in a text of UTF-8 was pasted from Windows
# Letters of our languages, and what stands where they belong when cp850 was read as cp1252:
# "Cong‚s", "… la".
LETTERS = re.compile(f"[{''.join(sorted(joined('letters')))}]")
OF_DOS = re.compile(r"(?<=[^\W\d_])[‚ŠˆƒŒ‰…—‡–“](?=[^\W\d_]|[\s.,;)])|(?:^|(?<=\s))…(?=\s[a-z])|(?<=\s)‚(?=[^\W\d_])")


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", errors="replace"), error.end


codecs.register_error(MIXED, _as_windows)


def decode(data: bytes, declared: str | None = None) -> str:
    """Decode by BOM, then as declared, then UTF-8, then cp1252 or DOS's cp850; guess only after that.

    A bad byte spoils one character of a UTF-8 text, not the whole. Raises `UnreadableFile` for what is not text.
    """
    encodings = ["utf-16"] if data.startswith((b"\xff\xfe", b"\xfe\xff")) else []
    named = MEANT.get((declared or "utf-8").lower(), declared or "utf-8")
    for encoding in [*encodings, named, "utf-8"]:
        try:
            text = data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        if "\0" not in text and not (encoding == "cp1252" and CONTROLS.search(text)):
            return text
    # In a text of one byte a character, accents hardly ever form the pairs that UTF-8 writes them as.
    replaced = data.decode("utf-8", errors="replace")
    spoilt = replaced.count("\ufffd")
    pairs = sum(ord(c) > 0x7F for c in replaced) - spoilt
    if 2 * pairs > spoilt and not CONTROLS.search(mostly := data.decode("utf-8", errors=MIXED)):
        return mostly
    return _of_one_byte(data)


def _of_one_byte(data: bytes) -> str:
    """Decode a text of one byte a character: Windows's, else DOS's where that gives French, else by a guess."""
    windows = data.decode("cp1252", errors="replace")
    dos = data.decode("cp850")
    strange = len(OF_DOS.findall(windows))
    if not CONTROLS.search(windows):
        if strange and strange > len(LETTERS.findall(windows)) and len(LETTERS.findall(dos)) >= strange:
            return dos
        if windows.count("\ufffd") * FEW < len(windows):
            return windows
    guess = from_bytes(data[:GUESSED_FROM]).best()
    if guess is not None:
        text = data.decode(guess.encoding, errors="replace")
        if not CONTROLS.search(text) and text.count("\ufffd") * FEW < len(text):
            return text
    raise UnreadableFile("file.not_text")
