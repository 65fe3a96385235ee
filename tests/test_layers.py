"""Imports go down a floor, or to a neighbour that does not import back; the product never imports its evaluation."""

import ast
from pathlib import Path

from tests.conftest import ROOT

FLOORS = [
    {"settings", "schema", "language", "lexicon"},
    {
        "prompts",
        "faults",
        "facts",
        "llm",
        "local_model",
        "budget",
        "parsers",
        "loaders",
        "splitter",
        "embeddings",
        "lexical",
        "reranker",
    },
    {
        "records",
        "database",
        "projections",
        "store",
        "retriever",
        "citations",
        "extractive",
        "followup",
        "confidence",
        "verification",
        "writer",
        "receipt",
    },
    {"indexing", "chain"},
    {"output", "__main__"},
]
WINDOW = "texts labels render engine sources documents chat documents_tab chat_tab guard window server".split()
MAX_LINES = 300


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and node.module == "rag"):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.removeprefix("rag.") if node.module.startswith("rag.") else node.module)
    return found


def test_every_module_stands_on_its_floor() -> None:
    floor = {name: number for number, names in enumerate(FLOORS) for name in names}
    modules = {p.stem: imports(p) for p in (ROOT / "rag").glob("*.py") if p.stem != "__init__"}
    assert set(modules) == set(floor)
    for name, used in modules.items():
        for other in used & set(floor):
            assert floor[other] <= floor[name], f"{name} imports {other} from a floor above"
            assert name not in modules[other], f"{name} and {other} import each other"
        assert not any(module.split(".")[0] in ("evals", "gradio", "ui") for module in used)


def test_the_window_stands_on_top_in_its_own_order() -> None:
    modules = {p.stem: imports(p) for p in (ROOT / "rag" / "ui").glob("*.py") if p.stem != "__init__"}
    assert set(modules) == set(WINDOW)
    for name, used in modules.items():
        assert "__main__" not in used
        below = {other.removeprefix("ui.") for other in used if other.startswith("ui.")}
        assert all(WINDOW.index(other) < WINDOW.index(name) for other in below)


def test_no_file_is_two_files_under_one_name() -> None:
    files = [p for folder in ("rag", "evals", "tests", "benchmarks", "models") for p in (ROOT / folder).rglob("*.py")]
    assert not [p for p in files if len(p.read_text().splitlines()) > MAX_LINES]


def test_no_pickle_and_no_retired_package() -> None:
    for path in (ROOT / "rag").glob("*.py"):
        assert not {"pickle", "langchain_community"} & {module.split(".")[0] for module in imports(path)}
