"""Indexing and asking, timed side by side with LangChain's stock recipe: `python -m benchmarks.indexing`.

Both use the same model. The stock recipe is what LangChain's tutorials show: `RecursiveCharacterTextSplitter` with
1,000 characters and 200 of overlap, sentence-transformers in fp32, a flat FAISS index in memory.
"""

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import faiss
import torch
from langchain_core.messages import HumanMessage
from langchain_text_splitters import RecursiveCharacterTextSplitter
from sentence_transformers import SentenceTransformer

from benchmarks.results import write
from evals.questions import load_questions
from rag.answering import Answering
from rag.documents.files import find_files
from rag.documents.loader import load_document
from rag.documents.unreadable import UnreadableFile
from rag.index import open_index
from rag.index.embeddings import locate
from rag.indexing import index_paths
from rag.llm.model import LanguageModel
from rag.schema import Question
from rag.settings import Settings
from tests.model_server import Reply, saying, serving

SEEDS = Path(__file__).resolve().parent.parent / "seeds"
COPIES = 4  # of the seeds, so that the model works for longer than anything else
ROUNDS = 3


def main() -> None:
    """Measure characters indexed a second and the time of an answer, in milliseconds."""
    settings = Settings.from_env()
    threads = os.cpu_count() or 1
    with TemporaryDirectory(prefix="rag-benchmark-") as scratch:
        corpus = make_corpus(Path(scratch) / "corpus")
        denied: list[UnreadableFile] = []
        texts = [load_document(file.path, file.source).text for file in find_files(corpus, denied.append)]
        characters = sum(map(len, texts))
        stock = SentenceTransformer(locate(settings.embedding_model), device="cpu").to(torch.float32)
        embedder = open_index(replace(settings, index=Path(scratch) / "warm"), create=True).embedder
        stock.encode(["warm", "up"])
        embedder.encode_passages(["warm", "up"])

        def our_run(number: int) -> None:
            index = Path(scratch) / f"index-{number}"
            index_paths(open_index(replace(settings, index=index), embedder, create=True), [corpus])

        def stock_run() -> None:
            torch.set_num_threads(threads)
            stock_recipe(stock, texts)

        pairs = [(seconds(partial(our_run, number)), seconds(stock_run)) for number in range(ROUNDS)]
        ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
        answering = Answering.over(open_index(replace(settings, index=Path(scratch) / "index-0"), embedder))
        times = [answering.invoke(q.question).trace.seconds["total"] for q in load_questions()][1:]
        checking = overhead(replace(settings, index=Path(scratch) / "index-0"))

    cuts = statistics.quantiles(times, n=20)
    measured = {
        "model": settings.embedding_model,
        "characters": characters,
        "ours": characters / ours,
        "stock": characters / theirs,
        "ratio": theirs / ours,
        "answer ms": [1000 * statistics.median(times), 1000 * cuts[18]],
        "checking ms": 1000 * checking,
    }
    print(write("indexing", measured).read_text())


def overhead(settings: Settings) -> float:
    """Measure the median seconds that all but the model takes of an answer; the model here answers at once."""
    said = (
        "Kaufman recommande Lexis+ AI ou Legora aux professions juridiques [{0}]. Cursor est cité pour les "
        "développeurs [{0}]. Intercom, Fin ou SentiSum servent au support client [{0}]."
    )

    def script(reply: Reply) -> None:
        blocks = reply.prompt.split("<passage id=")[1:]
        number = next((n for n, block in enumerate(blocks, 1) if "Legora" in block), 1)
        saying(said.format(number))(reply)

    question = Question("Quels outils Kaufman recommande-t-il aux juristes ?")
    with serving(script) as server:
        settings = replace(settings, model="openai:instant", model_base_url=server.url)
        answering = Answering.over(open_index(settings), settings)
        answering.invoke(question)
        whole = [seconds(lambda: answering.invoke(question)) for _ in range(20)]
        chat = LanguageModel(settings)
        model = [seconds(lambda: list(chat.stream([HumanMessage(question.text)]))) for _ in range(20)]
    return statistics.median(whole) - statistics.median(model)


def make_corpus(folder: Path) -> Path:
    """Write copies of the seeds that differ by a number, so that none is known already."""
    folder.mkdir()
    for path in SEEDS.glob("*.txt"):
        for number in range(COPIES):
            text = f"{path.read_text(encoding='utf-8')}\n\n{number}"
            (folder / f"{number}-{path.name}").write_text(text, encoding="utf-8")
    return folder


def stock_recipe(model: SentenceTransformer, texts: list[str]) -> None:
    """Split, embed and index as the tutorials do."""
    chunks = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200).create_documents(texts)
    vectors = model.encode([c.page_content for c in chunks], normalize_embeddings=True, show_progress_bar=False)
    faiss.IndexFlatIP(vectors.shape[1]).add(vectors)


def seconds(work: Callable[[], object]) -> float:
    """Time one run."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
