"""PPTX → text: the slides in order, each with its tables, its charts, its diagrams and its notes."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from rag.documents.blocks import Block, Table, joined
from rag.documents.grid import Grid
from rag.documents.number_formats import shown
from rag.documents.package import Package, attribute, inside, local
from rag.documents.parsed import Parsed
from rag.documents.slide_order import in_reading_order
from rag.documents.table_reading import read_table
from rag.documents.unreadable import UnreadableFile
from rag.text.structure import Part

DEFAULT_TITLE = "PowerPoint Presentation"
DRAWN = frozenset(("pres", "parTrans", "sibTrans"))  # points of a diagram that only say how it is drawn
CARD = 400  # characters of a card, which is said in one line


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
    text, pages, tables = "", list[int](), list[Part]()
    for slide in shown:
        pages.append(len(text))
        content, own = joined(_slide(slide), len(text))
        text += content + "\n\n"
        tables += own
    return Parsed(text.rstrip(), "" if title == DEFAULT_TITLE else title, tuple(pages), tables=tuple(tables))


def _slide(slide: Any) -> Iterator[Block]:
    heading = slide.shapes.title
    if heading is not None and heading.text_frame.text.strip():
        yield f"# {' '.join(heading.text_frame.text.split())}"
    shapes = [s for s in slide.shapes if heading is None or s.shape_id != heading.shape_id]
    yield from _blocks(shapes, slide)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        yield from filter(None, [slide.notes_slide.notes_text_frame.text.strip()])


def _blocks(shapes: Iterable[Any], slide: Any) -> Iterator[Block]:
    """Read shapes in order; what stands on one card is said together."""
    for card in in_reading_order(list(shapes)):
        blocks = [block for shape in card for block in _shape(shape, slide)]
        texts = [block for block in blocks if isinstance(block, str)]
        if len(card) > 1 and len(texts) == len(blocks) > 1 and sum(map(len, texts)) <= CARD:
            yield f"{texts[0].rstrip(' :')} : {' ; '.join(texts[1:])}"
        else:
            yield from blocks


def _shape(shape: Any, slide: Any) -> Iterator[Block]:
    if hasattr(shape, "shapes"):
        yield from _blocks(shape.shapes, slide)
    elif shape.has_text_frame:
        yield from (" ".join(p.text.split()) for p in shape.text_frame.paragraphs if p.text.strip())
    elif getattr(shape, "has_table", False):
        yield from read_table(_grid(shape.table).rows())
    elif getattr(shape, "has_chart", False):
        yield from _chart(shape.chart)
    else:
        yield from _diagram(shape, slide)


def _grid(table: Any) -> Grid:
    grid = Grid()
    for number, line in enumerate(table.rows):
        for column, cell in enumerate(line.cells):
            if not cell.is_spanned:
                grid.put(number, column, cell.text, cell.span_height, cell.span_width)
    return grid


def _chart(chart: Any) -> Iterator[Block]:
    """Say a chart as its title and the table that it draws."""
    if chart.has_title and chart.chart_title.has_text_frame:
        yield from filter(None, [" ".join(chart.chart_title.text_frame.text.split())])
    for plot in chart.plots:
        labels = [" › ".join(map(str, levels)) for levels in plot.categories.flattened_labels] or [
            str(category) for category in plot.categories
        ]
        series = [(" ".join(s.name.split()), list(s.values), _format(s)) for s in plot.series]
        rows = [
            (label, *(_value(values[n], form) if n < len(values) else "" for _, values, form in series))
            for n, label in enumerate(labels)
        ]
        yield Table(("Catégorie", *(name or "Valeur" for name, _, _ in series)), tuple(rows))


def _format(series: Any) -> str:
    return next((node.text or "" for node in inside(series._element, "formatCode")), "")


def _value(value: float | None, form: str) -> str:
    return "" if value is None else shown(float(value), form, "fr")


def _diagram(shape: Any, slide: Any) -> Iterator[str]:
    """Read the points of a diagram (SmartArt), whose text stands in a part of its own."""
    for node in inside(shape._element, "relIds"):
        relation = slide.part.rels.get(attribute(node, "dm"))
        if relation is None or relation.is_external:
            continue
        parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
        root = etree.fromstring(relation.target_part.blob, parser)
        for point in inside(root, "pt") if root is not None else ():
            if attribute(point, "type", "node") not in DRAWN:
                yield from filter(None, (_paragraph(p) for p in inside(point, "p")))


def _paragraph(node: Any) -> str:
    return " ".join("".join(n.text or "" for n in node.iter() if local(n) == "t").split())
