"""A real browser on our pages: who looks, what they see, and what a machine can say of accessibility."""

import asyncio
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from unittest.mock import patch

from axe_playwright_python.sync_playwright import Axe
from playwright._impl._sync_base import SyncBase
from playwright.sync_api import Browser, BrowserContext, Locator, Page, StorageState

from deploy import browser as system
from deploy.browser import sign_in

WAIT_MILLISECONDS = 10_000
CALL_SECONDS_MAX = 60.0
"""How long the browser may take for one thing that a test asks of it; what has a limit of its own has less."""
TABS_MAX = 80
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice")
LOCALES = {"fr": "fr-BE", "nl": "nl-BE", "en": "en-GB"}


class NotBack(AssertionError):
    """The browser was asked for something and does not come back."""


@contextmanager
def chromium(seconds: float = CALL_SECONDS_MAX) -> Iterator[Browser]:
    """The system's browser; a browser that does not come back fails the test, which says where it waited.

    Scripts, new tabs, closing and cutting the network have no limit in the library. Everything goes through
    one place of it, and gets one there.
    """
    wait = SyncBase._sync

    async def within(asked: Awaitable[Any]) -> Any:
        async with asyncio.timeout(seconds):
            return await asked

    def limited(self: SyncBase, asked: Awaitable[Any]) -> Any:
        try:
            return wait(self, within(asked))
        except TimeoutError:
            raise NotBack(f"the browser did not come back within {seconds} s") from None

    with patch.object(SyncBase, "_sync", limited), system.chromium() as browser:
        yield browser


def let_go(context: BrowserContext) -> None:
    """Close what a test used. Chromium sometimes never says that it did: that ends with it, and fails no test."""
    with suppress(NotBack):
        context.close()


class Pc:
    """A PC with a browser of its own: its cookies, its storage, its language; and what went wrong on its pages."""

    def __init__(
        self,
        browser: Browser,
        url: str,
        language: str = "en",
        *,
        scripts: bool = True,
        dark: bool = False,
        state: StorageState | None = None,
    ) -> None:
        self.url = url
        self.context: BrowserContext = browser.new_context(
            base_url=url,
            locale=LOCALES[language],
            java_script_enabled=scripts,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            storage_state=state,
        )
        self.context.set_default_timeout(WAIT_MILLISECONDS)
        self.faults: list[str] = []
        self.page = self.tab()

    def tab(self) -> Page:
        """One more tab."""
        page = self.context.new_page()
        page.on("console", lambda said: self._note(said.type, said.text))
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        return page

    def sign_in(self, user: str, password: str, path: str = "/") -> Page:
        """Through the form, as a person does."""
        sign_in(self.page, user, password, path)
        return self.page

    def close(self) -> None:
        """Switch it off; what is stored in it is gone."""
        let_go(self.context)

    def _note(self, kind: str, text: str) -> None:
        """What the browser complains about: a policy that was broken, a script that failed."""
        if kind == "error" or "Content Security Policy" in text:
            self.faults.append(f"{kind}: {text}")


class Keys:
    """A person without a mouse."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def to(self, wanted: Locator) -> None:
        """On to it with the Tab key, and no further: a group of choices is entered once."""
        for _ in range(TABS_MAX):
            self.page.keyboard.press("Tab")
            if wanted.evaluate("it => it === document.activeElement"):
                return
        raise AssertionError(f"the Tab key does not lead to {wanted}")

    def press(self, wanted: Locator) -> None:
        """Press a button or follow a link."""
        self.to(wanted)
        self.page.keyboard.press("Enter")

    def choose(self, group: Locator, option: str) -> None:
        """One of some choices that exclude each other."""
        inputs = group.locator("input[type=radio]")
        self.to(inputs.first)
        self.page.keyboard.press("Space")
        for _ in range(inputs.count()):
            if inputs.locator(f"xpath=self::*[@value='{option}']").is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"the arrow keys do not lead to {option}")


def accessibility_faults(page: Page) -> list[str]:
    """What axe finds wrong on a page, each with the place."""
    options: dict[str, Any] = {
        "runOnly": {"type": "tag", "values": list(RULES)},
        "resultTypes": ["violations"],
    }
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{fault['id']} ({fault['help']}): {node['target']} {node.get('failureSummary', '')}"
        for fault in found
        for node in fault["nodes"]
    ]
