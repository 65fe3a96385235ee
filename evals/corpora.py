"""The corpora that come with the evaluation, and answering over an index made for one run."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from rag.answering import Answering
from rag.index import open_index
from rag.index.protocol import Index
from rag.indexing import index_paths
from rag.settings import Settings

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Corpus:
    """Hold a folder of documents, and the file of questions over them."""

    folder: Path
    questions: Path


SEEDS = Corpus(HERE.parent / "seeds", HERE / "questions.jsonl")
TEXTS = Corpus(HERE / "texts", HERE / "texts.jsonl")
TWINS = Corpus(HERE / "twins", HERE / "twins.jsonl")


@contextmanager
def answering_over(
    folder: Path | None,
    settings: Settings,
) -> Iterator[tuple[Index, Answering]]:
    """Answer from a folder that is indexed for this run.

    Without a folder it is the index of the settings.
    """
    if folder is None:
        index = open_index(settings)
        yield index, Answering.over(index, settings)
        return
    with TemporaryDirectory(prefix="rag-evals-") as scratch:
        index = open_index(replace(settings, index=Path(scratch)), create=True)
        index_paths(index, [folder])
        yield index, Answering.over(index, settings)
