"""Which benches there are, and how their results are shown."""

from typing import Any
from uuid import UUID

import pytest
import typer

from deploy.bench.figures import Figure, Result, at_least, at_most
from deploy.bench.ledger import Entry
from deploy.bench.memory import memory
from deploy.bench.run import BENCHES
from deploy.bench.running_load import Load
from deploy.cli import bench as command


def test_memory_is_weighed_last_and_history_comes_before_today() -> None:
    assert list(BENCHES)[-1] == "memory"
    assert BENCHES["memory"] is memory
    assert list(BENCHES)[:3] == ["rebuild", "reports", "history"]


def test_only_what_was_acknowledged_within_the_measured_time_counts() -> None:
    def entry(at: float, outcome: str = "accepted") -> Entry:
        return Entry("x", at - 0.1, at, outcome)

    entries = [
        entry(100.5),
        entry(102.5),
        entry(103.5),
        entry(110.1),
        entry(104.0, "refused"),
        Entry("x", 103),
    ]
    load = Load(100.0, 10.0, 0.0, {UUID(int=n): each for n, each in enumerate(entries)})
    assert len(load.answered(2.0)) == 2
    assert load.per_second(2.0) == 2 / 8


def test_a_missed_target_is_shown_and_counted_and_is_no_failure(monkeypatch: Any, capsys: Any) -> None:
    result = Result(
        "commands",
        [
            Figure("acknowledged", 900, "/s", at_least(1_200), 1_800, "pgbench"),
            Figure("lost", 0, "", at_most(0)),
        ],
        {"clients": 128},
    )
    monkeypatch.setattr(command, "run", lambda *_args, **_more: iter([result]))
    monkeypatch.setattr(command.install, "missing_programs", lambda *_: None)
    command.bench(None, False, 1_000, 100, 1.0, 1, False)
    shown = capsys.readouterr().out
    assert "MISSED" in shown and "0.50" in shown and "1 of 2 targets reached" in shown


def test_an_unknown_bench_is_named() -> None:
    with pytest.raises(typer.BadParameter, match="speed"):
        command.bench("speed")
