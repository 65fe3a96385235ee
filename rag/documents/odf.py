"""OpenDocument (ODT, ODS, ODP) → text: what is shown, in order, with the values of cells as they are shown.

Written against OASIS OpenDocument 1.3, part 3. Deleted text, comments and hidden parts are not read.
"""

from collections.abc import Iterator
from pathlib import Path

from rag.documents.package import Node, Package, attribute, child, inside, local
from rag.documents.parsed import Parsed
from rag.documents.unreadable import UnreadableFile
from rag.text.tables import row

UNSEEN = frozenset(
    """tracked-changes annotation annotation-end sequence-decls variable-decls user-field-decls forms settings
    note-citation named-expressions database-ranges ruby-text hidden-paragraph shapes calculation-settings
    content-validations""".split()
)
SPACES = {"s": " ", "tab": " ", "line-break": "\n"}
MOST = 200  # columns, and repetitions of a cell or a row
HIDDEN = ("collapse", "filter")
MANIFEST, CONTENT = "META-INF/manifest.xml", "content.xml"


def parse_odf(path: Path) -> Parsed:
    """Read a text, the sheets of a workbook or the slides of a presentation."""
    with Package(path, "ODF") as package:
        if MANIFEST in package and any(local(n) == "encryption-data" for n in package.xml(MANIFEST).iter()):
            raise UnreadableFile("file.encrypted")
        root = package.xml(CONTENT)
        meta = package.xml("meta.xml") if "meta.xml" in package else None
    title = next((node.text or "" for node in meta.iter() if local(node) == "title"), "") if meta is not None else ""
    hidden = _hidden_styles(root)
    body = child(root, "body")
    if body is None:
        raise UnreadableFile("file.not_readable", kind="ODF")
    text, pages = "", list[int]()
    for kind, block in _blocks(body, hidden):
        if kind == "page":
            pages.append(len(text))
        elif block.strip():
            text += f"{block}\n\n"
    return Parsed(text.rstrip(), title.strip(), tuple(pages))


def _hidden_styles(root: Node) -> frozenset[str]:
    """Name the styles of text and of sheets that are not shown."""
    return frozenset(
        attribute(style, "name")
        for style in root.iter()
        if local(style) == "style"
        and any(
            (local(p) == "text-properties" and attribute(p, "display") == "none")
            or (local(p) == "table-properties" and attribute(p, "display") == "false")
            for p in style
        )
    )


def _blocks(node: Node, hidden: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield the kind and the text of each block inside a node."""
    for inner in node:
        name = local(inner)
        if name in UNSEEN or attribute(inner, "style-name") in hidden or attribute(inner, "display") == "none":
            continue
        if name == "page":
            yield "page", ""
            yield from _blocks(inner, hidden)
        elif name in ("p", "h"):
            text = " ".join(_text(inner, hidden).split(" "))
            lines = [" ".join(line.split()) for line in text.split("\n")]
            sign = "#" * min(6, int(attribute(inner, "outline-level", "1") or 1)) + " " if name == "h" else ""
            if any(lines):
                yield name, sign + "\n".join(filter(None, lines))
            yield from (block for box in inside(inner, "text-box") for block in _blocks(box, hidden))
        elif name == "list":
            yield from (
                ("li", block if block.startswith("- ") else f"- {block}") for _, block in _blocks(inner, hidden)
            )
        elif name == "table":
            if attribute(inner, "name") and local(node) == "spreadsheet":
                yield "h", f"# {attribute(inner, 'name')}"
            yield name, "\n".join(filter(None, _rows(inner, hidden)))
        else:
            yield from _blocks(inner, hidden)


def _rows(table: Node, hidden: frozenset[str]) -> Iterator[str]:
    for line in inside(table, "table-row"):
        if attribute(line, "visibility") in HIDDEN:
            continue
        cells: list[str] = []
        for cell in line:
            if local(cell) in ("table-cell", "covered-table-cell"):
                text = " ".join(" ".join(block.split()) for _, block in _blocks(cell, hidden))
                cells += [text] * min(MOST, int(attribute(cell, "number-columns-repeated", "1")))
        while cells and not cells[-1]:
            cells.pop()
        yield from [row(cells[:MOST])] * (1 if not cells else _repeated(line))


def _repeated(line: Node) -> int:
    return min(MOST, int(attribute(line, "number-rows-repeated", "1")))


def _text(node: Node, hidden: frozenset[str]) -> str:
    """Read what is in a paragraph; a footnote stands in parentheses where it is pointed to."""
    parts = [node.text or ""]
    for inner in node:
        name = local(inner)
        if name in SPACES:
            parts.append(SPACES[name] * min(MOST, int(attribute(inner, "c", "1") or 1)))
        elif name == "note":
            parts.append(f" ({' '.join(block for _, block in _blocks(inner, hidden))})")
        elif name and name not in UNSEEN and name != "text-box" and attribute(inner, "style-name") not in hidden:
            parts.append(_text(inner, hidden))
        parts.append(inner.tail or "")
    return "".join(parts)
