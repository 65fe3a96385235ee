"""What the first screen says: what the index holds, in which languages, and what one may ask of it."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, Response

from rag.answer.wording import amounts
from rag.people.sight import visible
from rag.schema import EVERYTHING, Counts, Scope
from rag.service.engine import Engine
from rag.text.language import Language, detect_language
from rag.window.examples import Examples
from rag.window.owner import Interface
from rag.window.texts import TEXTS, text

STRETCHES = 400  # of all documents together, that tell their languages
TELLING = 500  # characters of a stretch


class Greeting:
    """Know the first screen's words; what needs every document is made anew only when the documents change."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._examples = Examples(engine)
        self._written_in: tuple[tuple[int, Scope], Counter[Language]] = ((-1, EVERYTHING), Counter())

    def of(self, interface: Language) -> dict[str, Any]:
        """Describe the first screen in a language."""
        return {
            "ready": self._engine.ready.is_set(),
            "holds": self._holds(interface),
            "examples": self._examples.of(interface),
        }

    def _holds(self, interface: Language) -> str:
        counts = self._engine.index.counts(visible())
        told = text("holds_nothing", interface) if not counts.documents else self._amounts(interface, counts)
        return told if self._may_send() else f"{told} {text('stays', interface)}"

    def _may_send(self) -> bool:
        """Tell whether a model elsewhere may be asked, or is not known not to be."""
        if not self._engine.settings.model:
            return False
        writer = self._engine.answering().writer if self._engine.is_answering else None
        return writer is None or bool(writer.model.host)

    def _amounts(self, interface: Language, counts: Counts) -> str:
        languages = [language for language, _ in self._languages().most_common()]
        both = "both" if len(languages) > 1 else f"in_{languages[0]}"
        return text("greeting", interface, **amounts(interface, counts), languages=text(both, interface))

    def _languages(self) -> Counter[Language]:
        """Count the languages of stretches: a document may hold a letter in another one than its own."""
        only = visible()
        version = self._engine.index.version, only
        if self._written_in[0] != version:
            entries = self._engine.index.documents(only)
            share = max(1, STRETCHES // max(1, len(entries)))
            stretches = (stretch for entry in entries for stretch in self._stretches(entry.source, share))
            self._written_in = (version, Counter(map(detect_language, stretches)))
        return self._written_in[1]

    def _stretches(self, source: str, count: int) -> Iterator[str]:
        document = self._engine.index.document(source)
        words = document.text if document else ""
        step = max(TELLING, len(words) // count)
        for start in range(0, len(words), step):
            if any(map(str.isalpha, stretch := words[start : start + TELLING])):
                yield stretch


def greeting_router(engine: Engine) -> APIRouter:
    """Serve `/greeting` and, for the scripts, `/words.js`: every text of the window in each language."""
    router = APIRouter()
    greeting = Greeting(engine)

    @router.get("/greeting")
    def greet(interface: Interface) -> dict[str, Any]:
        """Describe the first screen."""
        return greeting.of(interface)

    @router.get("/words.js")
    def words() -> Response:
        """Give the texts."""
        return Response(f"const TEXTS = {json.dumps(TEXTS, ensure_ascii=False)};", media_type="text/javascript")

    return router
