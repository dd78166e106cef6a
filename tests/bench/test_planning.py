"""The question that the bench asks is what it says."""

from deploy.bench import planning
from deploy.bench.run import BENCHES
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
