"""What LangChain's programs use: the documents as a retriever, a vector store and a runnable.

Each opens the index that the settings name, those of the environment where none are given.
"""

from langchain_core.runnables import Runnable, RunnableLambda

from rag.answer.answer import Answer
from rag.answering import SHOWN
from rag.index.langchain import PassageRetriever, PassageStore
from rag.schema import Question
from rag.service.engine import Engine
from rag.settings import Settings

__all__ = ["PassageRetriever", "PassageStore", "answering", "retriever", "vector_store"]


def retriever(settings: Settings | None = None, k: int = SHOWN) -> PassageRetriever:
    """Return what finds the k best passages for a question, as the program itself finds them."""
    found = Engine(settings or Settings.from_env()).answering()
    return PassageRetriever(rank=lambda query: found.rank(query).found, k=k)


def vector_store(settings: Settings | None = None) -> PassageStore:
    """Return the passages as a vector store, to which texts can be added."""
    return PassageStore(Engine(settings or Settings.from_env(), create=True).index)


def answering(settings: Settings | None = None) -> Runnable[str, Answer]:
    """Return what answers a question with exact quotations, or refuses it."""
    answers: Runnable[Question, Answer] = Engine(settings or Settings.from_env()).answering()
    return RunnableLambda(Question) | answers
