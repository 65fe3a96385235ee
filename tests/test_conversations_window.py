"""Conversations in a real browser: kept, found again, taken away, and nothing typed is lost."""

import os
import shutil
import signal
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import docx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import CHROMIUM, NO_BROWSER, WAIT, ask, chromium, open_page, process_of, running_window
from tests.model_server import saying, serving
from tests.test_window import delete, slowly, upload

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason=NO_BROWSER)]
expect.set_options(timeout=WAIT)

QUESTION = "what tools does Kaufman recommend for lawyers?"


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


def write(page: Page, question: str) -> None:
    page.locator("#question textarea").fill(question)
    page.keyboard.press("Enter")


def test_reload_back_and_a_second_tab_show_the_conversation(browser: Browser, address: str) -> None:
    page = open_page(browser, address)
    ask(page, QUESTION)
    kept = page.url
    assert "?c=" in kept
    expect(page).to_have_title(f"{QUESTION} · Ask the documents")
    page.reload()
    expect(page.locator(".answer")).to_contain_text("Legora")
    second = page.context.new_page()
    second.goto(kept)
    expect(second.locator(".answer")).to_contain_text("Legora")
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".answer")).to_have_count(0)
    expect(page).to_have_title("Ask the documents")
    page.go_back()
    expect(page.locator(".answer")).to_contain_text("Legora")
    ask(second, "and for developers?")
    expect(page.locator(".answer")).to_have_count(2)
    page.locator("a.cite").first.click()
    expect(page.locator("#panel mark#opened")).to_be_in_viewport()
    page.go_back()
    expect(page.locator("#panel")).to_be_hidden()
    expect(page.locator(".answer")).to_have_count(2)


def test_a_conversation_is_renamed_searched_and_deleted(browser: Browser, address: str) -> None:
    page = open_page(browser, address)
    ask(page, QUESTION)
    page.get_by_role("button", name="New conversation").click()
    ask(page, "Why is Klarna hiring people again?")
    items = page.locator("#conversations li")
    expect(items).to_have_count(2)
    items.nth(1).hover()
    items.nth(1).get_by_role("button", name="Rename").click()
    page.get_by_role("textbox", name="Rename").fill("Tools <b>of</b> lawyers")
    page.keyboard.press("Enter")
    expect(items.nth(1)).to_contain_text("Tools <b>of</b> lawyers")
    page.get_by_role("searchbox").fill("legora")
    expect(items).to_have_count(1)
    items.first.hover()
    items.first.get_by_role("button", name="Delete the conversation").click()
    items.first.get_by_role("button", name="Yes, delete").click()
    expect(items).to_have_count(0)
    page.get_by_role("searchbox").fill("")
    expect(items).to_have_count(1)
    expect(items).to_contain_text("Klarna")


def test_a_question_asked_while_the_network_is_gone_stays_and_is_asked_again(browser: Browser, address: str) -> None:
    page = open_page(browser, address)
    page.context.set_offline(True)
    write(page, QUESTION)
    expect(page.locator("#notice")).to_contain_text("Your question stays here")
    expect(page.locator("#question textarea")).to_have_value(QUESTION)
    page.context.set_offline(False)
    expect(page.locator(".answer")).to_contain_text("Legora")
    expect(page.locator("#question textarea")).to_have_value("")
    expect(page.locator("#notice")).to_be_hidden()


def test_a_question_is_recalled_and_edited_in_its_place(browser: Browser, address: str) -> None:
    page = open_page(browser, address)
    ask(page, "Why is Klarna hiring peeple?")
    ask(page, "Which jobs would be affected first?")
    field = page.locator("#question textarea")
    field.focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(field).to_have_value("Why is Klarna hiring peeple?")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(field).to_have_value("")
    page.locator("article").first.get_by_role("button", name="Edit").click()
    write(page, QUESTION)
    expect(page.locator("article").first.locator(".answer")).to_contain_text("Legora")
    page.reload()
    questions = page.locator("#conversation .message.user")
    expect(questions).to_have_text([QUESTION, "Which jobs would be affected first?"])


def test_a_ticked_document_limits_the_answer_and_is_kept(browser: Browser, address: str) -> None:
    page = open_page(browser, address)
    page.get_by_role("button", name="Choose documents").click()
    page.locator("#tickable label").filter(has_text="002_202cd321a56f5b2e.txt").click()
    page.keyboard.press("Escape")
    ask(page, QUESTION)
    expect(page.locator(".answer")).to_contain_text("I searched 1\u00a0document and")
    page.reload()
    expect(page.locator(".chip")).to_contain_text("002_202cd321a56f5b2e.txt")
    page.get_by_role("button", name="Remove from the choice").click()
    ask(page, QUESTION)
    expect(page.locator(".answer").nth(1)).to_contain_text("Legora")


def test_an_answer_is_copied_and_exported(browser: Browser, address: str) -> None:
    page = open_page(browser, address, permissions=["clipboard-read", "clipboard-write"])
    ask(page, QUESTION)
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.locator("#toast")).to_contain_text("copied with its references")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "[1] “Il n’appelle pas" in copied
    assert "000_24cf3f8a1db7a7ed.txt" in copied
    with page.expect_download() as download:
        page.locator("article").get_by_role("link", name="Word").click()
    document = docx.Document(BytesIO(download.value.path().read_bytes()))
    assert document.paragraphs[0].text == QUESTION
    with page.expect_download() as download:
        page.locator("#exports").get_by_role("link", name="Markdown").click()
    assert "[^1]: “Il n’appelle pas" in download.value.path().read_text()
    assert download.value.suggested_filename == "what tools does Kaufman recommend for lawyers.md"


def test_what_a_conversation_cites_is_verified_when_it_is_opened_again(
    browser: Browser, address: str, tmp_path: Path
) -> None:
    file = tmp_path / "notice.txt"
    file.write_text("Notice at Zorbco\n\nAt Zorbco, the notice period lasts eleven weeks for every employee.\n")
    page = open_page(browser, address)
    upload(page, file)
    expect(page.locator("#outcome")).to_contain_text("added")
    page.get_by_role("tab", name="Questions").click()
    ask(page, "How long is the notice period at Zorbco?")
    expect(page.locator(".answer")).to_contain_text("eleven weeks")
    file.write_text("Notice at Zorbco\n\nAt Zorbco, the notice period lasts nine weeks for every employee.\n")
    upload(page, file)
    page.get_by_role("button", name="Replace", exact=True).click()
    expect(page.locator("#outcome")).to_contain_text("replaced")
    removal = page.locator("#bin .removal").filter(has_text="notice.txt")
    while not removal.count() or not removal.first.is_visible():  # drawn anew, it is closed again
        page.locator("#bin button").first.click()
        page.wait_for_timeout(1500)
    page.reload()
    expect(page.locator(".answer .lost")).to_contain_text("eleven weeks")
    expect(page.locator(".answer .verdict")).to_contain_text("no longer stands word for word")
    page.get_by_role("tab", name="Documents").click()
    delete(page, "Notice at Zorbco")


def test_a_killed_program_has_lost_nothing(browser: Browser, seeds_index: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    shutil.copytree(seeds_index, index)
    alone = saying("Which jobs would be affected first?")  # a question with a history is rewritten first
    with serving(alone, slowly) as server:
        settings = {"RAG_MODEL": "openai:maison", "RAG_MODEL_BASE_URL": server.url}
        with running_window(index) as address:
            page = open_page(browser, address)
            ask(page, QUESTION)
            kept = page.url.removeprefix(address)
        with running_window(index, settings) as address:
            page.goto(address + kept)
            write(page, "Which jobs would be affected first?")
            expect(page.locator("article.answering")).to_have_count(1)
            os.kill(process_of(address), signal.SIGKILL)
    with running_window(index) as address:
        page.goto(address + kept)
        expect(page.locator(".answer").first).to_contain_text("Legora")
        expect(page.locator(".answer").nth(1)).to_contain_text("left without an answer")
        page.get_by_role("button", name="Ask again").click()
        expect(page.locator(".origin")).to_have_count(2)


def test_the_box_stays_open_and_stop_keeps_what_is_verified(
    browser: Browser, seeds_index: Path, tmp_path: Path
) -> None:
    index = tmp_path / "index"
    shutil.copytree(seeds_index, index)
    said = saying("Kaufman recommande Lexis+ AI ou Legora aux professions juridiques [1].")
    with serving(slowly, said) as server:
        settings = {"RAG_MODEL": "openai:maison", "RAG_MODEL_BASE_URL": server.url}
        with running_window(index, settings) as address:
            page = open_page(browser, address, "fr-FR")
            write(page, "Quels outils Kaufman recommande-t-il aux juristes ?")
            expect(page.locator(".answer")).to_contain_text("en cours de vérification")
            write(page, "Quels outils Kaufman conseille-t-il aux juristes ?")
            expect(page.locator(".answer").nth(1)).to_contain_text("Attend la réponse précédente")
            page.locator("#question textarea").fill("lettres tapées")
            page.get_by_role("button", name="Arrêter").click()
            stopped = page.locator(".answer").first
            expect(stopped).to_contain_text("Kaufman recommande Lexis+ AI ou Legora")
            expect(stopped).to_contain_text("Réponse arrêtée")
            expect(page.locator(".answer").nth(1)).to_contain_text("Rédigé par openai:maison")
            expect(page.locator("#question textarea")).to_have_value("lettres tapées")
            page.reload()
            expect(page.locator(".answer").first).to_contain_text("Réponse arrêtée")
