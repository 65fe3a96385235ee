"""The command line: `python -m rag COMMAND`. Results go to stdout, messages to stderr."""

import argparse
import io
import json
import os
import sys
from pathlib import Path

from langchain_core.messages import HumanMessage
from rich.console import Console
from rich.table import Table

from rag import output, prompts
from rag.chain import AnswerChain, problem_with
from rag.faults import ModelProblem
from rag.indexing import index_paths
from rag.llm import LanguageModel
from rag.receipt import verify_receipt, write_receipt
from rag.schema import Question, RagError
from rag.settings import Settings
from rag.store import PassageStore, to_passage

DONE, FAILED, BAD_ARGUMENTS, INTERRUPTED = 0, 1, 2, 130
DEFAULT_PATHS = [Path("seeds")]

stdout = Console(highlight=False, markup=False, emoji=False)
stderr = Console(stderr=True, highlight=False, markup=False, emoji=False)


def say(message: str) -> None:
    """Print a message on stderr, harmless for the terminal and on one line."""
    stderr.print(output.printable(message), soft_wrap=True)


def main(arguments: list[str] | None = None) -> int:
    """Run one command and give its exit code: 0 done, 1 the work failed, 2 bad arguments."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    options = parser().parse_args(arguments)
    try:
        settings = Settings.from_env()
        for name in settings.unknown:
            say(f"note: {name} is not a setting of this program and changes nothing")
        code: int = options.run(options, settings)
        sys.stdout.flush()
    except RagError as error:
        say(str(error))
        return FAILED
    except KeyboardInterrupt:
        say("interrupted; what was finished is kept")
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except OSError as error:
        say(f"{error.filename or 'the index'}: {error.strerror or error}; nothing published was lost")
        return FAILED
    return code


def parser() -> argparse.ArgumentParser:
    """Describe the commands."""
    top = argparse.ArgumentParser(
        prog="python -m rag", description="Ask your documents; every answer cites them word for word."
    )
    commands = top.add_subparsers(title="commands", required=True, metavar="COMMAND")

    index = commands.add_parser("index", help="add or update files and folders")
    index.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="default: seeds/")
    index.add_argument(
        "--rebuild", action="store_true", help="first embed all stored documents again, with today's settings"
    )
    index.add_argument("--if-empty", action="store_true", help="do nothing if there are documents already")
    index.set_defaults(run=run_index)

    commands.add_parser("documents", help="list what is indexed").set_defaults(run=run_documents)

    remove = commands.add_parser("remove", help="remove a document")
    remove.add_argument("source", help="as `documents` lists it")
    remove.set_defaults(run=run_remove)

    check = commands.add_parser("check", help="verify the index; repair what can be made again from the documents")
    check.add_argument("--dry-run", action="store_true", help="only say what would be repaired")
    check.set_defaults(run=run_check)

    ask = commands.add_parser("ask", help="answer a question, with citations")
    ask.add_argument("question", nargs="?")
    ask.add_argument("--json", action="store_true", help="print one JSON object")
    ask.add_argument(
        "--batch", type=Path, metavar="FILE", help="answer the questions of a JSONL file, one JSON line each"
    )
    ask.add_argument("--receipt", type=Path, metavar="FILE", help="also write what the answer stands on, as JSON")
    ask.set_defaults(run=run_ask)

    verify = commands.add_parser("verify", help="tell which quotes of a receipt still stand word for word")
    verify.add_argument("receipt", type=Path, metavar="FILE")
    verify.set_defaults(run=run_verify)

    search = commands.add_parser("search", help="find passages without answering")
    search.add_argument("query")
    search.add_argument("-k", type=int, default=10, metavar="N", help="how many (default: 10)")
    search.add_argument("--json", action="store_true", help="print a JSON array")
    search.set_defaults(run=run_search)

    models = commands.add_parser("models", help="tell which language model is configured and whether it answers")
    models.set_defaults(run=run_models)

    commands.add_parser("settings", help="show the settings and where they come from").set_defaults(run=run_settings)
    return top


def run_index(options: argparse.Namespace, settings: Settings) -> int:
    """Add or update documents with a progress bar, then print what became of each."""
    store = PassageStore(settings, create=True)
    if options.if_empty and store.database.count("documents"):
        return DONE
    with output.progress(stderr) as progress:
        if options.rebuild:
            store.rebuild(progress)
        paths = options.paths or ([] if options.rebuild else DEFAULT_PATHS)
        summary = index_paths(store, paths, progress)
    output.print_summary(stdout, summary, store)
    return FAILED if summary.skipped and not (summary.added or summary.updated or summary.unchanged) else DONE


def run_documents(options: argparse.Namespace, settings: Settings) -> int:
    """List the documents."""
    output.print_documents(stdout, PassageStore(settings).database.documents())
    return DONE


def run_remove(options: argparse.Namespace, settings: Settings) -> int:
    """Remove one document."""
    if not PassageStore(settings).remove(options.source):
        raise RagError(f"{options.source} is not in the index; `python -m rag documents` lists what is")
    stdout.print(output.printable(f"removed {options.source}"), soft_wrap=True)
    return DONE


def run_check(options: argparse.Namespace, settings: Settings) -> int:
    """Verify the index and repair its projections."""
    store = PassageStore(settings)
    problem = store.problem()
    if problem is None:
        stdout.print("the index is whole")
    elif options.dry_run:
        stdout.print(f"the search index would be rebuilt from the stored vectors: {problem}")
    else:
        with store.writing():
            store.publish_if_stale()
        stdout.print(f"the search index was rebuilt from the stored vectors: {problem}")
    return DONE


def run_ask(options: argparse.Namespace, settings: Settings) -> int:
    """Answer one question, or a file of them."""
    if (options.question is None) == (options.batch is None):
        say("ask one question, or give a file of questions with --batch")
        return BAD_ARGUMENTS
    if options.batch is not None:
        try:
            questions = output.read_batch(options.batch)
        except ValueError as error:
            say(str(error))
            return BAD_ARGUMENTS
        chain = AnswerChain.open(settings)
        for identifier, question in questions:
            print(
                json.dumps({"id": identifier, **output.as_json(question, chain.invoke(question))}, ensure_ascii=False),
                flush=True,
            )
        return DONE
    question = Question(output.clean(options.question))
    if problem := problem_with(question):
        say(problem)
        return BAD_ARGUMENTS
    chain = AnswerChain.open(settings)
    if options.json:
        answer = chain.invoke(question)
        print(json.dumps(output.as_json(question, answer), ensure_ascii=False))
    else:
        answer = output.print_stream(stdout, question, chain.stream(question))
    if options.receipt:
        write_receipt(options.receipt, question, answer, chain.store)
    return DONE


def run_verify(options: argparse.Namespace, settings: Settings) -> int:
    """Check the quotes of a receipt against today's documents; fail if one no longer stands."""
    told = list(verify_receipt(options.receipt, PassageStore(settings)))
    for _, line in told:
        stdout.print(output.printable(line), soft_wrap=True)
    stdout.print(f"{sum(stands for stands, _ in told)} of {len(told)} quotes stand word for word")
    return DONE if all(stands for stands, _ in told) else FAILED


def run_models(options: argparse.Namespace, settings: Settings) -> int:
    """Ask the configured language model for a word."""
    if not settings.model:
        stdout.print("no language model is configured: answers are exact quotations; set RAG_MODEL=provider:model")
        return DONE
    model = LanguageModel(settings)
    where = model.host or "this machine"
    try:
        text = "".join(model.stream([HumanMessage("Answer with the single word: ready")]))
    except ModelProblem as problem:
        raise RagError(
            problem.detail or f"{settings.model} on {where}: {prompts.PROBLEMS[problem.kind]['en']}"
        ) from problem
    stdout.print(output.printable(f"{settings.model} on {where} answers: {text.strip()[:80]}"), soft_wrap=True)
    return DONE


def run_search(options: argparse.Namespace, settings: Settings) -> int:
    """Find passages."""
    if options.k < 1 or not options.query.strip():
        say("search needs a query with words and a number of passages of at least 1")
        return BAD_ARGUMENTS
    ranking = AnswerChain.open(settings, options.k).retriever.rank(output.clean(options.query))
    passages = [to_passage(c.passage, score=c.score) for c in ranking.candidates]
    if options.json:
        print(json.dumps([output.passage_as_json(p) for p in passages], ensure_ascii=False))
    else:
        output.print_passages(stdout, passages)
    return DONE


def run_settings(options: argparse.Namespace, settings: Settings) -> int:
    """Show the settings."""
    table = Table("setting", "value", "from", box=None)
    for row in settings.rows():
        table.add_row(*row)
    stdout.print(table)
    return DONE


if __name__ == "__main__":
    sys.exit(main())
