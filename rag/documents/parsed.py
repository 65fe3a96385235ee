"""What a parser hands over, and the limits on it."""

from dataclasses import dataclass

from rag.schema import Attachment
from rag.text.structure import Part

MAX_FILE = 100_000_000  # bytes
MAX_TEXT = 10_000_000  # characters


@dataclass(frozen=True)
class Parsed:
    """Hold what a parser found: the text, a title if the file has one, and the offsets at which pages begin.

    `blank` are the numbers of the pages without text, `recognized` those of pages whose picture was read; `attachments`
    are documents of their own. `tables` are the tables of the text where the format tells them; with None they are
    looked for in its lines. `uncomputed` names the cells whose formulas hold no value.
    """

    text: str
    title: str = ""
    pages: tuple[int, ...] = ()
    blank: tuple[int, ...] = ()
    recognized: tuple[int, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    tables: tuple[Part, ...] | None = None
    uncomputed: tuple[str, ...] = ()
