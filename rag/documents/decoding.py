"""Bytes → text, whatever the encoding."""

from charset_normalizer import from_bytes

from rag.documents.unreadable import UnreadableFile

GUESSED_FROM = 200_000  # bytes


def decode(data: bytes, declared: str | None = None) -> str:
    """Decode by BOM, then as declared, then UTF-8, then cp1252; guess only after that.

    Raises `UnreadableFile` for what is not text.
    """
    encodings = ["utf-16"] if data.startswith((b"\xff\xfe", b"\xfe\xff")) else []
    for encoding in [*encodings, declared or "utf-8", "utf-8", "cp1252"]:
        try:
            text = data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        if "\0" not in text:
            return text
    guess = from_bytes(data[:GUESSED_FROM]).best()
    if guess is not None:
        text = data.decode(guess.encoding, errors="replace")
        if "\0" not in text and text.count("\ufffd") * 100 < len(text):
            return text
    raise UnreadableFile("file.not_text")
