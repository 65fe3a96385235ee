"""Footnotes of a Word file, which python-docx does not make: their part of the package and the marks in the text.

Written as ECMA-376, part 1, 17.11 says: two separators, then each note with its own mark.
"""

from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import nsdecls, qn
from docx.oxml.parser import parse_xml
from docx.shared import Pt
from docx.text.paragraph import Paragraph
from lxml import etree

TEXT, MARK = "Footnote Text", "Footnote Reference"
SEPARATORS = f"""<w:footnotes {nsdecls("w")}>
<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>
<w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:r><w:continuationSeparator/></w:r></w:p></w:footnote>
</w:footnotes>"""


class Footnotes:
    """Collect the footnotes of one document; `save` puts them into its package."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._root = parse_xml(SEPARATORS)
        text = document.styles.add_style(TEXT, WD_STYLE_TYPE.PARAGRAPH)
        text.base_style = document.styles["Normal"]
        text.font.size = Pt(9)
        mark = document.styles.add_style(MARK, WD_STYLE_TYPE.CHARACTER)
        mark.font.superscript = True
        self._ids = {TEXT: text.style_id, MARK: mark.style_id}

    def add(self, paragraph: Paragraph, number: int, words: str) -> None:
        """Put a mark at the end of a paragraph, and its note at the foot of the page."""
        mark = paragraph.add_run(style=MARK)
        reference = OxmlElement("w:footnoteReference")
        reference.set(qn("w:id"), str(number))
        mark._r.append(reference)
        note = OxmlElement("w:footnote")
        note.set(qn("w:id"), str(number))
        own = self._run(self._paragraph(note), MARK)
        own.append(OxmlElement("w:footnoteRef"))
        text = OxmlElement("w:t")
        text.set(qn("xml:space"), "preserve")
        text.text = f" {words}"
        self._run(note[0]).append(text)
        self._root.append(note)

    def save(self) -> None:
        """Put all notes into the package."""
        uri = PackURI("/word/footnotes.xml")
        content = etree.tostring(self._root, xml_declaration=True, encoding="UTF-8", standalone=True)
        part = Part(uri, CONTENT_TYPE.WML_FOOTNOTES, content, self._document.part.package)
        self._document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)

    def _paragraph(self, note: etree._Element) -> etree._Element:
        paragraph = OxmlElement("w:p")
        properties, style = OxmlElement("w:pPr"), OxmlElement("w:pStyle")
        style.set(qn("w:val"), self._ids[TEXT])
        properties.append(style)
        paragraph.append(properties)
        note.append(paragraph)
        return paragraph

    def _run(self, paragraph: etree._Element, style: str = "") -> etree._Element:
        run = OxmlElement("w:r")
        if style:
            properties, named = OxmlElement("w:rPr"), OxmlElement("w:rStyle")
            named.set(qn("w:val"), self._ids[style])
            properties.append(named)
            run.append(properties)
        paragraph.append(run)
        return run
