"""Office files are zips of XML parts (OOXML, OpenDocument, EPUB): opened under limits, without entities or network."""

import posixpath
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, TypeAlias

from lxml import etree

from rag.documents.unreadable import UnreadableFile

MAX_UNPACKED = 200_000_000  # bytes; 0.7 MB of zip can unpack to 300 million characters
MAX_PARTS = 20_000
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Microsoft's container of before 2007, and of encrypted files since
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

Node: TypeAlias = Any  # an element: lxml carries no types


class Package:
    """Hold an open zip of XML parts."""

    def __init__(self, source: Path | bytes, kind: str) -> None:
        file = source.open("rb") if isinstance(source, Path) else BytesIO(source)
        head = file.read(len(OLE))
        if head == OLE:
            with file:
                is_encrypted = ENCRYPTED in file.read()
            raise UnreadableFile("file.encrypted") if is_encrypted else UnreadableFile("file.legacy", kind=kind)
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError) as error:
            file.close()
            raise UnreadableFile("file.not_readable", kind=kind) from error
        self._kind = kind
        entries = self._zip.infolist()
        self._names = {entry.filename.lower(): entry.filename for entry in entries}
        self._file = file
        if problem := self._problem(entries):
            self._zip.close()
            file.close()
            raise problem

    @staticmethod
    def _problem(entries: list[zipfile.ZipInfo]) -> UnreadableFile | None:
        if sum(entry.file_size for entry in entries) > MAX_UNPACKED or len(entries) > MAX_PARTS:
            return UnreadableFile("file.unpacks", limit=MAX_UNPACKED // 1_000_000)
        return UnreadableFile("file.encrypted") if any(entry.flag_bits & 1 for entry in entries) else None

    def __enter__(self) -> "Package":
        """Be closed at the end of a block."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close the zip."""
        self._zip.close()
        self._file.close()

    def __contains__(self, name: str) -> bool:
        """Tell whether a part is there."""
        return name.lower() in self._names

    def bytes_of(self, name: str) -> bytes:
        """Read a part; raise `UnreadableFile` where it is not there or damaged."""
        try:
            return self._zip.read(self._names[name.lower()])
        except (KeyError, zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError, OSError) as error:
            raise UnreadableFile("file.not_readable", kind=self._kind) from error

    def xml(self, name: str) -> Node:
        """Parse a part."""
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True, recover=True)
        root = etree.fromstring(self.bytes_of(name), parser)
        if root is None:
            raise UnreadableFile("file.not_readable", kind=self._kind)
        return root

    def stream(self, name: str, *tags: str) -> Iterator[Node]:
        """Yield the elements of some names of a part one by one, each forgotten before the next; for long ones."""
        with self._zip.open(self._names[name.lower()]) as file:
            walk = etree.iterparse(
                file, tag=[f"{{*}}{tag}" for tag in tags], resolve_entities=False, no_network=True, huge_tree=True,
                recover=True,
            )  # fmt: skip
            for _, node in walk:
                yield node
                node.clear()
                while (before := node.getprevious()) is not None:
                    before.getparent().remove(before)

    def relations(self, name: str) -> dict[str, tuple[str, str]]:
        """Read what a part of an OOXML file points to inside the file: id → the kind of relation and the part."""
        folder, base = posixpath.split(name)
        listed = posixpath.join(folder, "_rels", f"{base}.rels")
        if listed not in self:
            return {}
        return {
            attribute(node, "Id"): (
                attribute(node, "Type").rsplit("/", 1)[-1],
                posixpath.normpath(posixpath.join("/", folder, attribute(node, "Target"))).lstrip("/"),
            )
            for node in self.xml(listed)
            if local(node) == "Relationship" and attribute(node, "TargetMode") != "External"
        }

    def main_part(self) -> str:
        """Find the part that an OOXML file begins with."""
        for kind, target in self.relations("").values():
            if kind == "officeDocument" and target in self:
                return target
        raise UnreadableFile("file.not_readable", kind=self._kind)

    def title(self) -> str:
        """Read the title that an OOXML file gives itself."""
        for kind, target in self.relations("").values():
            if kind == "core-properties" and target in self:
                return next((node.text or "" for node in self.xml(target) if local(node) == "title"), "").strip()
        return ""


# The transitional and the strict form of OOXML differ in namespaces only, so names are compared without them.


def local(node: Node) -> str:
    """Return the name of an element without its namespace; empty for a comment."""
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def attribute(node: Node | None, name: str, default: str = "") -> str:
    """Read an attribute by its name without namespace."""
    if node is None:
        return default
    return next((str(v) for k, v in node.attrib.items() if str(k).rpartition("}")[2] == name), default)


def child(node: Node | None, *path: str) -> Node | None:
    """Find the first child of a name, and so on down."""
    for name in path:
        if node is None:
            return None
        node = next((inner for inner in node if local(inner) == name), None)
    return node


def inside(node: Node, *names: str) -> Iterator[Node]:
    """Yield the elements of some names at any depth, outermost first, and none inside another of them."""
    for inner in node:
        if local(inner) in names:
            yield inner
        else:
            yield from inside(inner, *names)


def is_on(node: Node | None) -> bool:
    """Read a property that is a switch: there, and not switched off."""
    return node is not None and attribute(node, "val", "true") not in ("0", "false", "off")
