"""The question that the bench asks is what it says."""

from typing import Any

from deploy.bench import nights, planning
from deploy.bench.figures import Figure
from deploy.bench.ground import Sizes
from deploy.bench.run import BENCHES, OF_A_SERVICE, ON_HISTORY
from deploy.simulation.planning import prison_question


def test_the_bench_asks_for_everybody_of_a_prison_in_eight_weeks() -> None:
    question = prison_question(1)
    assert len(question.people) == planning.PEOPLE and all(p.halves == 2 for p in question.people)
    assert max(p.due_on for p in question.people).isocalendar().week - 36 == planning.WEEKS
    assert 1.0 < sum(slot.seats for slot in question.slots) / 2_000 < 1.3
    assert any(p.available for p in question.people) and any(p.absent for p in question.people)
    assert BENCHES["planning"] is planning.planning


def test_the_same_seed_asks_the_same() -> None:
    assert prison_question(7, people=60) == prison_question(7, people=60)
    assert prison_question(7, people=60) != prison_question(8, people=60)


def test_a_service_has_twelve_thousand_people_whatever_others_are_measured_with() -> None:
    sizes = Sizes().of_a_service()
    assert (sizes.people, sizes.events, sizes.seed) == (12_000, 504_000, 1)
    small = Sizes(people=500, events=2_000).of_a_service()
    assert (small.people, small.events) == (500, 2_000)
    assert OF_A_SERVICE == {"planning"} <= ON_HISTORY


def test_a_night_is_the_sum_of_all_that_is_done_in_it(monkeypatch: Any) -> None:
    monkeypatch.setattr(nights, "nightly", lambda _: [Figure("a", 7, "commands"), Figure("b", 2, "s")])
    monkeypatch.setattr(
        nights, "reminders", lambda _: [Figure("c", 3, "s"), Figure("c, nothing to do", 0.5, "s")]
    )
    *_, busy, idle = nights.night("")
    assert (busy.value, idle.value) == (5, 0.5)
