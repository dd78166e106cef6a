"""The whole product, as a person starts it: one stack from an empty state folder for all system tests."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.demo.load import load
from deploy.local.stack import Stack


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    with tempfile.TemporaryDirectory(prefix="parcours-system-") as name:
        stack = Stack(Path(name) / "state")
        try:
            stack.up()
            load(stack)
            yield stack
        finally:
            stack.down()
