"""The browser of our tests: nothing that is asked of it is waited for without limit."""

import asyncio
import time
from unittest.mock import patch

import pytest

from tests.support.browser import chromium, let_go


def test_a_browser_that_does_not_come_back_fails_the_test_and_is_closed_all_the_same() -> None:
    began = time.monotonic()
    with chromium(seconds=3) as browser:
        page = browser.new_page()
        with pytest.raises(AssertionError, match="did not come back within 3 s"):
            page.evaluate("new Promise(() => {})")
        assert page.evaluate("1 + 1") == 2, "it goes on"
        with pytest.raises(AssertionError, match="did not come back"):
            page.evaluate("() => { for (;;); }")
    assert time.monotonic() - began < 30


def test_a_browser_that_never_says_that_it_closed_fails_no_test() -> None:
    with chromium(seconds=3) as browser:
        context = browser.new_context()
        with patch.object(type(context._impl_obj), "close", lambda self, reason=None: asyncio.sleep(60)):
            let_go(context)
            with pytest.raises(AssertionError, match="did not come back"):
                context.close()
