"""A real browser in front of the pages, for tests, benches and screenshots: the system's Chromium, without a window."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from deploy.local import programs

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# Root may not use the sandbox, and /dev/shm is small in containers.
FLAGS = ("--no-sandbox", "--disable-dev-shm-usage")


@contextmanager
def chromium() -> Iterator["Browser"]:
    """The browser. Raises `ServerMissing` when it is not installed."""
    from playwright.sync_api import sync_playwright  # a tool of development: `up` does without

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(programs.chromium()), args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def sign_in(page: "Page", user: str, password: str, path: str = "/") -> None:
    """Through the form, as a person does."""
    page.goto(f"/sign-in?next={path}")
    page.locator("#user").fill(user)
    page.locator("#password").fill(password)
    page.locator("main form button").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
