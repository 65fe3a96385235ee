"""Photograph the real window for the README: `make screenshots`."""

from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser

from rag.index import open_index
from rag.indexing import index_paths
from rag.settings import Settings
from tests.browser import ask, chromium, open_page, running_window
from tests.conftest import SEEDS

HERE = Path(__file__).parent


def photograph(browser: Browser, address: str) -> None:
    """Make three pictures: an opened citation, the documents, and a telephone in the dark."""
    page = open_page(browser, address, "en-US", viewport={"width": 1440, "height": 900})
    ask(page, "what tools does Kaufman recommend for lawyers?")
    page.locator("a.cite").first.click()
    page.locator("#panel mark#opened").wait_for()
    page.wait_for_timeout(500)  # fonts and scrolling settle
    page.screenshot(path=HERE / "citation.png")
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="Documents").click()
    page.locator(".document").first.wait_for()
    page.wait_for_timeout(500)
    page.screenshot(path=HERE / "documents.png")
    phone = open_page(browser, address, "fr-FR", viewport={"width": 390, "height": 844}, color_scheme="dark")
    ask(phone, "Quels outils Kaufman recommande-t-il aux juristes ?")
    phone.wait_for_timeout(500)
    phone.screenshot(path=HERE / "phone.png")


if __name__ == "__main__":
    with TemporaryDirectory(prefix="rag-screenshots-") as folder:
        index_paths(open_index(Settings(index=Path(folder)), create=True), [SEEDS])
        with running_window(Path(folder)) as served, chromium() as started:
            photograph(started, served)
