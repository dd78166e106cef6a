"""Made-up history: exactly as much as wanted, by the rules of the domain, in the order of time."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from deploy.simulation.organisation import Joiner, OrganisationMaker, tree
from deploy.simulation.seats import SeatsMaker
from deploy.simulation.training import Scale, Training, fill, person
from services.backbone.aggregate import Fact
from services.progress.domain import Outline, TrainingRecord
from services.scheduling.domain import Person, Slot

SINCE, UNTIL = datetime(2025, 1, 6, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
OUTLINE = Outline(
    course="course",
    version=1,
    languages=frozenset({"fr", "nl"}),
    modules={"one": ("a", "b", "c"), "two": ("a", "b"), "exam": ("how",)},
    test_module="exam",
    draw=3,
    pass_mark_percent=60,
    attempts_allowed=2,
    validity_months=24,
    keys={f"q{n}": (frozenset("abc"), frozenset("b")) for n in range(6)},
)


class Log:
    """Keeps what a writer would have written."""

    def __init__(self) -> None:
        self.written: list[Fact] = []
        self.tables: Counter[str] = Counter()

    @property
    def events(self) -> int:
        return len(self.written)

    def append(
        self, events: Sequence[Fact], *tables: tuple[str, Sequence[str], Iterable[Sequence[Any]]]
    ) -> None:
        self.written += events
        for statement, _, rows in tables:
            self.tables[statement.split()[1]] += len(list(rows))

    def next_revisions(self, sequence: str, count: int) -> list[int]:
        return list(range(count))


def history(people: int, events: int, seed: int = 1) -> list[Fact]:
    training = Training(OUTLINE, Scale(people, events, SINCE, UNTIL, seed))
    return [event for command in training.commands() for event in command]


@pytest.mark.parametrize(
    ("people", "events"), [(1, 1), (1, 500), (50, 100), (500, 3_000), (500, 6_001), (40, 2_000)]
)
def test_there_are_exactly_as_many_events_as_wanted(people: int, events: int) -> None:
    assert len(history(people, events)) == events


def test_every_stream_is_a_history_that_the_domain_can_replay() -> None:
    streams: dict[Any, list[Any]] = defaultdict(list)
    for event in history(300, 3_000):
        streams[event.originator_id].append(event)
    assert len(streams) > 100
    for events in streams.values():
        record = None
        for version, event in enumerate(events, start=1):
            assert event.originator_version == version
            record = event.mutate(record)
        assert isinstance(record, TrainingRecord)
        assert record.opened_at >= SINCE - timedelta(days=1)


def test_some_finish_some_stop_on_the_way_and_some_never_start() -> None:
    events = history(500, 3_000)
    kinds = Counter(type(event).__name__ for event in events)
    assert 0 < kinds["CourseCompleted"] < kinds["RecordOpened"] < 500
    assert kinds["SessionAbandoned"] > 0
    assert kinds["QuizFailed"] > 0


def test_it_is_recorded_in_the_order_of_time_and_some_of_it_happened_earlier() -> None:
    events = history(500, 3_000)
    recorded = [event.timestamp for event in events]
    assert recorded == sorted(recorded)
    assert recorded[0] >= SINCE and recorded[-1] <= UNTIL
    assert any(event.occurred_at < event.timestamp for event in events)


def test_the_same_seed_makes_the_same_history() -> None:
    assert history(50, 400) == history(50, 400)
    assert history(50, 400) != history(50, 400, seed=2)


def test_a_command_is_never_cut_in_two_at_the_end() -> None:
    for events in range(1_000, 1_030):
        last = history(60, events)[-1]
        assert not isinstance(last, TrainingRecord.QuizPassed | TrainingRecord.SessionAbandoned)


def test_filling_tells_how_far_it_is_and_writes_it_all() -> None:
    log = Log()
    told = list(fill(log, OUTLINE, Scale(2_000, 12_000, SINCE, UNTIL)))  # type: ignore[arg-type]
    assert told[-1] == log.events == 12_000
    assert len(told) > 2


def test_an_organisation_has_its_people_in_teams_with_names_and_due_dates_in_the_order_of_time() -> None:
    log = Log()
    maker = OrganisationMaker(log, SINCE, UNTIL)  # type: ignore[arg-type]
    maker.found([(maker.root.id, person(1, "manager"))])
    assert list(maker.people(2_500, "course"))[-1] == 2_500
    maker.join([Joiner(person(1, "late"), "L1", UNTIL)], "course")
    kinds = Counter(type(event).__qualname__ for event in log.written)
    assert kinds["Person.Registered"] == kinds["Assignment.Assigned"] == 2_501
    assert kinds["Organisation.UnitCreated"] == len(maker.units)
    assert kinds["Person.Placed"] > 2_501 and kinds["Assignment.DueDateChanged"] > 100
    assert log.tables == {"directory": 2_501, "membership": 2_501}
    recorded = [event.timestamp for event in log.written]
    assert recorded == sorted(recorded)
    placed = {e.unit_id for e in log.written if isinstance(e, Person.Placed)}
    assert placed <= {team.id for team in maker.teams}


def seats(seed: int = 1) -> list[Fact]:
    prisons = {person(1, f"prison {n}"): (staff(n, "done", 40), staff(n, "open", 20)) for n in range(2)}
    log = Log()
    assert [*SeatsMaker(log, "course", SINCE, UNTIL, seed).make(prisons)] == [1, 2]  # type: ignore[arg-type]
    return log.written


def staff(prison: int, kind: str, count: int) -> list[UUID]:
    return [person(1, f"{prison} {kind} {n}") for n in range(count)]


def test_seats_are_never_too_many_and_nobody_sits_twice_at_once() -> None:
    slots = {event.originator_id: event for event in seats() if isinstance(event, Slot.Opened)}
    booked = [event for event in seats() if isinstance(event, Slot.SeatBooked)]
    assert max(Counter(event.originator_id for event in booked).values()) <= min(
        s.seats for s in slots.values()
    )
    assert max(Counter((event.person_id, event.starts_at) for event in booked).values()) == 1
    halves = defaultdict(dict)
    for event in booked:
        halves[event.person_id][event.half] = event.starts_at
    assert all(half[1].date() < half[2].date() for half in halves.values())
    assert sum(len(half) == 2 for half in halves.values()) == len(halves) > 80


def test_whoever_has_followed_the_course_sat_there_and_others_will() -> None:
    told = seats()
    ended = {event.person_id for event in told if isinstance(event, Slot.SeatUsed | Slot.SeatMissed)}
    assert ended == {each for n in range(2) for each in staff(n, "done", 40)}
    to_come = {e.person_id for e in told if isinstance(e, Slot.SeatBooked) and e.starts_at > UNTIL}
    assert to_come < {each for n in range(2) for each in staff(n, "open", 20)}
    assert all(event.occurred_at <= UNTIL for event in told)


def test_the_same_seed_makes_the_same_seats() -> None:
    assert seats() == seats()
    assert seats() != seats(2)


def test_a_service_has_thirty_five_prisons() -> None:
    assert sum(unit.kind == "prison" for unit in tree(1)) == 35
    assert len({unit.code for unit in tree(1)}) == len(tree(1))
