"""Marks of Markdown in a text: where they stand, so that what is shown leaves them out."""

import re

# Emphasis and code around words, the target of a link, the signs of a heading and of a quoted line.
SIGNS = re.compile(
    r"\*\*|(?<![\w*])\*(?=[^\s*])|(?<=[^\s*])\*(?![\w*])|(?<!\w)__?(?=[^\s_])|(?<=[^\s_])__?(?!\w)|`+"
    r"|!?\[(?=[^\]\n]{1,200}\]\([^)\s]{1,500}\))|(?<=[^\s\[])\]\([^)\s]{1,500}\)"
    r"|^[ \t]{0,3}(?:#{1,6}|>)[ \t]+",
    re.MULTILINE,
)
HEADING = re.compile(r"[ \t]{0,3}#{1,6}[ \t]+(?=\S)")
RULE = re.compile(r"[\s|:-]*-{3}[\s|:-]*")


def plain(text: str) -> str:
    """Leave the marks out."""
    return SIGNS.sub("", text)


def is_rule(line: str) -> bool:
    """Tell a line that only parts the head of a table from its rows, or one part of a text from the next."""
    return bool(RULE.fullmatch(line))
