"""What each command of the command line does; each returns its exit code."""

import argparse
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from langchain_core.messages import HumanMessage
from rich.console import Console
from rich.table import Table

from rag.answer import wording
from rag.answer.answer import Answer, passage_dict
from rag.answer.receipt import verify_receipt, write_receipt
from rag.answering import Answering, problem_with
from rag.cli import printing
from rag.cli.answers import print_answers
from rag.cli.backups import backup, restore
from rag.cli.batch import read_batch
from rag.cli.rights import label, restrict
from rag.cli.terminal import clean, printable, say
from rag.index import open_index
from rag.index.preparation import renew
from rag.indexing import index_paths
from rag.llm.faults import ModelProblem
from rag.llm.model import LanguageModel
from rag.problems import RagError
from rag.schema import Query, Question
from rag.service.engine import Engine
from rag.settings import Settings
from rag.text.language import detect_language

DONE, FAILED, BAD_ARGUMENTS = 0, 1, 2
DEFAULT_PATHS = [Path("seeds")]

stdout = Console(highlight=False, markup=False, emoji=False)
stderr = Console(stderr=True, highlight=False, markup=False, emoji=False)


def index(options: argparse.Namespace, settings: Settings) -> int:
    """Add or update documents with a progress bar, then print what became of each."""
    store = open_index(settings, create=True)
    if options.if_empty and store.counts().documents:
        return DONE
    with printing.progress(stderr) as progress:
        if options.rebuild:
            with store.writing():
                renew(store, progress)
                store.publish()
        paths = options.paths or ([] if options.rebuild else DEFAULT_PATHS)
        outcomes = index_paths(store, paths, progress, options.keep_missing)
    printing.print_outcomes(stdout, outcomes, store.counts())
    return FAILED if outcomes and all(o.what == "skipped" for o in outcomes) else DONE


def documents(options: argparse.Namespace, settings: Settings) -> int:
    """List the documents."""
    printing.print_documents(stdout, open_index(settings).documents())
    return DONE


def remove(options: argparse.Namespace, settings: Settings) -> int:
    """Remove one document."""
    store = open_index(settings)
    with store.writing():
        was_there = store.remove(clean(options.source))
        store.publish()
    if not was_there:
        raise RagError("document.unknown", source=options.source)
    stdout.print(printable(f"removed {options.source}"), soft_wrap=True)
    return DONE


def check(options: argparse.Namespace, settings: Settings) -> int:
    """Verify the index and repair its projections."""
    store = open_index(settings)
    problem = store.check()
    if problem is None:
        stdout.print("the index is whole")
    elif options.dry_run:
        stdout.print(f"the search index would be rebuilt from the stored vectors: {problem}")
    else:
        with store.writing():
            store.publish()
        stdout.print(f"the search index was rebuilt from the stored vectors: {problem}")
    return DONE


def ask(options: argparse.Namespace, settings: Settings) -> int:
    """Answer one question, or a file of them."""
    if (options.question is None) == (options.batch is None):
        say("ask one question, or give a file of questions with --batch")
        return BAD_ARGUMENTS
    if options.batch is not None:
        return _ask_batch(options.batch, settings)
    question = Question(clean(options.question))
    if problem := problem_with(question, detect_language(question.text[:1000])):
        say(problem)
        return BAD_ARGUMENTS
    engine = _engine(settings)
    states: list[Answer] = []
    if options.json:
        states.append(engine.answering().invoke(question))
        print(json.dumps(states[-1].to_dict(), ensure_ascii=False))
    else:
        print_answers(_described(engine.stream(question), states))
    if options.receipt:
        write_receipt(options.receipt, states[-1], engine.index)
    return DONE


def _described(answers: Iterator[Answer], states: list[Answer]) -> Iterator[dict[str, Any]]:
    """Describe each state of an answer for printing, and keep them."""
    for answer in answers:
        states.append(answer)
        yield answer.to_dict()


def _ask_batch(path: Path, settings: Settings) -> int:
    try:
        questions = read_batch(path)
    except ValueError as error:
        say(str(error))
        return BAD_ARGUMENTS
    answering = _engine(settings).answering()
    for identifier, question in questions:
        answer = answering.invoke(question)
        print(json.dumps({"id": identifier, **answer.to_dict()}, ensure_ascii=False), flush=True)
    return DONE


def _engine(settings: Settings) -> Engine:
    """Open the index; one of an earlier version is brought up to date, with a progress bar."""
    engine = Engine(settings)
    if engine.index.is_outdated():
        with printing.progress(stderr) as progress:
            engine.bring_up_to_date(progress)
    return engine


def verify(options: argparse.Namespace, settings: Settings) -> int:
    """Check the quotes of a receipt against today's documents; fail if one no longer stands."""
    told = list(verify_receipt(options.receipt, open_index(settings)))
    for _, line in told:
        stdout.print(printable(line), soft_wrap=True)
    stdout.print(f"{sum(stands for stands, _ in told)} of {len(told)} quotes stand word for word")
    return DONE if all(stands for stands, _ in told) else FAILED


def search(options: argparse.Namespace, settings: Settings) -> int:
    """Find passages."""
    if options.k < 1 or not options.query.strip():
        say("search needs a query with words and a number of passages of at least 1")
        return BAD_ARGUMENTS
    engine = _engine(settings)
    query = clean(options.query)
    found = Answering.over(engine.index, settings, options.k).rank(Query(query, detect_language(query))).found
    if options.json:
        print(json.dumps([passage_dict(f) for f in found], ensure_ascii=False))
    else:
        printing.print_passages(stdout, found)
    return DONE


def models(options: argparse.Namespace, settings: Settings) -> int:
    """Ask the configured language model for a word."""
    if not settings.model:
        stdout.print("no language model is configured: answers are exact quotations; set RAG_MODEL=provider:model")
        return DONE
    model = LanguageModel(settings)
    where = model.host or "this machine"
    try:
        text = "".join(model.stream([HumanMessage("Answer with the single word: ready")]))
    except ModelProblem as problem:
        say(problem.detail or f"{settings.model} on {where}: {wording.say(f'problem.{problem.kind}', 'en')}")
        return FAILED
    stdout.print(printable(f"{settings.model} on {where} answers: {text.strip()[:80]}"), soft_wrap=True)
    return DONE


def mcp(options: argparse.Namespace, settings: Settings) -> int:
    """Serve a language model's tools over stdio until it closes them."""
    from rag.api.mcp import DocumentServer  # imported late: no other command needs a server

    engine = Engine(settings)
    engine.start()
    DocumentServer(engine).run()
    return DONE


def show_settings(options: argparse.Namespace, settings: Settings) -> int:
    """Show the settings."""
    table = Table("setting", "value", "from", box=None)
    for row in settings.rows():
        table.add_row(*row)
    stdout.print(table)
    return DONE


COMMANDS: dict[str, Callable[[argparse.Namespace, Settings], int]] = {
    "index": index,
    "documents": documents,
    "remove": remove,
    "check": check,
    "ask": ask,
    "verify": verify,
    "search": search,
    "backup": backup,
    "restore": restore,
    "restrict": restrict,
    "label": label,
    "mcp": mcp,
    "models": models,
    "settings": show_settings,
}
