"""Bringing a database up to date: once, twice, and by two at the same time."""

import threading
from pathlib import Path

import pytest

from services.backbone.migrate import migrate
from services.backbone.program import run_migrate
from tests.integration.conftest import Database

FOLDER = Path(__file__).parents[3] / "services" / "progress" / "migrations"


def test_two_at_once_apply_everything_once(databases: dict[str, Database]) -> None:
    applied: list[int] = []
    failures: list[BaseException] = []

    def apply() -> None:
        try:
            applied.append(migrate(databases["progress"].owner_url, FOLDER))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=apply) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []
    assert sorted(applied) == [0, 0, len(list(FOLDER.glob("0*.py")))]


def test_the_program_says_what_it_did(
    databases: dict[str, Database], capsys: pytest.CaptureFixture[str]
) -> None:
    run_migrate(databases["progress"].owner_url, "services.progress")
    assert capsys.readouterr().out == "services.progress: 0 migrations applied\n"
