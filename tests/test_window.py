"""The window in a real browser: what a person sees, clicks and may rely on."""

import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.browser import CHROMIUM, NO_BROWSER, WAIT, ask, chromium, open_page, running_window
from tests.model_server import Reply, saying, serving

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason=NO_BROWSER)]
expect.set_options(timeout=WAIT)

HOSTILE_NAME = "<img src=x onerror=window.ran=1>.md"
HOSTILE = """# Notice <script>window.ran=1</script>

The secret holiday of Zorblax is <b onmouseover="window.ran=1">Tuesday</b>. ![x](https://evil.invalid/x.png)
[click](javascript:window.ran=1) <img src=https://evil.invalid/y.png onerror="window.ran=1">
<iframe src="//evil.invalid">
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(autouse=True)
def closing_pages(browser: Browser) -> Iterator[None]:
    """Close what a test opened: pages left open slow the next ones."""
    yield
    for context in browser.contexts:
        context.close()


def upload(page: Page, file: Path) -> None:
    page.get_by_role("tab", name="Documents").click()
    page.locator("#upload input[type=file]").set_input_files(str(file))


def delete(page: Page, title: str) -> None:
    card = page.locator(".document").filter(has_text=title)
    confirm = page.get_by_role("button", name="Yes, delete")
    while not confirm.count():  # the list may be drawn anew under the pointer: a person clicks again
        with suppress(PlaywrightTimeout):
            card.get_by_role("button", name="Delete").first.click(timeout=3000)
        page.wait_for_timeout(1500)
    confirm.click()
    expect(page.locator("#outcome")).to_contain_text("was deleted")
    expect(page.locator(".document").filter(has_text=title)).to_have_count(0)


@pytest.mark.parametrize(
    ("locale", "question"),
    [
        ("en-US", "what tools does Kaufman recommend for lawyers?"),
        ("fr-FR", "Quels outils Kaufman recommande-t-il aux juristes ?"),
    ],
)
def test_a_click_on_a_citation_shows_the_passage_in_its_document(
    browser: Browser, address: str, locale: str, question: str
) -> None:
    page = open_page(browser, address, locale)
    ask(page, question)
    answer = page.locator(".answer").last
    expect(answer).to_contain_text("Lexis+ AI ou Legora")
    page.locator("a.cite").first.click()
    opened = page.locator("#panel mark#opened")
    expect(opened).to_be_in_viewport()
    quote = page.locator(".answer li").first.inner_text().rsplit("\u00a0", 1)[0]
    assert opened.inner_text().strip() == quote.strip()
    assert ("in French" in page.locator("#panel header").inner_text()) == (locale == "en-US")
    shown = answer.locator("a.cite").count()
    page.locator("#panel [data-do=next]").click()  # from the last one to the first
    expect(page.locator("#panel-count")).to_have_text(f"{min(2, shown)} / {shown}")


def test_the_keyboard_alone_opens_and_closes_a_citation(browser: Browser, address: str) -> None:
    page = open_page(browser, address)
    ask(page, "what tools does Kaufman recommend for lawyers?")
    page.locator("#question textarea").focus()
    for _ in range(30):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.className") == "cite":
            break
    page.keyboard.press("Enter")
    expect(page.locator("#panel h2")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    assert page.evaluate("document.activeElement.className") == "cite"


def test_a_follow_up_shows_what_was_searched_and_a_refusal_shows_the_closest_passages(
    browser: Browser, address: str
) -> None:
    page = open_page(browser, address)
    ask(page, "what tools does Kaufman recommend for lawyers?")
    ask(page, "and for developers?")
    expect(page.locator(".answer").nth(1)).to_contain_text("Question searched: what tools does Kaufman recommend")
    page.get_by_role("button", name="Ask again").click()
    page.get_by_role("button", name="Stop").wait_for(state="hidden")
    expect(page.locator(".answer").nth(1)).to_contain_text("Question searched: what tools does Kaufman recommend")
    expect(page.locator("#conversation .message.user")).to_have_count(2)
    ask(page, "What is the boiling point of tungsten on Mars?")
    refusal = page.locator(".answer").nth(2)
    expect(refusal).to_contain_text("I searched 5 documents")
    refusal.locator("a.near").first.click()
    expect(page.locator("#panel mark#opened")).to_be_in_viewport()


def test_a_document_is_added_answers_and_is_deleted(browser: Browser, address: str, tmp_path: Path) -> None:
    file = tmp_path / "leave.txt"
    file.write_text("Parental leave at Zorbco\n\nAt Zorbco, parental leave lasts nineteen weeks for every employee.\n")
    page = open_page(browser, address)
    upload(page, file)
    expect(page.locator("#outcome")).to_contain_text("leave.txt")
    expect(page.locator("#outcome")).to_contain_text("added")
    expect(page.locator("#holds")).to_contain_text("6 documents")
    page.get_by_role("tab", name="Questions").click()
    ask(page, "How long is parental leave at Zorbco?")
    expect(page.locator(".answer").last).to_contain_text("nineteen weeks")
    page.get_by_role("tab", name="Documents").click()
    delete(page, "Parental leave at Zorbco")
    page.get_by_role("tab", name="Questions").click()
    page.locator("a.cite").first.click()
    expect(page.locator("#panel")).to_contain_text("no longer in the documents")


def test_what_cannot_be_read_is_named_with_the_reason(browser: Browser, address: str, tmp_path: Path) -> None:
    empty = tmp_path / "empty.pdf"
    empty.write_bytes(b"not a pdf")
    page = open_page(browser, address)
    upload(page, empty)
    expect(page.locator("#outcome")).to_contain_text("not added:")


def test_hostile_names_and_documents_are_only_ever_text(browser: Browser, address: str, tmp_path: Path) -> None:
    file = tmp_path / HOSTILE_NAME
    file.write_text(HOSTILE)
    page = open_page(browser, address)
    asked_for: list[str] = []
    page.on("request", lambda request: asked_for.append(request.url))
    page.on("dialog", lambda dialog: pytest.fail("a dialog opened"))
    upload(page, file)
    expect(page.locator("#outcome")).to_contain_text("added")
    page.get_by_role("tab", name="Questions").click()
    ask(page, "What is the secret holiday of Zorblax? <img src=https://evil.invalid/q.png onerror=window.ran=1>")
    expect(page.locator(".answer").last).to_contain_text("Tuesday")
    page.locator("a.cite").first.click()
    expect(page.locator("#panel mark#opened")).to_contain_text("Zorblax")
    page.locator("#panel mark#opened").hover()
    expect(page.locator("#panel-text")).to_contain_text("<script>window.ran=1</script>")
    assert page.evaluate("window.ran") is None
    assert page.locator(".answer img, #panel img, .answer iframe, #panel iframe, .document img").count() == 0
    assert all(url.startswith((address, "data:", "blob:")) for url in asked_for)
    page.get_by_role("tab", name="Documents").click()
    delete(page, "Notice")


def test_nothing_is_fetched_from_elsewhere(browser: Browser, address: str) -> None:
    asked_for: list[str] = []
    context = browser.new_context()
    page = context.new_page()
    page.on("request", lambda request: asked_for.append(request.url))
    page.goto(address)
    page.locator("#examples button").first.click()
    page.locator("a.cite").first.wait_for()
    page.get_by_role("tab", name="Documents").click()
    page.locator(".document").first.wait_for()
    assert asked_for
    assert all(url.startswith((address, "data:", "blob:")) for url in asked_for)


def test_the_language_changes_at_once_and_the_conversation_stays(browser: Browser, address: str) -> None:
    page = open_page(browser, address, "fr-FR")
    expect(page.get_by_role("button", name="Demander")).to_be_visible()
    ask(page, "Quels outils Kaufman recommande-t-il aux juristes ?")
    page.locator("#language").click()
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_visible()
    expect(page.locator(".answer")).to_contain_text("Legora")
    assert page.evaluate("document.documentElement.lang") == "en"
    page.reload()
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_visible()


def test_two_people_never_see_each_other(browser: Browser, address: str, tmp_path: Path) -> None:
    first, second = open_page(browser, address), open_page(browser, address)
    ask(first, "Is canary-one in the documents?")
    ask(second, "Is canary-two in the documents?")
    file = tmp_path / "canary-upload.pdf"
    file.write_bytes(b"not a pdf")
    upload(first, file)
    expect(first.locator("#outcome")).to_contain_text("canary-upload.pdf")
    second.get_by_role("tab", name="Documents").click()
    expect(second.locator(".document").first).to_be_visible()
    assert "canary-one" not in second.content()
    assert "canary-upload" not in second.content()
    assert "canary-two" not in first.content()


def test_axe_finds_nothing_serious(browser: Browser, address: str) -> None:
    for scheme in ("light", "dark"):
        page = open_page(browser, address, bypass_csp=True, color_scheme=scheme)
        found = Axe().run(page).response["violations"]
        ask(page, "what tools does Kaufman recommend for lawyers?")
        page.locator("a.cite").first.click()
        page.locator("#panel mark#opened").wait_for()
        found += Axe().run(page).response["violations"]
        page.keyboard.press("Escape")
        page.get_by_role("tab", name="Documents").click()
        page.locator(".document").first.wait_for()
        found += Axe().run(page).response["violations"]
        serious = [
            (v["id"], n["html"][:200]) for v in found if v["impact"] in ("serious", "critical") for n in v["nodes"]
        ]
        assert not serious


def slowly(reply: Reply) -> None:
    """Say something true, then something else without end."""
    reply.begin()
    reply.word("Kaufman recommande Lexis+ AI ou Legora aux professions juridiques [1]. Il ")
    for _ in range(2000):
        reply.word("ajoute encore ")
        time.sleep(0.05)


def test_a_model_answers_with_its_name_and_verdicts_and_can_be_stopped(
    browser: Browser, seeds_index: Path, tmp_path: Path
) -> None:
    index = tmp_path / "index"
    shutil.copytree(seeds_index, index)
    said = (
        "Kaufman recommande Lexis+ AI ou Legora aux professions juridiques [1]. Il cite aussi Harvey et 17 outils [1]."
    )
    with serving(saying(said), slowly) as server:
        settings = {"RAG_MODEL": "openai:maison", "RAG_MODEL_BASE_URL": server.url, "RAG_UNSUPPORTED": "mark"}
        with running_window(index, settings) as address:
            page = open_page(browser, address, "fr-FR")
            ask(page, "Quels outils Kaufman recommande-t-il aux juristes ?")
            answer = page.locator(".answer").first
            expect(answer).to_contain_text("Rédigé par openai:maison")
            expect(answer).to_contain_text("rien n’a quitté cette machine")
            expect(answer.locator(".unsupported")).to_have_count(1)
            expect(answer.locator(".verdict")).to_contain_text("n’est pas dans le passage cité")
            answer.locator("a.cite").click()
            expect(page.locator("#panel mark#opened")).to_contain_text("Legora")
            page.keyboard.press("Escape")
            page.locator("#question textarea").fill("Quels outils pour les juristes, selon Kaufman ?")
            page.keyboard.press("Enter")
            expect(page.locator(".answer").nth(1)).to_contain_text("en cours de vérification")
            page.get_by_role("button", name="Arrêter").click()
            expect(page.locator(".answer").nth(1)).to_contain_text("Réponse arrêtée")
            assert server.left.wait(30), "the request went on"
