"""What each part of the window says in each language, so that the language can change while a chat goes on."""

from collections.abc import Callable
from typing import Any

from gradio.blocks import Block

from rag.text.language import Language
from rag.window.texts import text

# Of events that nobody calls from afar.
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
Labels = dict[Block, Callable[[Language], Any]]


def label(kind: type[Any], value: str = "", **properties: str) -> Callable[[Language], Any]:
    """Say with which texts a part is to be shown: its value, and properties such as `label` or `placeholder`."""

    def make(language: Language) -> Any:
        named = {name: text(key, language) for name, key in properties.items()}
        return kind(**({"value": text(value, language)} if value else {}), **named)

    return make
