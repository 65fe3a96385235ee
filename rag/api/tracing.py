"""Traces for OpenTelemetry, sent only where a collector is configured by its usual variables."""

import os

from fastapi.telemetry import TelemetryConfig

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
NAME = "ask-the-documents"
# The web framework's own traces and logs would tell addresses, in which documents are named, and what was sent.
NOTHING_OF_REQUESTS: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}


def start_tracing() -> None:
    """Send what is traced to the collector that the environment names, if it names one."""
    if not any(map(os.environ.get, ENDPOINTS)):
        return
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    resource = Resource.create({SERVICE_NAME: os.environ.get("OTEL_SERVICE_NAME", NAME)})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
