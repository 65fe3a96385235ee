"""What whoever runs the program sees: readiness, counts, traces, logs, and how it stops."""

import json
import logging
import os
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client.parser import text_string_to_metric_families

from rag.api.logs import JsonFormatter
from rag.api.operations import readiness
from rag.api.request_id import request_id
from rag.service.engine import Engine
from rag.settings import Settings
from tests.browser import process_of, running_window
from tests.model_server import Reply, saying, serving

QUESTION = "what tools does Kaufman recommend for lawyers?"
OFF_TOPIC = "How do I bake bread at home?"


def counted(address: str) -> dict[str, float]:
    """Read the counts, those of one name added up."""
    sums: dict[str, float] = {}
    for family in text_string_to_metric_families(httpx.get(f"{address}metrics").text):
        for sample in family.samples:
            sums[sample.name] = sums.get(sample.name, 0.0) + sample.value
    return sums


@pytest.mark.slow
def test_questions_refusals_uploads_and_the_index_are_counted_without_their_text(address: str) -> None:
    before = counted(address)
    for question in (QUESTION, OFF_TOPIC):
        httpx.post(f"{address}api/ask", json={"question": question}, timeout=60)
    files = {"files": ("canary.txt", b"The canteen closes at three.")}
    httpx.post(f"{address}api/documents", files=files, timeout=60)
    after = counted(address)
    grown = {name: after[name] - before.get(name, 0.0) for name in after}
    assert grown["rag_questions_total"] == 2
    assert grown["rag_refusals_total"] == 1
    assert grown["rag_stage_seconds_count"] == 6  # retrieve, answer and total of each
    assert grown["rag_stage_seconds_sum"] > 0
    assert grown["rag_uploads_total"] == 1
    assert grown["rag_index_documents"] == 1
    assert grown["rag_index_version"] >= 1
    text = httpx.get(f"{address}metrics").text
    assert not any(word in text for word in ("Kaufman", "canary", "bread"))
    httpx.delete(f"{address}api/documents/canary.txt")


@pytest.mark.slow
def test_it_is_ready_once_it_answers(address: str) -> None:
    assert httpx.get(f"{address}readyz").json() == {"ready": True}


def test_it_is_not_ready_while_it_loads_stops_or_has_no_index(tmp_path: Path) -> None:
    engine = Engine(Settings(index=tmp_path / "index"), create=True)
    assert readiness(engine).status_code == 503
    engine.stopping.set()
    reply = readiness(engine)
    assert reply.status_code == 503
    assert "stopping" in json.loads(bytes(reply.body))["problem"]
    other = tmp_path / "other"
    other.mkdir()
    (other / "documents.sqlite").write_bytes(b"no database, but something else" * 100)
    engine = Engine(Settings(index=other))
    assert "damaged" in json.loads(bytes(readiness(engine).body))["problem"]


@contextmanager
def collecting() -> Iterator[tuple[str, list[bytes]]]:
    """Receive traces on loopback."""
    bodies: list[bytes] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", bodies
        server.shutdown()
        thread.join()


def model_that_never_ends(reply: Reply) -> None:
    reply.begin()
    reply.word("Kaufman recommande Lexis+ AI ou Legora aux professions juridiques [1]. Il ")
    for _ in range(2000):
        reply.word("ajoute encore ")
        time.sleep(0.05)


@pytest.mark.slow
def test_traces_and_logs_hold_no_text_and_a_stop_ends_a_stream_with_a_sentence(
    seeds_index: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    index = tmp_path / "index"
    shutil.copytree(seeds_index, index)
    said = "Kaufman recommande Lexis+ AI ou Legora aux professions juridiques [1]."
    with collecting() as (collector, bodies), serving(saying(said), model_that_never_ends) as model:
        settings = {
            "RAG_LOG": "json",
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector,
            "OTEL_BSP_SCHEDULE_DELAY": "100",  # milliseconds
            "RAG_MODEL": "openai:maison",
            "RAG_MODEL_BASE_URL": model.url,
        }
        with running_window(index, settings) as address:
            asked = {"question": "Quels outils Kaufman recommande-t-il aux juristes ?"}
            httpx.post(f"{address}api/ask", json=asked, headers={"x-request-id": "first"}, timeout=60)
            httpx.post(f"{address}api/ask", json={"question": [OFF_TOPIC]})
            httpx.get(f"{address}api/source", params={"source": "canary.txt"})
            assert counted(address)["rag_model_calls_total"] == 1
            while not bodies:
                time.sleep(0.1)
            with httpx.stream(
                "POST", f"{address}api/ask", json=asked, headers={"accept": "text/event-stream"}, timeout=60
            ) as reply:
                lines = reply.iter_lines()
                assert "event: partial" in lines
                os.kill(process_of(address), signal.SIGTERM)
                rest = list(lines)
    names = [name for name in rest if name.startswith("event: ")]
    assert names[-1] == "event: error"
    (error,) = [json.loads(line.removeprefix("data: ")) for line in rest[-2:] if line.startswith("data: ")]
    assert error["error"]["code"] == "server.stopping"
    logged = capfd.readouterr().err
    sent = b"".join(bodies)
    assert not any(word in logged for word in ("Kaufman", "bread", "canary", "Legora"))
    assert not any(word in sent for word in (b"Kaufman", b"bread", b"canary", b"Legora"))
    requests: list[dict[str, Any]] = [json.loads(line) for line in logged.splitlines() if line.startswith("{")]
    (first,) = [line for line in requests if line.get("request") == "first"]
    assert (first["method"], first["area"], first["status"]) == ("POST", "/api/ask", 200)
    spans = {
        span.name: span
        for body in bodies
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    }
    assert set(spans) == {"question", "retrieve", "answer"}
    assert spans["retrieve"].parent_span_id == spans["answer"].parent_span_id == spans["question"].span_id


def test_a_log_line_is_one_object_with_the_name_of_its_request() -> None:
    record = logging.LogRecord("rag", logging.WARNING, __file__, 1, "two\nlines of %s", ("text",), None)
    token = request_id.set("r1")
    line = JsonFormatter().format(record)
    request_id.reset(token)
    assert "\n" not in line
    held = json.loads(line)
    assert (held["message"], held["request"], held["level"]) == ("two\nlines of text", "r1", "WARNING")
