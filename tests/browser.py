"""A running window and a real browser for it: Debian's Chromium, driven by Playwright."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
NO_BROWSER = "no Chromium: the window was NOT tested in a browser; install it with: apt-get install chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
WAIT = 60_000  # milliseconds; a slow machine is not a failure


_running: dict[str, subprocess.Popen[bytes]] = {}


@contextmanager
def running_window(index: Path, settings: Mapping[str, str] | None = None, ready: bool = True) -> Iterator[str]:
    """Serve the window over an index in a process of its own; give its address once it is ready, or just there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, **(settings or {}), "RAG_INDEX": str(index), "RAG_PORT": str(port)}
    process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}/"
    _running[address] = process
    try:
        while True:
            assert process.poll() is None, "the window ended by itself"
            try:
                if httpx.get(f"{address}healthz").status_code == 200 or not ready:
                    break
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(30)


def process_of(address: str) -> int:
    """Give the number of the process that serves a window."""
    return _running[address].pid


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the system's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def ask(page: Page, question: str) -> None:
    """Type a question and wait for its whole answer."""
    asked = page.locator("#conversation .message.user").count()
    page.locator("#question textarea").fill(question)
    page.keyboard.press("Enter")
    page.locator("#conversation .message.user").nth(asked).wait_for()
    page.locator("#conversation .origin").nth(asked).wait_for()


def open_page(browser: Browser, address: str, locale: str = "en-US", **options: Any) -> Page:
    """Open the window in a browser of its own (cookies, language) and wait until it can be used."""
    context = browser.new_context(locale=locale, **options)
    context.set_default_timeout(WAIT)
    page = context.new_page()
    page.goto(address)
    page.locator("#examples button").first.wait_for()
    return page
