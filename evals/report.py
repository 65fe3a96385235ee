"""Outcomes → a report in Markdown with plots: measures by kind, risk and coverage, latency."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from evals.measures import Outcome
from evals.run import Measures, risk_coverage

REPORTS = Path(__file__).with_name("reports")
SHARES = (
    "hit@1",
    "hit@5",
    "MRR@10",
    "answer coverage",
    "first quotation",
    "right first",
    "citation precision",
    "citation recall",
)
CONTROLS = ("AUC elsewhere", "AUC of the wording")
REFUSAL = ("false answers", "false refusals", "reads", "refusal AUC", *CONTROLS)
SAFETY = ("verbatim", *REFUSAL, "turns", "searched rightly", "language")
SIDE = ("questions", "hit@1", "hit@5", "right first", "citation recall", *REFUSAL)
SIDES = (
    *("pairs", "pairs / fr", "pairs / en", "pairs / cross_en", "pairs / table", "pairs / near_miss"),
    *("texts", "texts / follow_up", "texts / leaning_turn", "texts / own_turn", "test", "dev"),
)
SIZES = ("questions", "characters", "median ms", "tokens", "sentences", "wrong")
# For a terminal.
MAIN = ("questions", "hit@1", "hit@5", "answer coverage", "right first", "false answers", "false refusals", "reads")
WRITTEN = ("by the model", "faithfulness", "removed", "tokens", "seconds to first word")
CHECK = ("sentences", "wrong", "wrong caught", "right rejected", "precision", "recall")
CHECKED = (
    "Agreement with labels made by hand (`evals/verdicts.jsonl`; in `evals/smollm2.jsonl` what a small model wrote); "
    "precision and recall are those of catching wrong sentences. The thresholds were fitted to `dev`; `test` was seen "
    "while the rules were written."
)
BOTH = (
    "`dev` and `test` are questions over `seeds/`, `texts` those over eighty texts that nothing was tuned to, `pairs` "
    "the ones of them that were asked twice: where the answer stands and where it does not. The controls see "
    "no answer: the same reader over the other corpus (`elsewhere`), and character n-grams of the question alone "
    "(`wording`). A refusal AUC that they share is no reading."
)
BLUE, ORANGE, GREY = "#2f5d8a", "#c8702a", "#8a8f98"


def table(measures: Mapping[str, Measures], names: Sequence[str]) -> str:
    """Write groups and their measures as a Markdown table, without columns that no group has."""
    names = [name for name in names if any(name in values for values in measures.values())]
    lines = ["| | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for group, values in measures.items():
        cells = ["" if name not in values else _number(name, values[name]) for name in names]
        lines.append(f"| {group} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def side_by_side(measures: Mapping[str, Measures]) -> str:
    """Write what matters most of both corpora as a Markdown table, the unseen texts first."""
    return table({side: measures[side] for side in SIDES if side in measures}, SIDE)


def write_report(
    name: str,
    outcomes: Sequence[Outcome],
    measures: Mapping[str, Measures],
    settings: Mapping[str, str],
    verdicts: Mapping[str, Measures],
) -> Path:
    """Write the report and its plots into a folder of its own under `evals/reports/`."""
    folder = REPORTS / name
    folder.mkdir(parents=True, exist_ok=True)
    matplotlib.use("Agg")
    _plot_kinds(measures, folder / "kinds.png")
    _plot_risk(outcomes, folder / "risk-coverage.png")
    _plot_latency(outcomes, folder / "latency.png")
    text = [
        f"# Evaluation: {name}",
        "Made by `python -m evals --report`. The measures are defined in `evals/measures.py` and `evals/run.py`.",
        "\n".join(f"- {key}: {value}" for key, value in settings.items()),
        *(["## Side by side", BOTH, side_by_side(measures)] if "pairs" in measures else []),
        "## Retrieval and answers",
        table(measures, ("questions", *SHARES)),
        "## Refusals, quotes, language, size and time",
        table(measures, (*SAFETY, "characters", "median ms")),
        *(["## A language model's sentences", table(measures, WRITTEN)] if "faithfulness" in str(measures) else []),
        *(["## The check of a model's sentences", CHECKED, table(verdicts, CHECK)] if verdicts else []),
        "## By kind\n\n![hit@5 and first quotation right by kind](kinds.png)",
        "## Risk and coverage",
        "Questions answered in order of confidence; an answer counts as wrong if its question has no answer in the "
        "documents or the first five passages miss it; dashed: over the texts, asked both ways.\n\n"
        "![risk and coverage](risk-coverage.png)",
        "## Latency\n\n![latency](latency.png)",
    ]
    path = folder / "README.md"
    path.write_text("\n\n".join(text) + "\n", encoding="utf-8")
    return path


def _number(name: str, value: float) -> str:
    return f"{value:.0f}" if name in SIZES else f"{value:.2f}"


def _axes(title: str, rows: int = 0) -> Axes:
    _, axes = plt.subplots(figsize=(8, max(4.5, 0.17 * rows)), layout="constrained")
    axes.set_title(title, loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    return axes


def _save(path: Path) -> None:
    plt.savefig(path, dpi=110)
    plt.close("all")


def _plot_kinds(measures: Mapping[str, Measures], path: Path) -> None:
    rows = {group: m for group, m in measures.items() if "hit@5" in m and "pairs" not in group}
    axes = _axes("hit@5 and first quotation right, by kind of question", len(rows))
    for offset, (name, colour) in enumerate((("hit@5", BLUE), ("right first", ORANGE))):
        places = [number + 0.4 * offset for number in range(len(rows))]
        axes.barh(places, [m.get(name, 0.0) for m in rows.values()], 0.38, label=name, color=colour)
    axes.set_yticks([number + 0.2 for number in range(len(rows))], list(rows), fontsize=7)
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.legend(frameon=False)
    _save(path)


def _plot_risk(outcomes: Sequence[Outcome], path: Path) -> None:
    axes = _axes("Share of wrong answers among those given, by share of questions answered")
    over_seeds = [o for o in outcomes if o.question.split not in ("texts", "pairs")]
    over_pairs = [o for o in outcomes if o.question.split == "pairs"]
    for members, line in ((over_seeds, "-"), (over_pairs, "--")):
        for language, colour in (("fr", BLUE), ("en", ORANGE)):
            own = [o for o in members if o.question.lang == language]
            curve = risk_coverage(own)
            label = f"{language}, texts" if line == "--" else language
            if own:
                axes.plot([c for c, _ in curve], [r for _, r in curve], line, color=colour, label=label)
            answered = sum(not o.answer.refused for o in own if o.question.turn == "search")
            if answered:
                axes.plot(*curve[answered - 1], "o", color=colour)
    axes.set_xlabel("questions answered (the dot: at the threshold in use)")
    axes.set_ylabel("wrong among them")
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.legend(frameon=False)
    _save(path)


def _plot_latency(outcomes: Sequence[Outcome], path: Path) -> None:
    axes = _axes("Time for an answer")
    axes.hist([1000 * o.answer.trace.seconds["total"] for o in outcomes], bins=40, color=GREY)
    axes.set_xlabel("milliseconds")
    axes.set_ylabel("questions")
    _save(path)
