"""An operator looks whether everything works, also while something does not."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect

from deploy.demo.people import DEMO_PASSWORD
from deploy.local.stack import Stack
from tests.system.pages.conftest import NewPc

AWAY_MILLISECONDS = 20_000
WORDS = {
    "fr": {"fine": "Tout répond", "again": "Regarder à nouveau", "away": "Absent", "todo": "Que faire"},
    "nl": {
        "fine": "Alles antwoordt",
        "again": "Opnieuw kijken",
        "away": "Afwezig",
        "todo": "Wat u kunt doen",
    },
}


@contextmanager
def stopped(stack: Stack, *processes: str) -> Iterator[None]:
    """Some processes, taken away for a while."""
    for name in processes:
        stack.stop(name)
    try:
        yield
    finally:
        for name in processes:
            stack.start(name)


def looks_fine(page: Page, words: dict[str, str]) -> None:
    """Look again until all is well; other tests of this stack may have left it catching up."""
    fine = page.locator("#summary .message.good").get_by_text(words["fine"])
    for _ in range(40):
        if fine.is_visible():
            return
        page.wait_for_timeout(500)
        page.reload()
    expect(fine).to_be_visible()


@pytest.mark.parametrize("language", ["fr", "nl"])
def test_the_operator_sees_by_keyboard_that_everything_works(new_pc: NewPc, language: str) -> None:
    words = WORDS[language]
    page = new_pc(language).sign_in("operator", DEMO_PASSWORD, "/operations")
    looks_fine(page, words)
    assert page.locator(".badge.away, .badge.silent").count() == 0
    told = page.locator("#looked-at").text_content() or ""
    page.get_by_role("checkbox").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name=words["again"])).to_be_focused()
    page.wait_for_timeout(1000)  # the page tells seconds
    page.keyboard.press("Enter")
    expect(page.locator("#looked-at")).not_to_have_text(told)
    page.get_by_role("checkbox").focus()
    told = page.locator("#looked-at").text_content() or ""
    page.wait_for_timeout(1000)
    page.keyboard.press("Space")  # it looks again by itself from now on
    expect(page.locator("#looked-at")).not_to_have_text(told)
    expect(page.get_by_role("checkbox")).to_be_focused()


def test_what_is_away_is_told_with_what_to_do_and_takes_nothing_else_off_the_page(
    stack: Stack, new_pc: NewPc
) -> None:
    words = WORDS["nl"]
    page = new_pc("nl", scripts=False).sign_in("operator", DEMO_PASSWORD, "/operations")
    looks_fine(page, words)
    with stopped(stack, "reporting-serve", "progress-serve"):
        page.wait_for_timeout(1000)  # an answer about readiness stands for a second
        page.reload()
        for part in ("reporting", "progress"):
            row = page.get_by_role("row", name=f"({part})")
            expect(row.get_by_text(words["away"])).to_be_visible(timeout=AWAY_MILLISECONDS)
        expect(page.get_by_role("row", name="(content)").locator(".badge.ready")).to_be_visible()
        expect(page.get_by_role("heading", name=words["todo"])).to_be_visible()
        expect(page.get_by_text("./parcours logs progress-serve")).to_be_visible()
        assert page.get_by_role("table").count() == 1, "nobody can say how far the reports are"
    looks_fine(page, words)
