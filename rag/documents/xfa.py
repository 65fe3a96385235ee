"""XFA forms: PDFs whose pages only say "Please wait", because the form is XML for one program."""

import ctypes
from collections.abc import Iterator
from typing import Any

from lxml import etree

from rag.documents.package import Node, attribute, child, inside, local


def xfa_text(pdf: Any) -> str:
    """Read the labels and values of a form, a line each; empty where a PDF is none."""
    roots = [root for root in map(_parsed, _packets(pdf)) if root is not None]
    values = {
        local(node): " ".join((node.text or "").split())
        for root in roots
        for data in _all(root, "data")
        for node in data.iter()
        if local(node) and not len(node)
    }
    lines = [line for root in roots for template in _all(root, "template") for line in _lines(template, values)]
    return "\n\n".join(dict.fromkeys(filter(None, lines)))


def _packets(pdf: Any) -> Iterator[bytes]:
    from pypdfium2 import raw

    for number in range(max(0, raw.FPDF_GetXFAPacketCount(pdf))):
        size = ctypes.c_ulong()
        raw.FPDF_GetXFAPacketContent(pdf, number, None, 0, size)
        content = ctypes.create_string_buffer(size.value)
        if size.value and raw.FPDF_GetXFAPacketContent(pdf, number, content, size.value, size):
            yield content.raw


def _parsed(packet: bytes) -> Node | None:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True, recover=True)
    try:
        return etree.fromstring(packet.rstrip(b"\0"), parser)
    except etree.XMLSyntaxError:  # the first and the last packet may be half an element
        return None


def _all(root: Node, name: str) -> Iterator[Node]:
    if local(root) == name:
        yield root
    else:
        yield from inside(root, name)


def _lines(template: Node, values: dict[str, str]) -> Iterator[str]:
    """Yield the texts and the fields of a form in order."""
    for node in inside(template, "draw", "field"):
        if attribute(node, "presence") in ("hidden", "invisible"):
            continue
        own, is_field = _words(child(node, "value")), local(node) == "field"
        label = _words(child(node, "caption", "value")) or own * (not is_field)
        value = values.get(attribute(node, "name"), "") or own * is_field
        yield " : ".join(filter(None, (label, value)))


def _words(node: Node | None) -> str:
    return "" if node is None else " ".join(" ".join(node.itertext()).split())
