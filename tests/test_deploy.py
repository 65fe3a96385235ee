"""The files that deploy the program: what they name is there, and what they start answers."""

import configparser
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from rag.settings import Settings
from rag.window.server import parser
from tests.conftest import ROOT

DEPLOY = ROOT / "deploy"
PINNED = re.compile(r"[\w./-]+:v?\d+\.\d+[\w.-]*")


def steps() -> list[tuple[str, str]]:
    """Read the Dockerfile: each instruction with what follows it."""
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in lines)]


def environment() -> dict[str, str]:
    pairs = (pair for name, rest in steps() if name == "ENV" for pair in shlex.split(rest))
    return dict(pair.split("=", 1) for pair in pairs)


def copies() -> list[tuple[list[str], str]]:
    """List what is copied, and where to."""
    words = (shlex.split(rest) for name, rest in steps() if name == "COPY")
    return [(sources, target) for *sources, target in words]


def test_the_image_is_pinned_runs_without_rights_and_copies_what_there_is() -> None:
    (base,) = [rest for name, rest in steps() if name == "FROM"]
    assert PINNED.fullmatch(base)
    names = [name for name, _ in steps()]
    assert ("USER", "rag") in steps()
    assert names.index("USER") > max(n for n, name in enumerate(names) if name == "RUN")
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    for sources, _ in copies():
        for source in sources:
            assert (ROOT / source).exists(), source
            assert f"!{source}" in ignored, source
    torch = next(line for line in (ROOT / "requirements.txt").read_text().splitlines() if line.startswith("torch=="))
    assert any(torch in rest for name, rest in steps() if name == "RUN")
    known = {f"RAG_{name.upper()}" for name in Settings.names()}
    assert {name for name in environment() if name.startswith("RAG_")} <= known


def test_each_service_is_pinned_and_published_on_this_machine_alone() -> None:
    compose: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    services = compose["services"]
    assert set(services) == {"app", "milvus", "prometheus"}
    for service in services.values():
        assert "build" in service or PINNED.fullmatch(service["image"])
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in compose["volumes"] or (DEPLOY / source).is_file(), source
    build = services["app"]["build"]
    assert (DEPLOY / build["context"] / build["dockerfile"]).samefile(DEPLOY / "Dockerfile")
    assert ":?" in services["app"]["environment"]["RAG_API_KEY"], "it must not start without a key"
    (job,) = yaml.safe_load((DEPLOY / "prometheus.yml").read_text(encoding="utf-8"))["scrape_configs"]
    (target,) = job["static_configs"][0]["targets"]
    assert target == f"app:{Settings.port}"
    assert job["authorization"]["credentials_file"] == f"/run/secrets/{services['prometheus']['secrets'][0]}"


def test_the_unit_starts_the_program_with_settings_that_there_are() -> None:
    unit = configparser.ConfigParser(interpolation=None, strict=False)
    unit.read(DEPLOY / "ask-the-documents.service", encoding="utf-8")
    service = unit["Service"]
    python, script, *arguments = shlex.split(service["ExecStart"])
    assert python.startswith(service["WorkingDirectory"])
    assert (ROOT / script).is_file()
    parser().parse_args(arguments)
    known = {f"RAG_{name.upper()}" for name in Settings.names()}
    assert {pair.split("=")[0] for pair in shlex.split(service["Environment"])} <= known
    assert service["ProtectSystem"] == "strict"


@pytest.mark.slow
def test_what_the_image_holds_answers(tmp_path: Path, seeds_index: Path) -> None:
    for sources, target in copies():
        for source in sources:
            place = tmp_path / "app" / (target if (ROOT / source).is_dir() else f"{target}/{source}")
            place.parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, place, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / source, place)
    shutil.copytree(seeds_index, tmp_path / "data" / "index")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {**environment(), "RAG_INDEX": str(tmp_path / "data" / "index"), "RAG_PORT": str(port)}
    (command,) = [json.loads(rest) for name, rest in steps() if name == "CMD"]
    server = f"http://127.0.0.1:{port}"
    key = {"authorization": "Bearer right"}
    with subprocess.Popen(
        [sys.executable, *command[1:]],
        cwd=tmp_path / "app",
        env={**os.environ, **settings, "RAG_HOST": "127.0.0.1", "RAG_API_KEY": "right"},
        stdout=subprocess.DEVNULL,
    ) as process:
        try:
            while process.poll() is None:
                try:
                    state = httpx.get(f"{server}/readyz").json()
                    assert "problem" not in state
                    if state["ready"]:
                        break
                except httpx.TransportError:
                    pass
                time.sleep(0.2)
            asked = {"question": "what tools does Kaufman recommend for lawyers?"}
            assert httpx.post(f"{server}/api/ask", json=asked).status_code == 401
            assert "Legora" in httpx.post(f"{server}/api/ask", json=asked, headers=key, timeout=60).text
            scraped = httpx.get(f"{server}/metrics", headers={**key, "host": "app:7860"})
            assert scraped.status_code == 200
        finally:
            process.terminate()
