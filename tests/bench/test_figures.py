"""Percentiles, targets and ratios."""

import pytest

from deploy.bench.figures import Figure, Result, at_least, at_most, latencies, percentile


def test_percentiles_are_values_that_were_measured() -> None:
    hundred = [float(n) for n in range(100, 0, -1)]
    assert percentile(hundred, 0.5) == 50
    assert percentile(hundred, 0.99) == 99
    assert percentile(hundred, 1) == 100
    assert percentile([7.0], 0.99) == 7
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 0.5)


def test_one_slow_answer_in_fifty_is_seen_in_p99() -> None:
    assert percentile([0.01] * 49 + [3.0], 0.99) == 3.0


def test_a_target_is_reached_at_its_bound_and_missed_beyond() -> None:
    assert at_least(1_200).reached(1_200) and not at_least(1_200).reached(1_199.9)
    assert at_most(0).reached(0) and not at_most(0).reached(1)
    assert (str(at_least(30_000)), str(at_most(60))) == ("≥ 30,000", "≤ 60")


def test_a_figure_knows_its_ratio_and_says_it_in_json() -> None:
    figure = Figure("acknowledged", 600, "/s", at_least(1_200), 1_000, "pgbench")
    assert (figure.ratio, figure.reached) == (0.6, False)
    told = Result("commands", [figure], {"clients": 128}).as_json()
    assert told["figures"][0]["ratio"] == 0.6
    assert told["figures"][0]["reached"] is False
    assert Figure("x", 1, "").reached is None


def test_latencies_are_told_in_milliseconds() -> None:
    p50, p99 = latencies("answer", [0.002] * 99 + [0.5], at_most(15), at_most(50), 1.0, "floor")
    assert (p50.value, p50.ratio, p50.reached) == (2.0, 2.0, True)
    assert p99.value == 2.0
