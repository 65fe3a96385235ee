"""What is counted and traced of an answer: kinds and times, never its text."""

import time

from opentelemetry import trace

from rag import metrics
from rag.answer.answer import Answer

STAGES = ("retrieve", "answer")  # one after the other
NANOSECONDS = 1_000_000_000


def note(answer: Answer) -> None:
    """Count a final answer, and trace it where traces are collected."""
    seconds = answer.trace.seconds
    metrics.questions.labels(answer.trace.kind, answer.language).inc()
    if answer.refused:
        metrics.refusals.labels(answer.language).inc()
    for stage, value in seconds.items():
        metrics.stage_seconds.labels(stage).observe(value)
    _trace(answer, {stage: round(seconds.get(stage, 0.0) * NANOSECONDS) for stage in STAGES})


def _trace(answer: Answer, lengths: dict[str, int]) -> None:
    """Write a span for the question and one for each stage; `lengths` are nanoseconds."""
    tracer = trace.get_tracer("rag")
    begin = time.time_ns() - sum(lengths.values())
    attributes: dict[str, str | bool | int] = {
        "rag.kind": answer.trace.kind,
        "rag.language": answer.language,
        "rag.refused": answer.refused,
        "rag.passages": len(answer.trace.found),
        "rag.citations": len(answer.citations),
    }
    question = tracer.start_span("question", start_time=begin, attributes=attributes)
    around = trace.set_span_in_context(question)
    for stage, length in lengths.items():
        tracer.start_span(stage, around, start_time=begin).end(begin + length)
        begin += length
    question.end(begin)
