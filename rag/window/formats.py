"""The formats that are read, as people call them."""

from rag.documents.formats import FORMATS
from rag.text.language import Language
from rag.window.texts import text

NAMES: dict[str, dict[Language, str]] = {
    "text": {"fr": "texte", "en": "text"},
    "markdown": {"fr": "Markdown", "en": "Markdown"},
    "html": {"fr": "HTML", "en": "HTML"},
    "pdf": {"fr": "PDF", "en": "PDF"},
    "docx": {"fr": "Word", "en": "Word"},
    "xlsx": {"fr": "Excel", "en": "Excel"},
    "csv": {"fr": "CSV", "en": "CSV"},
    "pptx": {"fr": "PowerPoint", "en": "PowerPoint"},
    "odf": {"fr": "OpenDocument", "en": "OpenDocument"},
    "rtf": {"fr": "RTF", "en": "RTF"},
    "epub": {"fr": "EPUB", "en": "EPUB"},
    "eml": {"fr": "courriels", "en": "mails"},
    "zip": {"fr": "archives ZIP", "en": "ZIP archives"},
    "image": {"fr": "images", "en": "pictures"},
}
SAME = {"xls": "xlsx", "msg": "eml"}  # to people


def hint(language: Language) -> str:
    """Say which files can be added, and what happens to one of the same name."""
    kinds = dict.fromkeys(SAME.get(each.name, each.name) for each in FORMATS)
    names = ", ".join(NAMES[kind][language] for kind in kinds)
    return text("add_hint", language, formats=names[:1].upper() + names[1:])
