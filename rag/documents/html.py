"""HTML → text, as a person sees the page."""

import re
from pathlib import Path

from rag.documents.decoding import decode
from rag.documents.parsed import Parsed
from rag.documents.unreadable import UnreadableFile

CHARSET = re.compile(rb"""<meta[^>]{0,200}charset=["']?([A-Za-z0-9_-]{1,40})""", re.IGNORECASE)
XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
UNSEEN = frozenset("head script style template noscript svg nav form iframe object".split())
HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
CELLS = frozenset(("td", "th"))
INLINE = CELLS | frozenset(
    """a abbr b bdi bdo cite code del em font i ins kbd label mark q s small span strong sub sup time u var
    wbr""".split()
)


def parse_html(path: Path) -> Parsed:
    """Read a page as a person sees it: blocks as lines, headings marked by `#`, no scripts, no hidden parts."""
    from lxml import etree, html

    data = path.read_bytes()
    declared = CHARSET.search(data[:4096])
    text = decode(data, declared[1].decode("ascii") if declared else None)
    text = XML_DECLARATION.sub("", text, count=1)
    try:
        root = html.document_fromstring(text, parser=html.HTMLParser(huge_tree=True))
    except (etree.ParserError, ValueError) as error:
        raise UnreadableFile("file.no_text") from error
    parts: list[str] = []
    walk = etree.iterwalk(root, events=("start", "end", "comment"))
    for event, node in walk:
        tag = node.tag if isinstance(node.tag, str) else ""
        if event == "start":
            if tag in UNSEEN or "hidden" in node.attrib or node.get("aria-hidden") == "true":
                walk.skip_subtree()
                continue
            parts.append("" if tag in INLINE else "\n")
            if tag in HEADINGS or tag == "li":
                parts.append("- " if tag == "li" else f"{'#' * int(tag[1])} ")
            if tag in CELLS and node.getprevious() is not None:
                parts.append(" | ")
            parts.append(" ".join(f".{node.text or ''}.".split())[1:-1])
        else:
            parts.append("" if tag in INLINE or event == "comment" else "\n")
            parts.append(" ".join(f".{node.tail or ''}.".split())[1:-1])
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    title = root.findtext(".//title") or ""
    return Parsed("\n\n".join(line for line in lines if line.strip("#- |")), title.strip())
