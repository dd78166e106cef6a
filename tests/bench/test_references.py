"""What pgbench says is read, and what a read model saw when is worked out."""

import pytest

from deploy.bench.freshness import delays
from deploy.bench.pgbench import Inserts, mean, parse

SAID = """\
transaction type: /tmp/x.sql
number of clients: 8
latency average = 3.578 ms
initial connection time = 12.6 ms
tps = 2235.716300 (without initial connection time)
"""


def test_pgbench_is_read_and_averaged() -> None:
    assert parse(SAID) == Inserts(2235.7163, 3.578)
    assert mean(Inserts(1_000, 4), Inserts(2_000, 2)) == Inserts(1_500, 3)
    with pytest.raises(ValueError, match="nothing of its rate"):
        parse("pgbench: error")


def test_an_event_is_seen_at_the_first_look_that_has_come_so_far() -> None:
    samples = [(10.0, 5), (11.0, 8)]
    seen, never = delays([(4, 9.5), (5, 9.9), (6, 10.0)], samples)
    assert seen == pytest.approx([0.5, 0.1, 1.0])
    assert never == 0


def test_an_event_that_no_look_has_seen_is_counted_and_not_left_out() -> None:
    assert delays([(9, 9.5)], [(10.0, 5)]) == ([], 1)
