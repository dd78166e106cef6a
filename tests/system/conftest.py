"""The whole product, as a person starts it: one stack from an empty state folder for all system tests."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.demo.load import cast_of, load
from deploy.demo.story import Cast, Story
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


@pytest.fixture(scope="session")
def cast(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Cast:
    """The three learners of a story that was told on this stack: one passed, one in the middle, one overdue."""
    cast = cast_of(stack, tmp_path_factory.mktemp("cast") / "course.zip")
    for _ in Story(stack.gateway_url, cast).play():
        pass
    return cast
