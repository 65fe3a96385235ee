"""What answers behind the window: loaded in the background, shared by everybody who has the window open."""

import logging
import threading
from typing import TYPE_CHECKING

from rag.embeddings import Embedder
from rag.language import Language
from rag.prompts import REFUSAL
from rag.schema import RagError
from rag.settings import Settings
from rag.store import PassageStore
from rag.ui.texts import EXAMPLES

if TYPE_CHECKING:
    from rag.chain import AnswerChain

log = logging.getLogger(__name__)


class Engine:
    """Hold the store and the chain; `ready` is set once questions can be answered, or `problem` says why not."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.embedder = Embedder(settings)
        self.store = PassageStore(settings, self.embedder, create=True)
        self.ready = threading.Event()
        self.problem = ""
        self._chain: AnswerChain | None = None
        self._answered: tuple[int, set[str]] = (-1, set())

    def start(self) -> None:
        """Load the model and open the index in a thread of their own."""
        threading.Thread(target=self._load, name="loading", daemon=True).start()

    def _load(self) -> None:
        try:
            from rag.chain import AnswerChain  # here, not above: the page need not wait for what it imports

            chain = AnswerChain.of(self.store, self.settings)
            chain.has_answer(REFUSAL["en"])  # the first question would pay for what is loaded on first use
            self._chain = chain
        except RagError as error:
            self.problem = str(error)
        except Exception:
            log.exception("the model could not be loaded")
            self.problem = "the model could not be loaded; the log of the program says why"
        self.ready.set()

    def chain(self) -> "AnswerChain":
        """Give the chain, waiting until it is loaded; raise `RagError` where it cannot be."""
        self.ready.wait()
        if self._chain is None:
            raise RagError(self.problem)
        return self._chain

    def writer(self) -> PassageStore:
        """Open the index for a change of its documents."""
        return PassageStore(self.settings, self.embedder, create=True)

    def examples(self, language: Language) -> list[str]:
        """Give the example questions that today's documents answer, most of them in a language; none while loading."""
        if self._chain is None:
            return []
        version = self.store.database.version
        if self._answered[0] != version:
            chain = self._chain
            every = (q for questions in EXAMPLES.values() for q in questions)
            self._answered = (version, {q for q in every if chain.has_answer(q)})
        other: Language = "en" if language == "fr" else "fr"
        return [q for q in (*EXAMPLES[language], EXAMPLES[other][0]) if q in self._answered[1]]
