"""The results as the table of the README: `python -m benchmarks.table` writes it between the marks there."""

import re
from pathlib import Path

from benchmarks.results import read

README = Path(__file__).resolve().parent.parent / "README.md"
BETWEEN = re.compile(r"(<!-- benchmarks -->\n).*?(<!-- /benchmarks -->)", re.DOTALL)


def table() -> str:
    """Write the results of all benchmarks as Markdown."""
    indexing, window = read("indexing"), read("window")
    rows = [
        ("characters a second indexed", f"{indexing['ours']:,.0f}"),
        ("the same by LangChain's stock recipe on the same model", f"{indexing['stock']:,.0f}"),
        ("an answer, median / 95 %", f"{indexing['answer ms'][0]:.0f} / {indexing['answer ms'][1]:.0f} ms"),
        ("a model's answer without the model, median", f"{indexing['checking ms']:.0f} ms"),
        ("page / answers after", f"{window['page s']:.1f} / {window['ready s']:.1f} s"),
        ("memory of the window", f"{window['memory MB']:.0f} MB"),
        *(
            (f"in the window, {name}: median / 95 %", f"{m:.2f} / {p:.2f} s")
            for name, (m, p) in window["times"].items()
        ),
    ]
    told = [f"| {name} | {value} |" for name, value in rows]
    machines = "; ".join(dict.fromkeys(f"{r['machine']} (commit {r['commit']})" for r in (indexing, window)))
    return "\n".join(["| | |", "|---|---|", *told, "", f"Measured on: {machines}."])


if __name__ == "__main__":
    text = README.read_text(encoding="utf-8")
    README.write_text(BETWEEN.sub(lambda m: f"{m[1]}{table()}\n{m[2]}", text), encoding="utf-8")
    print(table())
