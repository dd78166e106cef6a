"""The page of threats names guards and tests that exist."""

import re
from pathlib import Path

PAGE = Path("docs/security.md")


def places(text: str) -> set[str]:
    """What stands in backquotes and looks like a file of ours."""
    return set(re.findall(r"`((?:gateway|services|tests|deploy)/[\w/.-]+)`", text))


def test_every_guard_and_test_that_is_named_is_there() -> None:
    named = places(PAGE.read_text(encoding="utf-8"))
    assert len(named) > 20
    assert [place for place in sorted(named) if not Path(place).is_file()] == []


def test_every_attempt_has_a_test() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    attempts = [row for row in rows if not row.startswith(("| attempt", "| ---"))]
    assert [row for row in attempts if "`tests/" not in row.split(" | ")[-1]] == []


def test_a_place_that_is_not_there_is_noticed() -> None:
    assert places("`tests/none.py` and `no-store`") == {"tests/none.py"}
