"""What whoever runs the program asks it: whether it is ready, and what it has counted."""

from fastapi import FastAPI
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from rag import metrics
from rag.api.failures import tell_failures
from rag.api.tracing import NOTHING_OF_REQUESTS
from rag.problems import RagError
from rag.service.engine import Engine


def readiness(engine: Engine) -> JSONResponse:
    """Tell whether requests should be sent here: 503 while the model loads, or once a stop began."""
    problem = engine.problem
    try:
        engine.index.counts()
    except RagError as unusable:
        problem = unusable
    if engine.stopping.is_set():
        problem = RagError("server.stopping")
    is_ready = engine.is_answering and problem is None
    why = {"problem": str(problem)} if problem else {}
    return JSONResponse({"ready": is_ready, **why}, 200 if is_ready else 503)


def metrics_application(engine: Engine) -> FastAPI:
    """Build the application for `/metrics`, in Prometheus' text format."""
    app = FastAPI(openapi_url=None, telemetry=NOTHING_OF_REQUESTS)
    tell_failures(app)

    @app.get("/metrics")
    def counted() -> Response:
        """Tell what was counted since the program started."""
        counts = engine.index.counts()
        metrics.index_documents.set(counts.documents)
        metrics.index_passages.set(counts.passages)
        metrics.index_version.set(engine.index.version)
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return app
