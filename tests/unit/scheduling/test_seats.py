"""Rooms and slots: when they are open, and who sits there; given, when, then."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.backbone.aggregate import Act
from services.contracts.rules import Rule, RuleBroken
from services.contracts.scheduling.seats import ChangeRoom, OpenHours, OpenRoom, OpenSlots
from services.scheduling.domain import Room, Slot
from services.scheduling.domain.due import LOCAL
from services.scheduling.domain.room import Closure
from services.scheduling.domain.slot import GAP_DAYS_MAX, Booking, check_gap

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
ROOM, PRISON, ANN, BEN = (UUID(int=n) for n in range(1, 5))
WEEK = tuple(OpenHours(weekday=day, opens="08:00", closes="18:00") for day in range(1, 6))
TOLD = {"command_id": UUID(int=9), "occurred_at": NOW, "room_id": ROOM}
MONDAY = date(2027, 3, 8)


def act() -> Act:
    return Act(UUID(int=8), uuid4(), NOW, NOW)


def room(hours: tuple[OpenHours, ...] = WEEK, seats: int = 4) -> Room:
    return Room.open(OpenRoom(**TOLD, unit_id=PRISON, name="Local 1", seats=seats, hours=hours), act())


def pattern(**changes: object) -> OpenSlots:
    said = {"from_on": MONDAY, "to_on": MONDAY, "starts": "09:00", "minutes": 120}
    return OpenSlots(**{**TOLD, **said, **changes})


def slot(seats: int = 2) -> Slot:
    start = datetime(2027, 3, 8, 8, 0, tzinfo=UTC)
    return Slot.open(ROOM, PRISON, (start, start + timedelta(hours=2)), seats, act())


def rule_of(broken: pytest.ExceptionInfo[RuleBroken]) -> Rule:
    return broken.value.rule


def booking(person_id: UUID = ANN, half: int = 1) -> Booking:
    return Booking(person_id, "recognising", 1, half)  # type: ignore[arg-type]


# --- when slots are ------------------------------------------------------------------------------


def test_a_weekly_pattern_opens_a_slot_on_each_of_its_days() -> None:
    asked = pattern(to_on=MONDAY + timedelta(days=13), weekdays=(2, 4))
    days = [start.astimezone(LOCAL).date() for start, _ in room().spans(asked)]
    assert days == [MONDAY + timedelta(days=n) for n in (1, 3, 8, 10)]


@pytest.mark.parametrize(
    ("starts", "minutes", "day"),
    [("07:59", 60, 0), ("16:30", 120, 0), ("09:00", 120, 5), ("17:00", 61, 4)],
    ids=["before it opens", "ends after it closes", "on Saturday", "a minute too long"],
)
def test_a_slot_outside_opening_hours_is_refused(starts: str, minutes: int, day: int) -> None:
    on = MONDAY + timedelta(days=day)
    with pytest.raises(RuleBroken) as broken:
        room().spans(pattern(from_on=on, to_on=on, starts=starts, minutes=minutes))
    assert rule_of(broken) is Rule.SLOT_OUTSIDE_HOURS
    assert broken.value.params["day"] == on.isoformat()


def test_a_slot_may_fill_the_opening_hours_and_end_at_midnight() -> None:
    late = (OpenHours(weekday=1, opens="20:00", closes="00:00"),)
    assert room().spans(pattern(starts="08:00", minutes=600))
    assert room(late).spans(pattern(starts="22:00"))
    with pytest.raises(RuleBroken):
        room(late).spans(pattern(starts="22:00", minutes=121))


def test_a_room_without_hours_is_open_at_any_time() -> None:
    assert room(()).spans(pattern(starts="23:00"))


def test_days_on_which_the_room_is_closed_are_passed_over_unless_there_is_no_other() -> None:
    closed = room()
    closed.close(UUID(int=5), Closure(MONDAY, MONDAY + timedelta(days=2)), "Travaux", act())
    two_weeks = pattern(to_on=MONDAY + timedelta(days=13), weekdays=(1, 3))
    assert len(closed.spans(two_weeks)) == 2
    with pytest.raises(RuleBroken) as broken:
        closed.spans(pattern())
    assert rule_of(broken) is Rule.ROOM_CLOSED
    closed.lift(UUID(int=5), act())
    assert len(closed.spans(two_weeks)) == 4
    with pytest.raises(RuleBroken) as broken:
        closed.lift(UUID(int=5), act())
    assert rule_of(broken) is Rule.CLOSURE_UNKNOWN


def test_clocks_that_change_move_no_slot_on_the_clock_and_none_is_shorter() -> None:
    over_the_change = pattern(from_on=date(2027, 3, 27), to_on=date(2027, 3, 29), starts="01:30")
    spans = room(()).spans(over_the_change)
    assert [start.astimezone(LOCAL).time() for start, _ in spans] == [time(1, 30)] * 3
    assert {end - start for start, end in spans} == {timedelta(hours=2)}
    assert [start.hour for start, _ in spans] == [0, 0, 23]


def test_the_same_room_said_again_changes_nothing() -> None:
    known = room()
    known.collect_events()
    known.change(ChangeRoom(**TOLD, name="Local 1", seats=4, hours=WEEK), act())
    assert not known.pending_events
    known.change(ChangeRoom(**TOLD, name="Local 1", seats=3, hours=WEEK), act())
    assert known.seats == 3


def test_hours_end_after_they_begin_and_are_written_as_on_a_clock() -> None:
    for opens, closes in (("18:00", "08:00"), ("08:00", "08:00")):
        with pytest.raises(ValueError, match="closes after it opens"):
            OpenHours(weekday=1, opens=opens, closes=closes)
    with pytest.raises(ValueError, match="written as 09:30"):
        OpenHours(weekday=1, opens=480, closes="09:00")


# --- who sits there ------------------------------------------------------------------------------


def test_a_seat_that_is_taken_is_not_given_twice() -> None:
    full = slot(seats=1)
    full.check_free(booking(ANN), NOW)
    full.book(booking(ANN), (), act())
    with pytest.raises(RuleBroken) as broken:
        full.check_free(booking(BEN), NOW)
    assert rule_of(broken) is Rule.SLOT_FULL
    full.release(booking(ANN).id, "cancelled", act())
    full.check_free(booking(BEN), NOW)


def test_a_slot_that_has_begun_or_is_cancelled_takes_nobody() -> None:
    one = slot()
    with pytest.raises(RuleBroken) as broken:
        one.check_free(booking(), one.starts_at)
    assert rule_of(broken) is Rule.SLOT_PAST
    one.check_free(booking(), None)  # who brings in what was
    one.book(booking(), (), act())
    assert one.cancel("Panne", "closed", act()) == [booking().id]
    assert one.cancel("Panne", "closed", act()) == []
    with pytest.raises(RuleBroken) as broken:
        one.check_free(booking(), NOW)
    assert rule_of(broken) is Rule.SLOT_CANCELLED
    one.open_again(one.ends_at, 3, act())
    one.check_free(booking(), NOW)
    assert not one.taken


def test_who_moves_leaves_a_seat_and_takes_a_seat() -> None:
    before, after = slot(), slot()
    before.book(booking(), (), act())
    after.move_here(booking(), before, (), act())
    assert not before.taken
    assert list(after.taken) == [booking().id]


def test_a_slot_is_never_made_smaller_than_those_who_are_booked() -> None:
    one = slot(seats=2)
    one.book(booking(ANN), (), act())
    one.book(booking(BEN), (), act())
    one.check_room_for(2)
    with pytest.raises(RuleBroken) as broken:
        one.check_room_for(1)
    assert rule_of(broken) is Rule.SEATS_TAKEN


def test_who_was_missed_and_came_late_came_and_who_came_is_not_missed() -> None:
    one = slot()
    one.book(booking(), (), act())
    one.collect_events()
    for came in (False, False, True, False, True):
        one.note(booking().id, came, act())
    assert [type(event).__name__ for event in one.collect_events()] == ["SeatMissed", "SeatUsed"]


# --- between the halves --------------------------------------------------------------------------


@given(st.dates(date(2020, 1, 1), date(2060, 1, 1)), st.integers(-40, 40))
def test_between_the_halves_lie_one_to_fourteen_days(first: date, days: int) -> None:
    second = first + timedelta(days=days)
    for half, day, other in ((1, first, second), (2, second, first)):
        try:
            check_gap(half, day, other)  # type: ignore[arg-type]
        except RuleBroken as broken:
            expected = Rule.HALVES_OUT_OF_ORDER if days < 0 else Rule.GAP_BETWEEN_HALVES
            assert broken.rule is expected
            assert not 1 <= days <= GAP_DAYS_MAX
        else:
            assert 1 <= days <= GAP_DAYS_MAX
