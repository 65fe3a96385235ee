"""All that programs use, added to the application that serves the window."""

from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any

from fastapi import FastAPI
from starlette.routing import Route

from rag.api.access import Access
from rag.api.gate import Gate
from rag.api.mcp import session_manager
from rag.api.native import native_application
from rag.api.openai.application import openai_application
from rag.api.operations import metrics_application, readiness
from rag.api.request_id import RequestId
from rag.service.engine import Engine

INFO = {"title": "Ask the documents", "version": "1"}


class Api:
    """Hold the routes for programs: `/api`, `/v1`, `/mcp`, and what describes them."""

    def __init__(self, engine: Engine, access: Access) -> None:
        self._access = access
        self._parts = {"/api": native_application(engine), "/v1": openai_application(engine)}
        self._tools = session_manager(engine)
        self._metrics = metrics_application(engine)
        self._engine = engine

    def lifespan(self, app: FastAPI) -> AbstractAsyncContextManager[None]:
        """Serve tools as long as the application runs."""
        return self._tools.run()

    def mount(self, app: FastAPI) -> None:
        """Add the routes to an application."""
        app.add_middleware(RequestId)
        app.get("/openapi.json")(self.description)
        app.get("/readyz")(partial(readiness, self._engine))
        for path, part in (("/mcp", self._tools.handle_request), ("/metrics", self._metrics)):
            app.router.routes.append(Route(path, Gate(part, self._access)))
        for prefix, part in self._parts.items():
            app.mount(prefix, Gate(part, self._access))

    def description(self) -> dict[str, Any]:
        """Describe our own routes, and no others, as OpenAPI does."""
        parts = {prefix: part.openapi() for prefix, part in self._parts.items()}
        paths = {prefix + path: item for prefix, part in parts.items() for path, item in part["paths"].items()}
        components = [part.get("components", {}).get("schemas", {}) for part in parts.values()]
        schemas = {name: schema for part in components for name, schema in part.items()}
        return {"openapi": "3.1.0", "info": INFO, "paths": paths, "components": {"schemas": schemas}}
