"""The one style sheet is whole: a block that is never closed silently takes all that follows with it."""

import re
from pathlib import Path

import pytest

SHEET = (Path(__file__).parents[3] / "gateway/web/static/parcours.css").read_text(encoding="utf-8")


def fault_in(sheet: str) -> str | None:
    """Where blocks do not close as they opened; rooms begin outside any block."""
    depth = 0
    for number, line in enumerate(sheet.splitlines(), start=1):
        if line.startswith("/* ---") and depth:
            return f"line {number}: a room begins inside a block"
        bare = re.sub(r"/\*.*?\*/|\"[^\"]*\"", "", line)
        depth += bare.count("{") - bare.count("}")
        if depth < 0:
            return f"line {number}: closes what was not opened"
    return "the end: a block is open" if depth else None


def test_every_block_is_closed_before_the_next_room() -> None:
    assert fault_in(SHEET) is None


@pytest.mark.parametrize(
    "broken",
    ["@media print {\n a { b: c }\n/* --- rooms --- */\n}", "a { b: c }\n}", "@media print {\n a { b: c }"],
)
def test_a_block_that_is_not_closed_would_be_found(broken: str) -> None:
    assert fault_in(broken) is not None
