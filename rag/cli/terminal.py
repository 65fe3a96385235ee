"""Words on a terminal, made harmless for it: of the standard library alone, so that it is quick to load."""

import sys
import unicodedata

STYLES = {"bold": "\x1b[1m", "dim": "\x1b[2m"}
PLAIN = "\x1b[0m"


def printable(text: str) -> str:
    """Show control characters of documents and file names instead of obeying them."""
    return "".join("\N{REPLACEMENT CHARACTER}" if _is_obeyed(c) else c for c in text)


def _is_obeyed(character: str) -> bool:
    # Cc: escape sequences; Cs: halves of characters; Bidi: text that shows in another order than it stands.
    control = unicodedata.category(character) in ("Cc", "Cs") and character not in "\n\t\r"
    return control or character in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def clean(text: str) -> str:
    """Replace halves of characters, which undecodable arguments and some JSON hold."""
    return text.encode("utf-8", "replace").decode()


def say(message: str) -> None:
    """Print a message on stderr."""
    print(printable(message), file=sys.stderr)


def write(text: str = "", style: str = "", end: str = "\n") -> None:
    """Print a result on stdout, in a style where that is a terminal."""
    words = printable(text)
    if style and words and sys.stdout.isatty():
        words = f"{STYLES[style]}{words}{PLAIN}"
    print(words, end=end, flush=True)
