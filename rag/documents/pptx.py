"""PPTX → text: the slides in order, each with its tables and its notes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rag.documents.package import Package
from rag.documents.parsed import Parsed
from rag.documents.unreadable import UnreadableFile
from rag.text.tables import table


def parse_pptx(path: Path) -> Parsed:
    """Read a presentation; a slide's title is a heading, and a hidden slide is not read."""
    with Package(path, "PPTX") as package:  # its limits
        title = package.title()
    from pptx import Presentation

    try:
        slides = list(Presentation(str(path)).slides)
    except Exception as error:  # whatever python-pptx raises on a damaged file
        raise UnreadableFile("file.not_readable", kind="PPTX") from error
    shown = (slide for slide in slides if slide.element.get("show") != "0")
    text, pages = "", list[int]()
    for slide in shown:
        pages.append(len(text))
        text += "\n\n".join(_slide(slide)) + "\n\n"
    return Parsed(text.rstrip(), "" if title == "PowerPoint Presentation" else title, tuple(pages))


def _slide(slide: Any) -> Iterator[str]:
    heading = slide.shapes.title
    if heading is not None and heading.text_frame.text.strip():
        yield f"# {' '.join(heading.text_frame.text.split())}"
    for shape in _shapes(slide.shapes):
        if heading is not None and shape.shape_id == heading.shape_id:
            continue
        if shape.has_text_frame:
            yield from (p.text.strip() for p in shape.text_frame.paragraphs if p.text.strip())
        elif getattr(shape, "has_table", False):
            # What a merged cell spans is empty, and stays.
            yield table([cell.text for cell in line.cells] for line in shape.table.rows)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        yield from filter(None, [slide.notes_slide.notes_text_frame.text.strip()])


def _shapes(shapes: Any) -> Iterator[Any]:
    """Yield shapes from the top down, and those of groups in their place."""
    for shape in sorted(shapes, key=lambda s: (s.top or 0, s.left or 0)):
        if hasattr(shape, "shapes"):
            yield from _shapes(shape.shapes)
        else:
            yield shape
