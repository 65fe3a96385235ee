"""What answers behind the command line and the window: one index, one model, shared by everybody who asks."""

import logging
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rag.index import open_index
from rag.index.embeddings import Embedder
from rag.index.preparation import prepare
from rag.index.protocol import Index, Progress, Stage
from rag.problems import RagError
from rag.schema import Question
from rag.settings import Settings

if TYPE_CHECKING:
    from rag.answer.answer import Answer
    from rag.answering import Answering

log = logging.getLogger(__name__)
FIRST_QUESTION = "What do the documents say?"  # asked while loading: it pays for what is loaded on first use
TOLD_EVERY = 25  # documents


def told_in_the_log(stage: Stage, source: str, number: int, total: int) -> None:
    """Tell now and then how far an index of an earlier version is brought up to date."""
    if number % TOLD_EVERY == 1:
        log.warning("the index of an earlier version is brought up to date: document %d of %d", number, total)


class Engine:
    """Hold the index and what answers from it; `ready` is set once questions can be answered or `problem` says why not.

    The command line loads it when it first asks; the window has it loaded in the background by `start`.
    """

    def __init__(self, settings: Settings, create: bool = False) -> None:
        self.settings = settings
        self.embedder = Embedder(settings)
        self.index = open_index(settings, self.embedder, create)
        self.ready = threading.Event()
        self.stopping = threading.Event()
        self.problem: RagError | None = None
        self._answering: Answering | None = None
        self._loader: threading.Thread | None = None

    def start(self) -> None:
        """Load the model and open the index in a thread of their own."""
        self._loader = threading.Thread(target=self._load, name="loading", daemon=True)
        self._loader.start()

    def _load(self) -> None:
        try:
            from rag.answering import Answering  # here, not above: the page need not wait for what it imports

            self.bring_up_to_date()
            answering = Answering.over(self.index, self.settings)
            answering.has_answer(FIRST_QUESTION)
            self._answering = answering
        except RagError as problem:
            self.problem = problem
        except Exception:
            log.exception("the model could not be loaded")
            self.problem = RagError("model.loading")
        self.ready.set()

    def bring_up_to_date(self, progress: Progress = told_in_the_log) -> None:
        """Embed anew what an earlier version of the program embedded; an interrupted run goes on the next time."""
        if self.index.is_outdated():
            with self.index.writing():
                prepare(self.index, progress)
                self.index.publish()

    def answering(self) -> "Answering":
        """Return what answers, waiting until it is loaded; raise `RagError` where it cannot be."""
        if self._loader is None and not self.ready.is_set():
            self._load()
        self.ready.wait()
        if self._answering is None:
            raise self.problem or RagError("model.loading")
        return self._answering

    def stream(self, question: Question) -> Iterator["Answer"]:
        """Answer as the answer grows; raise `RagError` where no answer can be given, or a stop began."""
        answers = self.answering().stream(question)

        def until_stop() -> Iterator["Answer"]:
            for answer in answers:
                yield answer
                if self.stopping.is_set() and not answer.final:
                    raise RagError("server.stopping")

        return until_stop()

    @property
    def is_answering(self) -> bool:
        """Tell whether questions can be answered at once."""
        return self._answering is not None

    def writer(self) -> Index:
        """Open the index for a change of its documents."""
        return open_index(self.settings, self.embedder, create=True)
