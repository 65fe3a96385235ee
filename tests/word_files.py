"""Word files with whatever markup a test wants in them."""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

from docx import Document as Docx
from docx.oxml import parse_xml

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
SPACES = (
    f'xmlns:w="{W}" xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
)


def run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(content: str) -> str:
    return f"<w:p>{content}</w:p>"


def cell(content: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{content}</w:tc>"


def table(*rows: str) -> str:
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>"


def write(path: Path, *blocks: str, parts: dict[str, str] | None = None) -> Path:
    """Write a file of Word's own making with these blocks, and notes or other parts."""
    document = Docx()
    body = document.element.body
    for block in blocks:
        body.insert(len(body) - 1, parse_xml(re.sub(r">|/>", lambda m: f" {SPACES}{m[0]}", block, count=1)))
    document.save(str(path))
    return with_parts(path, parts) if parts else path


def with_parts(path: Path, parts: dict[str, str]) -> Path:
    """Add parts, by their kind, that the document points to."""

    def add(held: dict[str, bytes]) -> None:
        relations = held["word/_rels/document.xml.rels"].decode()
        for number, (kind, content) in enumerate(parts.items()):
            held[f"word/{kind}1.xml"] = content.encode()
            where = f'Target="{kind}1.xml" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
            relation = f'<Relationship Id="own{number}" {where}{kind}"/></Relationships>'
            relations = relations.replace("</Relationships>", relation)
        held["word/_rels/document.xml.rels"] = relations.encode()

    return rewrite(path, add)


def rewrite(path: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """Change the parts of a file, by name."""
    with zipfile.ZipFile(path) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    change(held)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in held.items():
            archive.writestr(name, data)
    return path


def notes(kind: str, text: str) -> str:
    return f'<w:{kind}s {SPACES}><w:{kind} w:id="2">{paragraph(run(text))}</w:{kind}></w:{kind}s>'
