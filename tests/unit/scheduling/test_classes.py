"""In-person sessions: seats, the waiting list in order, offers with a limit, attendance and its corrections."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.backbone.aggregate import Act
from services.contracts.rules import Rule, RuleBroken
from services.contracts.scheduling.classes import ChangeClass, ClassDay, PublishClass
from services.scheduling.domain import ClassSession
from services.scheduling.domain.class_session import check_days
from tests.support.examples import NOON

PEOPLE = [UUID(int=n) for n in range(1, 9)]
ANN, BEN, CID, DIA, *_ = PEOPLE
UNIT = UUID(int=90)
FIRST = NOON + timedelta(days=60)
DAYS = tuple(
    ClassDay(starts_at=FIRST + timedelta(days=n), ends_at=FIRST + timedelta(days=n, hours=7)) for n in (0, 1)
)


def at(moment: datetime) -> Act:
    return Act(UUID(int=99), uuid4(), moment, moment)


NOW = at(NOON)


def said(**other: Any) -> dict[str, Any]:
    plain = {"language": "fr", "centre_id": UUID(int=91), "room": "B", "days": DAYS, "seats": 2}
    return {"command_id": uuid4(), "occurred_at": NOON, "class_id": UUID(int=92), **plain, **other}


def held(*seated: UUID, seats: int = 2) -> ClassSession:
    made = ClassSession.publish(PublishClass(**said(seats=seats), course="in-depth"), {"fr": "A"}, 24, NOW)
    for person in seated:
        made.approve(person, NOW)
    made.collect_events()
    return made


def happened(a_class: ClassSession) -> list[str]:
    return [type(event).__name__ for event in a_class.collect_events()]


def test_an_approved_request_takes_a_seat_or_the_last_place_on_the_list() -> None:
    a_class = held()
    for person in (ANN, BEN, CID, DIA):
        a_class.request(person, NOW)
        a_class.approve(person, NOW)
    assert a_class.those("seated") == [ANN, BEN]
    assert a_class.those("waiting") == [CID, DIA]


def test_asking_twice_is_asking_once() -> None:
    a_class = held()
    a_class.request(ANN, NOW)
    a_class.request(ANN, NOW)
    assert happened(a_class) == ["Requested"]


def test_who_is_approved_while_somebody_waits_does_not_take_the_seat_that_came_free() -> None:
    a_class = held(ANN, BEN, CID)
    a_class.give_up(ANN, "withdrawn", NOW)
    a_class.approve(DIA, NOW)
    assert a_class.those("waiting") == [CID, DIA]


def test_a_seat_that_came_free_is_offered_until_a_moment_and_then_to_the_next() -> None:
    a_class = held(ANN, BEN, CID, DIA)
    a_class.give_up(ANN, "withdrawn", NOW)
    assert a_class.next_look(NOON) == NOON
    a_class.tend(frozenset(), NOW)
    assert a_class.those("offered") == [CID]
    until = a_class.next_look(NOON)
    assert until == NOON + timedelta(hours=72)
    a_class.tend(frozenset(), at(until))
    assert (a_class.those("offered"), a_class.those("waiting")) == ([DIA], [])
    with pytest.raises(RuleBroken) as broken:
        a_class.check_offer(CID, until)
    assert broken.value.rule == Rule.CLASS_OFFER_UNKNOWN
    a_class.check_offer(DIA, until)
    a_class.accept(DIA, at(until))
    assert a_class.those("seated") == [BEN, DIA]


def test_shortly_before_the_class_a_seat_is_given_at_once_but_offered_to_whoever_is_taken() -> None:
    a_class = held(ANN, BEN, CID, DIA)
    a_class.give_up(ANN, "withdrawn", NOW)
    a_class.give_up(BEN, "withdrawn", NOW)
    late = FIRST - timedelta(days=3)
    assert a_class.tend(frozenset({CID}), at(late)) == [DIA]
    assert a_class.those("offered") == [CID]
    assert a_class.next_look(late) == late + timedelta(hours=24)


def test_nobody_is_offered_a_seat_in_a_class_that_has_begun() -> None:
    a_class = held(ANN, BEN, CID)
    a_class.give_up(ANN, "withdrawn", NOW)
    assert a_class.next_look(FIRST) is None
    a_class.tend(frozenset(), at(FIRST))
    assert a_class.those("waiting") == [CID]


def test_reserved_seats_are_nobody_elses_until_they_are_named_or_their_day_comes() -> None:
    a_class = held(seats=3)
    reservation = UUID(int=80)
    a_class.reserve(reservation, UNIT, 2, DAYS[0].starts_at.date() - timedelta(days=10), NOW)
    for person in (ANN, BEN):
        a_class.approve(person, NOW)
    assert a_class.those("waiting") == [BEN]
    a_class.name_seat(reservation, CID, NOW)
    day = a_class.next_look(NOON)
    assert day is not None
    a_class.tend(frozenset(), at(day))
    assert a_class.those("seated", "offered") == [ANN, CID, BEN]
    with pytest.raises(RuleBroken):
        a_class.name_seat(reservation, DIA, at(day))


def test_no_more_is_reserved_than_is_free_and_nothing_before_those_who_wait() -> None:
    day = DAYS[0].starts_at.date() - timedelta(days=10)
    for a_class in (held(), held(ANN, BEN, CID)):
        with pytest.raises(RuleBroken) as broken:
            a_class.reserve(UUID(int=80), UNIT, 3, day, NOW)
        assert broken.value.rule == Rule.CLASS_FULL


def test_a_cancelled_class_frees_everybody_and_says_so_for_each() -> None:
    a_class = held(ANN, BEN, CID)
    a_class.request(DIA, NOW)
    a_class.collect_events()
    a_class.cancel("Panne", NOW)
    ended = [event for event in a_class.collect_events() if isinstance(event, ClassSession.PlaceEnded)]
    assert [(e.person_id, e.had, e.cause) for e in ended] == [
        (ANN, "seated", "cancelled"),
        (BEN, "seated", "cancelled"),
        (CID, "waiting", "cancelled"),
        (DIA, "asked", "cancelled"),
    ]
    with pytest.raises(RuleBroken):
        a_class.request(ANN, NOW)


def test_a_class_keeps_as_many_seats_as_are_taken() -> None:
    a_class = held(ANN, BEN)
    with pytest.raises(RuleBroken) as broken:
        a_class.check_change(ChangeClass(**said(seats=1)), NOON)
    assert broken.value.rule == Rule.CLASS_SEATS_TAKEN


@pytest.mark.parametrize(
    "days", [(), DAYS[::-1], (DAYS[0], DAYS[0]), (ClassDay(starts_at=FIRST, ends_at=FIRST),)]
)
def test_days_follow_one_another(days: tuple[ClassDay, ...]) -> None:
    with pytest.raises(RuleBroken) as broken:
        check_days(days, NOON)
    assert broken.value.rule == Rule.CLASS_DAYS_CROSSED


def test_attendance_is_noted_by_day_and_a_correction_is_a_new_event() -> None:
    a_class = held(ANN)
    with pytest.raises(RuleBroken) as broken:
        a_class.note_attendance(ANN, 1, True, NOW)
    assert broken.value.rule == Rule.CLASS_DAY_TO_COME
    after = at(FIRST + timedelta(days=2))
    for day, present in ((1, True), (1, True), (2, True), (2, False)):
        a_class.note_attendance(ANN, day, present, after)
    noted = a_class.collect_events()
    assert [event.attended for event in noted] == [(True, None), (True, True), (True, False)]  # type: ignore[attr-defined]
    for person, day in ((BEN, 1), (ANN, 3)):
        with pytest.raises(RuleBroken):
            a_class.note_attendance(person, day, True, after)


class WaitingList(RuleBasedStateMachine):
    """A class of three seats against a plain model: who waits, in which order, and who has what."""

    def __init__(self) -> None:
        super().__init__()
        self.a_class = held(seats=3)
        self.now = NOON
        self.seated: set[UUID] = set()
        self.waiting: list[UUID] = []
        self.offered: dict[UUID, datetime] = {}

    def act(self) -> Act:
        return at(self.now)

    def free(self) -> int:
        return 3 - len(self.seated) - len(self.offered)

    def tend(self) -> None:
        """As the policy does, whenever something happened."""
        self.a_class.tend(frozenset(), self.act())
        for person in [p for p, until in self.offered.items() if until <= self.now]:
            del self.offered[person]
        while self.free() and self.waiting:
            self.offered[self.waiting.pop(0)] = self.now + timedelta(hours=72)

    @rule(person=st.sampled_from(PEOPLE), tended=st.booleans())
    def approved(self, person: UUID, tended: bool) -> None:
        self.a_class.approve(person, self.act())
        if person not in self.seated | self.offered.keys() | set(self.waiting):
            if self.free() and not self.waiting:
                self.seated.add(person)
            else:
                self.waiting.append(person)
        if tended:
            self.tend()

    @rule(person=st.sampled_from(PEOPLE), tended=st.booleans())
    def gives_up(self, person: UUID, tended: bool) -> None:
        try:
            self.a_class.give_up(person, "withdrawn", self.act())
        except RuleBroken:
            assert person not in self.seated | self.offered.keys() | set(self.waiting)
        self.seated.discard(person)
        self.offered.pop(person, None)
        self.waiting = [other for other in self.waiting if other != person]
        if tended:
            self.tend()

    @rule(person=st.sampled_from(PEOPLE))
    def accepts(self, person: UUID) -> None:
        try:
            self.a_class.check_offer(person, self.now)
        except RuleBroken:
            assert self.offered.get(person, self.now) <= self.now
            return
        self.a_class.accept(person, self.act())
        del self.offered[person]
        self.seated.add(person)

    @rule(hours=st.sampled_from([1, 30, 72]), tended=st.booleans())
    def time_passes(self, hours: int, tended: bool) -> None:
        if self.now < FIRST - timedelta(days=14):
            self.now += timedelta(hours=hours)
        if tended:
            self.tend()

    @invariant()
    def nobody_is_skipped_and_nobody_counts_twice(self) -> None:
        assert self.a_class.those("waiting") == self.waiting
        assert set(self.a_class.those("seated")) == self.seated
        assert set(self.a_class.those("offered")) == self.offered.keys()
        assert self.a_class.taken <= 3


TestTheWaitingListAgainstAModel = WaitingList.TestCase
TestTheWaitingListAgainstAModel.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
