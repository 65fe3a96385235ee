"""What a parser hands over, and the limits on it."""

from dataclasses import dataclass

from rag.schema import Attachment

MAX_FILE = 100_000_000  # bytes
MAX_TEXT = 10_000_000  # characters


@dataclass(frozen=True)
class Parsed:
    """Hold what a parser found: the text, a title if the file has one, and the offsets at which pages begin.

    `blank` are the numbers of the pages without text, `recognized` those of pages whose picture was read; `attachments`
    are documents of their own.
    """

    text: str
    title: str = ""
    pages: tuple[int, ...] = ()
    blank: tuple[int, ...] = ()
    recognized: tuple[int, ...] = ()
    attachments: tuple[Attachment, ...] = ()
