"""PCs in front of the running product."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from deploy.local.stack import Stack
from tests.support.browser import Pc, chromium

NewPc = Callable[..., Pc]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One for all tests of pages. While it runs, this thread has a running event loop, so it ends with them."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def new_pc(stack: Stack, browser: Browser) -> Iterator[NewPc]:
    """Makes PCs; at the end of the test none of their pages may have complained."""
    pcs: list[Pc] = []

    def new(language: str = "en", *, scripts: bool = True, dark: bool = False) -> Pc:
        pcs.append(Pc(browser, stack.gateway_url, language, scripts=scripts, dark=dark))
        return pcs[-1]

    yield new
    faults = [fault for pc in pcs for fault in pc.faults]
    for pc in pcs:
        pc.close()
    assert faults == []
