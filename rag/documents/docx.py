"""DOCX → text: all that a reader of the file sees, in order, once.

The XML is walked here because no library that was tried is faithful on files of our own: python-docx 1.2 loses
insertions, content controls, text boxes and notes, docx2txt and docx2python notes and the numbers of lists, mammoth
(and with it markitdown) some content controls and headers, and all of them read hidden text.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from rag.documents.blocks import Block, joined, one_line
from rag.documents.decoding import decode
from rag.documents.docx_signs import sign
from rag.documents.docx_styles import Numbering, Styles
from rag.documents.grid import Grid
from rag.documents.html import blocks_of_web
from rag.documents.package import Node, Package, attribute, child, inside, is_on, local
from rag.documents.parsed import Parsed
from rag.documents.table_reading import read_table
from rag.documents.unreadable import UnreadableFile
from rag.text import packs
from rag.text.sentences import CLOSING, sentences

GONE = frozenset("del moveFrom rPr pPr tblPr tcPr trPr sdtPr sdtEndPr instrText delText fldData rt proofErr".split())
NOTES = {"footnoteReference": "footnotes", "endnoteReference": "endnotes"}
OF_A_PAGE = frozenset(("PAGE", "NUMPAGES", "SECTIONPAGES"))
PAGE_WORDS = packs.joined("page") | packs.joined("out_of")


def parse_docx(path: Path) -> Parsed:
    """Read a DOCX: headers, then the text with its notes where they are pointed to, then footers.

    Headings are marked by `#`, list items by their number or `-`, and a table is a line a row.
    """
    with Package(path, "DOCX") as package:
        text, tables = joined(_Word(package, package.main_part()).read())
        return Parsed(text, package.title(), tables=tables)


class _Word:
    """Read one document; fields and lists go on from one paragraph to the next."""

    def __init__(self, package: Package, main: str) -> None:
        self.package = package
        self.relations = package.relations(main)
        self.root = package.xml(main)
        if local(self.root) != "document":
            raise UnreadableFile("file.not_readable", kind="DOCX")
        self.styles = Styles(self._part("styles"))
        self.numbering = Numbering(self._part("numbering"))
        self.notes = {(kind, attribute(note, "id")): note for kind in NOTES.values() for note in self._list_of(kind)}
        self.fields: list[tuple[str, bool]] = []  # the instruction of each open field, and whether its result has begun
        self.waiting = ""  # a paragraph whose end was deleted: it goes on in the next one

    def read(self) -> Iterator[Block]:
        """Yield the blocks of the document."""
        yield from self._around("header")
        yield from self.blocks(child(self.root, "body"))
        yield from self._around("footer")

    def _part(self, kind: str) -> Node | None:
        part = next((target for what, target in self.relations.values() if what == kind), "")
        return self.package.xml(part) if part in self.package else None

    def _list_of(self, kind: str) -> list[Node]:
        part = self._part(kind)
        return [] if part is None else list(part)

    def _around(self, kind: str) -> Iterable[Block]:
        """Read the headers or the footers, each text once; the number of a page is none of it."""
        parts = dict.fromkeys(target for what, target in self.relations.values() if what == kind)
        blocks = (block for part in parts if part in self.package for block in self.blocks(self.package.xml(part)))
        return dict.fromkeys(block for block in blocks if _says_more(block))

    def blocks(self, container: Node | None) -> Iterator[Block]:
        """Yield the paragraphs and tables of a container, whatever they are wrapped in."""
        for node in () if container is None else container:
            name = local(node)
            if name == "p":
                yield from self.paragraph(node)
            elif name == "tbl":
                yield from self.table(node)
            elif name == "AlternateContent":
                yield from self.blocks(_chosen(node))
            elif name == "altChunk":  # a file of another format that the text takes in
                yield from self._chunk(self.relations.get(attribute(node, "id"), ("", ""))[1])
            elif name not in GONE:
                yield from self.blocks(node)

    def _chunk(self, part: str) -> Iterator[Block]:
        if part not in self.package:
            return
        data, name = self.package.bytes_of(part), part.lower()
        if data[:2] == b"PK":
            with Package(data, "DOCX") as package:
                yield from _Word(package, package.main_part()).read()
        elif name.endswith((".txt", ".text")):
            yield from filter(None, (line.strip() for line in decode(data).split("\n")))
        else:
            yield from blocks_of_web(data, name)

    def paragraph(self, node: Node) -> Iterator[Block]:
        """Yield a paragraph, then the text boxes that hang on it."""
        pieces: list[str] = []
        notes: list[tuple[int, str]] = []
        boxes: list[Node] = []
        for piece in self.inline(node, node, boxes):
            if isinstance(piece, str):
                pieces.append(piece)
            else:
                notes.append((sum(map(len, pieces)), self.flat(piece)))
        text = self.waiting + _with_notes("".join(pieces), notes)
        self.waiting = ""
        if child(node, "pPr", "rPr", "del") is not None:
            self.waiting = text
        elif text.strip():
            level = self.styles.level(node)
            name, depth = self.styles.numbering(node)
            mark = self.numbering.mark(name, depth) if name else ""
            yield f"{'#' * level} {mark}{text.strip()}" if level else f"{mark}{text.strip()}"
        for box in boxes:
            yield from self.blocks(box)

    def inline(self, node: Node, paragraph: Node, boxes: list[Node]) -> Iterator[str | Node]:
        """Yield the text of a paragraph piece by piece, and its notes as they are."""
        for inner in node:
            name = local(inner)
            if name in GONE or (name == "r" and self.styles.is_hidden(inner, paragraph)):
                self._follow(inner)
            elif name == "fldChar":
                yield from self._field(inner)
            elif name == "fldSimple" and _of_a_page(attribute(inner, "instr")):
                continue
            elif name == "AlternateContent":
                yield from self.inline(_chosen(inner), paragraph, boxes)
            elif name == "txbxContent":
                boxes.append(inner)
            elif name == "relIds":  # a diagram, whose text stands in a part of its own
                part = self.relations.get(attribute(inner, "dm"), ("", ""))[1]
                if part in self.package:
                    boxes.append(self.package.xml(part))
            elif not all(shown and not _of_a_page(told) for told, shown in self.fields):
                self._follow(inner)
            elif name in NOTES:
                note = self.notes.get((NOTES[name], attribute(inner, "id")))
                if note is not None:
                    yield note
            elif name == "t":
                yield inner.text or ""
            elif name in ("tab", "br", "cr", "ptab"):
                yield "\n" if name in ("br", "cr") else " "
            elif name == "noBreakHyphen":
                yield "\u2011"
            elif name == "sym":
                yield sign(attribute(inner, "font"), attribute(inner, "char"))
            else:
                yield from self.inline(inner, paragraph, boxes)

    def _follow(self, node: Node) -> None:
        """Follow the fields through what is not shown."""
        for inner in node.iter():
            if local(inner) == "instrText" and self.fields:
                told, shown = self.fields[-1]
                self.fields[-1] = (told + (inner.text or ""), shown)
            elif local(inner) == "fldChar":
                list(self._field(inner))

    def _field(self, node: Node) -> Iterator[str]:
        """Open a field, begin its result, or close it; the state of a form's box is its text."""
        step = attribute(node, "fldCharType")
        if step == "begin":
            self.fields.append(("", False))
            box = child(node, "ffData", "checkBox")
            if box is not None:
                checked = child(box, "checked")
                yield "☒" if is_on(checked if checked is not None else child(box, "default")) else "☐"
            chosen = child(node, "ffData", "ddList")
            if chosen is not None:
                entries = [attribute(entry, "val") for entry in chosen if local(entry) == "listEntry"]
                yield next(iter(entries[int(attribute(child(chosen, "result"), "val", "0")) :]), "")
        elif step == "separate" and self.fields:
            self.fields[-1] = (self.fields[-1][0], True)
        elif step == "end" and self.fields:
            self.fields.pop()

    def table(self, node: Node) -> Iterator[Block]:
        """Yield a table; one of a single column is but a frame around what it holds."""
        rows = [(found, list(inside(found, "tc"))) for found in inside(node, "tr") if not _is_deleted(found)]
        if all(len(cells) == 1 for _, cells in rows):
            for _, cells in rows:
                yield from self.blocks(cells[0])
            return
        grid, open_cells = Grid(), dict[int, tuple[int, int, str, bool]]()  # by column: what goes on below

        def close(column: int, row: int) -> None:
            if column in open_cells:
                first, wide, text, is_name = open_cells.pop(column)
                grid.put(first, column, text, row - first, wide, is_name)

        for number, (line, cells) in enumerate(rows):
            is_name = child(line, "trPr", "tblHeader") is not None
            column = int(attribute(child(line, "trPr", "gridBefore"), "val", "0"))
            for cell in cells:
                properties = child(cell, "tcPr")
                wide = int(attribute(child(properties, "gridSpan"), "val", "1"))
                merged = child(properties, "vMerge")
                if merged is None or attribute(merged, "val", "continue") == "restart":
                    close(column, number)
                    open_cells[column] = number, wide, self.flat(cell), is_name
                column += wide
                if merged is None:
                    close(column - wide, number + 1)
        for column in list(open_cells):
            close(column, len(rows))
        yield from read_table(grid.rows())

    def flat(self, container: Node) -> str:
        """Read a cell or a note as one line; the rows of a table in it are told apart by semicolons."""
        return " ".join(" ".join(one_line(block) for block in self.blocks(container)).split())


def _says_more(block: Block) -> bool:
    """Tell a header from the mere number of a page."""
    return bool(set(one_line(block).lower().replace("/", " ").split()) - PAGE_WORDS - {"-", "–"})


def _with_notes(text: str, notes: list[tuple[int, str]]) -> str:
    """Put each note into brackets at the end of the sentence that points to it."""
    spans = sentences(text)
    for at, note in sorted(notes, key=lambda found: -found[0]):
        end = next((b for a, b in spans if a < at <= b), at)
        while end and text[end - 1] in ".!?…" + CLOSING and end > at - 2:
            end -= 1
        text = f"{text[:end]} ({note.rstrip('. ')}){text[end:]}" if note else text
    return text


def _chosen(node: Node) -> Node:
    """Choose one of several forms of one content."""
    return next((inner for name in ("Choice", "Fallback") for inner in node if local(inner) == name), node)


def _of_a_page(instruction: str) -> bool:
    return bool(OF_A_PAGE & set(instruction.split()[:1]))


def _is_deleted(found: Node) -> bool:
    properties = child(found, "trPr")
    return child(properties, "del") is not None or is_on(child(properties, "hidden"))
