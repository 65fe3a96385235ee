"""Which libraries each room loads: engines stay behind the seam."""

import subprocess
import sys

import pytest

from tests.conftest import ROOT

ENGINES = ("tantivy", "faiss", "sqlite3")
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in (ROOT / "rag").rglob("*.py")
    # Migrations are run by Alembic, never imported.
    if not {"embedded", "migrations"} & set(path.parts) and path.name not in ("__main__.py", "__init__.py")
)
ROOMS = sorted({".".join(name.split(".")[:2]) for name in MODULES} - {"rag.window"})


@pytest.mark.slow
@pytest.mark.parametrize("room", ROOMS)
def test_a_room_loads_no_engine(room: str) -> None:
    own = [name for name in MODULES if name == room or name.startswith(f"{room}.")]
    program = f"""
import importlib, sys
for name in {own!r}: importlib.import_module(name)
print(*{{name.partition(".")[0] for name in sys.modules}})
"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert not set(ENGINES) & set(done.stdout.split())
