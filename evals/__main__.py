"""The command line of the evaluation: `python -m evals`."""

import argparse
import json
import re
import sys
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown
from rich.table import Table

from evals.abstain import abstain
from evals.beir import MEASURES, evaluate_folder
from evals.calibrate import calibrate
from evals.compare import compare
from evals.controls import confidence_elsewhere, control_measures, wording_scores
from evals.corpora import SEEDS, TEXTS, answering_over
from evals.measures import Outcome
from evals.questions import load_questions
from evals.report import CHECK, MAIN, REFUSAL, WRITTEN, side_by_side, table, write_report
from evals.run import Measures, answer_all, groups, measure
from evals.texts import SAMPLE, answer_texts
from evals.verdicts import agreement
from rag.problems import RagError
from rag.settings import Settings

FLOORS = Path(__file__).with_name("floors.json")
LOWER_IS_BETTER = ("false answers", "false refusals")

stdout = Console()
stderr = Console(stderr=True, markup=False, highlight=False)


def main(arguments: list[str] | None = None) -> int:
    """Run an evaluation and give its exit code: 0 done, 1 it failed or a measure is below its floor."""
    options = parser().parse_args(arguments)
    if options.questions and (options.check or options.calibrate or options.texts):
        parser().error("--check, --calibrate and --texts are for our own questions")
    try:
        settings = Settings.from_env()
        if options.compare:
            return run_compare(options)
        if options.beir:
            return run_beir(options, settings)
        if options.abstain:
            return run_abstain(options, settings)
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
    texts = "our questions on evals/texts/, which nothing was tuned to, asked with and without what answers"
    top.add_argument("--texts", action="store_true", help=texts)
    given = "refusal by reading alone, over the passages given with each question of a folder"
    top.add_argument("--abstain", type=Path, nargs="+", metavar="FOLDER", help=given)
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
    """Answer the questions and print, write or check the measures; a report and a check take both corpora."""
    is_whole = options.report or options.check
    has_texts = options.texts or (is_whole and not (options.questions or options.model))
    outcomes: list[Outcome] = []
    described: dict[str, str] = {}
    verdicts: dict[str, Measures] = {}
    if is_whole or not options.texts:
        outcomes, described, verdicts = over_documents(options, settings)
    if has_texts:
        outcomes += answer_texts(settings, 1 if options.report or options.texts else SAMPLE)
    by_group = groups(outcomes)
    measures = {group: measure(members) for group, members in by_group.items()}
    if has_texts and (options.report or not options.check):
        add_controls(measures, by_group, settings)
    if options.json:
        print(json.dumps(measures, ensure_ascii=False))
    elif options.texts:
        stdout.print(Markdown(side_by_side(measures)))
    elif not options.check:
        stdout.print(Markdown(table(measures, MAIN)))
        if options.model:
            stdout.print(Markdown(table(measures, ("questions", *WRITTEN))))
    if options.report:
        name = "-".join([(options.questions or SEEDS.questions).stem, *re.findall(r"\w+", options.model or "")])
        stderr.print(f"written: {write_report(name, outcomes, measures, described, verdicts)}")
    return check(measures) if options.check else 0


def over_documents(
    options: argparse.Namespace, settings: Settings
) -> tuple[list[Outcome], dict[str, str], dict[str, Measures]]:
    """Answer a question file over its documents; say what was asked, and check labelled sentences for a report."""
    path = options.questions or SEEDS.questions
    questions = load_questions(path)
    with answering_over(None if options.questions else SEEDS.folder, settings) as (index, answering):
        if options.calibrate:
            stderr.print(calibrate(answering, questions))
        outcomes = answer_all(answering, questions)
        verdicts = agreement(answering, index) if options.report and not options.questions else {}
        counts = index.counts()
        described = {
            "embedding model": index.embedder.name,
            "questions": f"{len(questions)} from {path.name}",
            "index": f"{counts.documents} documents, {counts.passages} passages",
            **({"language model": options.model} if options.model else {}),
        }
    return outcomes, described, verdicts


def add_controls(measures: dict[str, Measures], by_group: dict[str, list[Outcome]], settings: Settings) -> None:
    """Add to each group what tells its answerable questions from the others without reading an answer."""
    asked = {o.question.id: o.question for outcomes in by_group.values() for o in outcomes}
    over_texts = {question.id for question in load_questions(TEXTS.questions)}
    elsewhere: dict[str, float] = {}
    for other, is_meant in ((SEEDS, True), (TEXTS, False)):
        questions = [q for q in asked.values() if (q.id in over_texts) == is_meant]
        elsewhere |= confidence_elsewhere(questions, other, settings)
    wording = wording_scores(list(asked.values()))
    for group, outcomes in by_group.items():
        measures[group] |= control_measures(outcomes, elsewhere, wording)


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
    with answering_over(SEEDS.folder, replace(settings, model=None)) as (index, answering):
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


def run_abstain(options: argparse.Namespace, settings: Settings) -> int:
    """Measure refusal by reading alone."""
    measures = {folder.name: abstain(folder, settings) for folder in options.abstain}
    print(json.dumps(measures)) if options.json else stdout.print(Markdown(table(measures, ("questions", *REFUSAL))))
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


if __name__ == "__main__":
    sys.exit(main())
