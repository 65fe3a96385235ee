"""Serve the window: on loopback, inside our own web application, with a sign of life at `/healthz`."""

import argparse
import ipaddress
import os
import socket
import sys
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from rag.people.people import People, is_empty
from rag.problems import CommandError, RagError
from rag.settings import Settings

if TYPE_CHECKING:
    from fastapi import FastAPI

    from rag.service.engine import Engine

STATIC = Path(__file__).parent / "static"
LOCAL_NAMES = ["127.0.0.1", "localhost", "[::1]"]

# Before gradio is imported: it reads these once. Nothing is reported, looked up or fetched.
os.environ.update(GRADIO_ANALYTICS_ENABLED="False", HF_HUB_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1")


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted; return 1 where the window cannot start, 2 where an option is wrong."""
    options = parser().parse_args(arguments)
    try:
        settings = Settings.from_env()
        check_address(settings, options.behind_proxy)
        serve(settings, options.behind_proxy)
    except RagError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def parser() -> argparse.ArgumentParser:
    """Describe the options."""
    top = argparse.ArgumentParser(prog="app.py", description="Open the chat window on this machine.")
    top.add_argument(
        "--behind-proxy",
        metavar="HOST",
        help="listen on RAG_HOST for a proxy that logs people in; HOST is the name they see in their browser",
    )
    return top


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches an address. Raises `CommandError` where it is none."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError as error:
        raise CommandError(f"RAG_HOST={host} is not an address; use 127.0.0.1") from error


def needs_login(settings: Settings, behind_proxy: str | None) -> bool:
    """Return whether people have to log in here, and not at a proxy."""
    return settings.login or not (is_loopback(settings.host) or behind_proxy)


def check_address(settings: Settings, behind_proxy: str | None) -> None:
    """Refuse an address that others can reach if nobody logs them in, and a port that is taken."""
    if needs_login(settings, behind_proxy) and is_empty(settings.index):
        where = (
            "RAG_LOGIN=on asks for a login"
            if settings.login
            else (f"RAG_HOST={settings.host} would let everybody on the network in without a login")
        )
        proxy = "" if settings.login else (", use 127.0.0.1, or --behind-proxy HOST if a proxy in front logs people in")
        add = "python -m rag user add NAME --role admin"
        raise CommandError(f"{where}, and nobody has one yet; add a person with {add}{proxy}")
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise CommandError(
                f"{settings.host}:{settings.port} cannot be used ({error.strerror}); choose another RAG_PORT"
            ) from error


def serve(settings: Settings, behind_proxy: str | None = None) -> None:
    """Serve the window until interrupted."""
    import uvicorn

    from rag.api.logs import start_log
    from rag.api.tracing import start_tracing
    from rag.service.engine import Engine

    start_log(settings.log)
    start_tracing()
    engine = Engine(settings, create=True)
    app = application(engine, behind_proxy)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    print(f"http://{host}:{settings.port}/", flush=True)

    class Server(uvicorn.Server):
        """Let what is in flight end well once a stop is asked for."""

        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            engine.stopping.set()
            super().handle_exit(sig, frame)

    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,  # as all others
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=2,  # seconds; an open window would hold the program back for ever
    )
    Server(config).run()


def application(engine: "Engine", behind_proxy: str | None = None) -> "FastAPI":
    """Make the web application, window and API; the model loads behind it."""
    settings = engine.settings
    os.environ["GRADIO_TEMP_DIR"] = str(settings.index.absolute() / "uploads")
    import gradio as gr
    from fastapi import FastAPI, Request
    from fastapi.responses import JSONResponse
    from fastapi.staticfiles import StaticFiles
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    from rag.api.access import Access
    from rag.api.application import Api
    from rag.api.door import Door
    from rag.api.tracing import NOTHING_OF_REQUESTS
    from rag.conversations.database import Database
    from rag.conversations.opinions import Opinions
    from rag.conversations.store import Conversations
    from rag.documents.parsed import MAX_FILE
    from rag.window.conversation_routes import conversation_router
    from rag.window.export_routes import export_router
    from rag.window.feedback_routes import feedback_router
    from rag.window.greeting import greeting_router
    from rag.window.guard import Guard
    from rag.window.owner import interface_of
    from rag.window.replies import Replies
    from rag.window.sources import source_router
    from rag.window.window import build_window, i18n, theme

    access = Access(settings.keys.get("RAG_API_KEY"), behind_proxy is not None)
    api = Api(engine, access)
    app = FastAPI(openapi_url=None, lifespan=api.lifespan, telemetry=NOTHING_OF_REQUESTS)
    is_login = needs_login(settings, behind_proxy)
    if is_login:
        key = settings.keys.get("RAG_API_KEY")
        app.add_middleware(Door, People(settings.index), key, behind_proxy is not None)
    app.add_middleware(Guard)
    hosts = [*LOCAL_NAMES, settings.host, *([behind_proxy] if behind_proxy else [])]
    if is_login and settings.host in ("0.0.0.0", "::"):  # has no name of its own; the log-in guards it
        hosts = ["*"]
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=hosts)

    @app.get("/healthz")
    async def healthz() -> JSONResponse:
        """Tell whether questions can be answered."""
        problem = {"problem": str(engine.problem)} if engine.problem else {}
        return JSONResponse({"ready": engine.is_answering, **problem}, 200 if engine.is_answering else 503)

    @app.exception_handler(RagError)
    async def told(request: Request, problem: RagError) -> JSONResponse:
        """Say what went wrong in the window's language."""
        return JSONResponse({"problem": problem.told(interface_of(request))}, 404)

    api.mount(app)
    app.include_router(source_router(engine.index))
    app.include_router(greeting_router(engine))
    database = Database(settings.index)
    conversations = Conversations(database)
    app.include_router(feedback_router(engine, Opinions(database)))
    app.include_router(export_router(conversations))
    app.include_router(conversation_router(engine, conversations, Replies(engine, conversations)))
    app.mount("/static/window", StaticFiles(directory=STATIC))
    gr.mount_gradio_app(
        app,
        build_window(engine),
        path="/",
        server_name=settings.host,
        server_port=settings.port,
        footer_links=[],
        run_history=False,
        show_error=False,
        enable_monitoring=False,
        max_file_size=MAX_FILE,
        ssr_mode=False,
        pwa=False,
        i18n=i18n,
        theme=theme,
        app_kwargs={"openapi_url": None, "telemetry": NOTHING_OF_REQUESTS},
    )
    engine.start()  # not before the window is built: the two would only slow each other
    return app
