"""The command line of the evaluation: `python -m evals`."""

import argparse
import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.markdown import Markdown
from rich.table import Table

from evals.beir import MEASURES, evaluate_folder
from evals.calibrate import calibrate
from evals.compare import SEEDS, compare
from evals.questions import OWN, load_questions
from evals.report import CHECK, MAIN, WRITTEN, table, write_report
from evals.run import Measures, answer_all, groups, measure
from evals.verdicts import agreement
from rag.answering import Answering
from rag.index import open_index
from rag.index.protocol import Index
from rag.indexing import index_paths
from rag.problems import RagError
from rag.settings import Settings

FLOORS = Path(__file__).with_name("floors.json")
LOWER_IS_BETTER = ("false answers", "false refusals")

stdout = Console()
stderr = Console(stderr=True, markup=False, highlight=False)


def main(arguments: list[str] | None = None) -> int:
    """Run an evaluation and give its exit code: 0 done, 1 it failed or a measure is below its floor."""
    options = parser().parse_args(arguments)
    if options.questions and (options.check or options.calibrate):
        parser().error("--check and --calibrate are for our own questions")
    try:
        settings = Settings.from_env()
        if options.compare:
            return run_compare(options)
        if options.beir:
            return run_beir(options, settings)
        if options.verdicts:
            return run_verdicts(options, settings)
        settings = replace(settings, model=options.model)
        return run_questions(options, settings)
    except RagError as error:
        stderr.print(str(error))
        return 1


def parser() -> argparse.ArgumentParser:
    """Describe the options."""
    top = argparse.ArgumentParser(prog="python -m evals", description="Measure retrieval, answers and refusals.")
    top.add_argument(
        "--questions",
        type=Path,
        metavar="FILE",
        help="your own questions, on your own index (default: ours, on seeds/)",
    )
    top.add_argument("--beir", type=Path, nargs="+", metavar="FOLDER", help="retrieval on BEIR folders")
    compared = "measure models side by side, on our questions and on the --beir folders"
    top.add_argument("--compare", nargs="+", metavar="MODEL", help=compared)
    top.add_argument("--model", metavar="MODEL", help="let a language model answer, as RAG_MODEL names it")
    verdicts = "measure how the check of a model's sentences agrees with people, on evals/verdicts.jsonl"
    top.add_argument("--verdicts", action="store_true", help=verdicts)
    top.add_argument("--json", action="store_true", help="print the measures as JSON")
    top.add_argument("--report", action="store_true", help="write a report with plots under evals/reports/")
    top.add_argument("--check", action="store_true", help="fail if a measure is below its floor in evals/floors.json")
    top.add_argument("--calibrate", action="store_true", help="fit the refusal thresholds on the dev split first")
    return top


def run_questions(options: argparse.Namespace, settings: Settings) -> int:
    """Answer a question file and print, write or check the measures."""
    questions = load_questions(options.questions or OWN)
    with _answering(settings, own_index=options.questions is not None) as (index, answering):
        if options.calibrate:
            stderr.print(calibrate(answering, questions))
        outcomes = answer_all(answering, questions)
        verdicts = agreement(answering, index) if options.report and not options.questions else {}
        counts = index.counts()
        described = {
            "embedding model": index.embedder.name,
            "questions": f"{len(questions)} from {(options.questions or OWN).name}",
            "index": f"{counts.documents} documents, {counts.passages} passages",
            **({"language model": options.model} if options.model else {}),
        }
    measures = {group: measure(members) for group, members in groups(outcomes).items()}
    if options.json:
        print(json.dumps(measures, ensure_ascii=False))
    elif not options.check:
        stdout.print(Markdown(table(measures, MAIN)))
        if options.model:
            stdout.print(Markdown(table(measures, ("questions", *WRITTEN))))
    if options.report:
        name = "-".join([(options.questions or OWN).stem, *re.findall(r"\w+", options.model or "")])
        stderr.print(f"written: {write_report(name, outcomes, described, verdicts)}")
    return check(measures) if options.check else 0


def check(measures: dict[str, Measures]) -> int:
    """Compare the measures with their floors and say which ones fall short."""
    code = 0
    for group, floors in json.loads(FLOORS.read_text()).items():
        for name, floor in floors.items():
            value = measures[group][name]
            short = value > floor if name in LOWER_IS_BETTER else value < floor
            stdout.print(f"{'FAIL' if short else 'ok  '} {group}: {name} {value:.3f} (floor {floor})", markup=False)
            code |= short
    return int(code)


def run_verdicts(options: argparse.Namespace, settings: Settings) -> int:
    """Check labelled sentences and print how many wrong ones were caught and right ones rejected."""
    with _answering(replace(settings, model=None), own_index=False) as (index, answering):
        measures = agreement(answering, index)
    print(json.dumps(measures, ensure_ascii=False)) if options.json else stdout.print(Markdown(table(measures, CHECK)))
    return 0


def run_beir(options: argparse.Namespace, settings: Settings) -> int:
    """Measure retrieval on BEIR folders."""
    measures: dict[str, Measures] = {}
    for folder in options.beir:
        measures[folder.name] = evaluate_folder(folder, settings)
        stderr.print(f"{folder.name} done")
    if options.json:
        print(json.dumps(measures))
    else:
        stdout.print(Markdown(table(measures, tuple(MEASURES))))
    return 0


def run_compare(options: argparse.Namespace) -> int:
    """Measure several models side by side."""
    rows = compare(options.compare, options.beir or [])
    if options.json:
        print(json.dumps(rows))
        return 0
    columns = Table(*rows[0], box=None)
    for row in rows:
        columns.add_row(*(f"{value:.3f}" if isinstance(value, float) else value for value in row.values()))
    stdout.print(columns)
    return 0


@contextmanager
def _answering(settings: Settings, own_index: bool) -> Iterator[tuple[Index, Answering]]:
    """Open the configured index, or make one of seeds/ for this run."""
    if own_index:
        index = open_index(settings)
        yield index, Answering.over(index, settings)
        return
    with TemporaryDirectory(prefix="rag-evals-") as folder:
        index = open_index(replace(settings, index=Path(folder)), create=True)
        index_paths(index, [SEEDS])
        yield index, Answering.over(index, settings)


if __name__ == "__main__":
    sys.exit(main())
