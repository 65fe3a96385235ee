"""What the window says of itself: how much it holds, in which languages, and which formats it reads."""

from pathlib import Path

from rag.service.engine import Engine
from rag.settings import Settings
from rag.window.formats import hint
from rag.window.greeting import Greeting


def test_it_says_what_the_index_holds_and_that_nothing_leaves(seeds_index: Path) -> None:
    greeting = Greeting(Engine(Settings(index=seeds_index)))
    assert greeting.of("en")["holds"] == (
        "5\u00a0documents, 106\u00a0passages, in French and English. Nothing leaves this machine."
    )
    assert greeting.of("fr")["holds"].endswith("en français et en anglais. Rien ne quitte cette machine.")


def test_it_promises_nothing_where_a_model_elsewhere_may_be_asked(seeds_index: Path) -> None:
    greeting = Greeting(Engine(Settings(index=seeds_index, model="mistralai:mistral-small")))
    assert "leaves" not in greeting.of("en")["holds"]


def test_without_documents_it_says_how_to_add_them(tmp_path: Path) -> None:
    greeting = Greeting(Engine(Settings(index=tmp_path), create=True))
    assert "ajoutez-en dans l’onglet Documents" in greeting.of("fr")["holds"]


def test_every_format_that_is_read_is_named() -> None:
    assert hint("fr").startswith("Texte, Markdown, HTML, PDF, Word, Excel, CSV, PowerPoint, OpenDocument, RTF")
    assert "mails, ZIP archives, pictures. A file of the same name" in hint("en")
