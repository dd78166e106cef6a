"""What an auditor's page computes: moments of forms, places on an axis of time, the distance of two times."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest

from gateway.errors import Problem
from gateway.times import BRUSSELS, end_of_day, local_moment
from gateway.web.charts import BREAKS_MAX, LABEL_WIDTH, TICKS_MAX, BrokenScale, TimeScale
from gateway.web.history import Entry, When, kind_of, standings_of
from gateway.web.rendering import lapse
from services.contracts.reporting.audit import HistoryLine
from services.contracts.reporting.transcripts import Transcript, TranscriptLine

NOW = datetime(2027, 6, 30, 9, 0, tzinfo=UTC)
ANN = UUID(int=1)


@pytest.mark.parametrize(
    ("day", "time", "moment"),
    [
        ("", "", None),
        ("2027-06-30", "", end_of_day(NOW.date())),
        ("2027-06-30", "14:05", datetime(2027, 6, 30, 12, 5, tzinfo=UTC)),
        ("2027-01-30", "14:05:09", datetime(2027, 1, 30, 13, 5, 9, tzinfo=UTC)),
        ("", "10:00", datetime(2027, 6, 30, 8, 0, tzinfo=UTC)),
        ("2027-06-30T10:00:00.000001+02:00", "", datetime(2027, 6, 30, 8, 0, 0, 1, tzinfo=UTC)),
        ("2027-10-31", "02:30", datetime(2027, 10, 31, 1, 30, tzinfo=UTC)),  # the later of the two
    ],
)
def test_a_form_asks_about_a_day_or_a_moment_of_brussels(
    day: str, time: str, moment: datetime | None
) -> None:
    when = When.read(day, time, "query.as_of", NOW)
    assert when.moment == moment
    again = When.read(when.day, when.time, "query.as_of", NOW)
    assert again.moment is None if moment is None else abs(again.moment - moment) < timedelta(seconds=1)  # type: ignore[operator]
    assert When.read(when.text, "", "query.as_of", NOW) == when, "links say the same"


@pytest.mark.parametrize("text", ["2027-02-30T10:00", "1066-10-14T09:00", "yesterday", "2027-06-30T25:00"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(Problem):
        local_moment(text, "query.as_of")


@pytest.mark.parametrize(
    "span",
    [timedelta(), timedelta(minutes=7), timedelta(hours=9), timedelta(days=1), timedelta(days=40)]
    + [timedelta(days=days) for days in (200, 800, 4000, 20_000)],
)
def test_an_axis_has_few_round_ticks_in_order_and_every_moment_has_its_place(span: timedelta) -> None:
    first = datetime(2026, 10, 24, 21, 17, 3, tzinfo=UTC)  # clocks go back that night
    scale = TimeScale(first, first + span, 100.0, 900.0)
    ticks = scale.ticks()
    assert len(ticks) <= TICKS_MAX + 1
    assert [tick.x for tick in ticks] == sorted({tick.x for tick in ticks})
    for tick in ticks:
        local = tick.moment.astimezone(BRUSSELS)
        assert (local.second, local.microsecond) == (0, 0)
        assert tick.unit in ("minute", "hour") or (local.hour, local.minute) == (0, 0)
        assert tick.unit != "month" or local.day == 1
    assert scale.x(first) == 100.0
    assert scale.x(first + span) == (900.0 if span else 100.0)


def test_a_course_of_hours_is_no_point_in_a_history_of_years() -> None:
    placed, assigned = NOW - timedelta(days=1_100), NOW - timedelta(days=13)
    steps = [NOW + timedelta(minutes=3 * each) for each in range(60)]
    scale = BrokenScale([*steps, placed, assigned, placed], 100.0, 900.0)
    assert scale.x(steps[-1]) - scale.x(steps[0]) > 400
    assert [gap.lasted for gap in scale.breaks] == [timedelta(days=1_087), timedelta(days=13)]
    places = [scale.x(each) for each in (placed, assigned, *steps)]
    assert places == sorted(set(places)), "in their order, each apart"
    assert (places[0], places[-1]) == (100.0, 900.0)
    for gap in scale.breaks:
        assert not [place for place in places if gap.left < place < gap.right]
    ticks = scale.ticks()
    assert [tick.moment for tick in ticks if tick.unit == "date"] == [placed, assigned, steps[0]]
    assert all(after.x - before.x >= LABEL_WIDTH for before, after in pairwise(ticks))


@pytest.mark.parametrize("days", [(0,), (0, 5), (0, 5, 10, 15, 20), tuple(4**each for each in range(9))])
def test_an_axis_leaves_out_little_and_only_what_is_empty(days: tuple[int, ...]) -> None:
    moments = [NOW + timedelta(days=each) for each in days]
    scale = BrokenScale(moments, 100.0, 900.0)
    assert len(scale.breaks) <= BREAKS_MAX
    places = [scale.x(each) for each in moments]
    assert places == sorted(places)
    assert 100.0 <= places[0] <= places[-1] <= 900.0
    assert scale.ticks()[0].moment == moments[0]
    if len(days) <= 2:
        assert scale.breaks == [], "what stands alone, or in two places, needs no break"


def line(type_: str, occurred_at: datetime, recorded_at: datetime, actor: UUID = ANN) -> HistoryLine:
    return HistoryLine(
        feed=type_.partition(".")[0],
        position=7,
        stream_id=ANN,
        stream_version=1,
        occurred_at=occurred_at,
        recorded_at=recorded_at,
        actor=actor,
        command_id=ANN,
        digest="0" * 64,
        type=type_,
        event={"type": type_},
    )


@pytest.mark.parametrize(
    ("gap", "noticed", "late"),
    [
        (timedelta(seconds=2), False, False),
        (timedelta(minutes=5), True, False),
        (timedelta(days=13), True, True),
        (timedelta(days=-3), True, False),
    ],
)
def test_the_distance_of_the_two_times_is_told_when_it_means_something(
    gap: timedelta, noticed: bool, late: bool
) -> None:
    entry = Entry(1, line("scheduling.course_assigned", NOW, NOW + gap), ANN)
    assert (entry.noticed, entry.late, entry.own) == (noticed, late, True)
    assert datetime.fromisoformat(entry.just_before) < entry.line.recorded_at
    assert datetime.fromisoformat(entry.just_after) == entry.line.recorded_at


def test_a_stretch_of_time_is_counted_in_days_hours_or_minutes() -> None:
    told = [timedelta(days=40), timedelta(days=1), timedelta(hours=5), timedelta(minutes=3)]
    assert [lapse(each, "en_GB") for each in told] == ["40 days", "1 day", "5 hours", "3 minutes"]
    assert lapse(timedelta(days=13), "fr_BE") == "13\xa0jours"


def test_every_kind_of_event_has_its_sign() -> None:
    signs = {
        "progress.quiz_passed": "result",
        "scheduling.due_date_changed": "duty",
        "scheduling.exemption_granted": "duty",
        "scheduling.person_placed": "place",
        "scheduling.seat_missed": "plan",
        "scheduling.class_waitlisted": "plan",
        "progress.checkpoint_reached": "step",
    }
    assert {each: kind_of(each) for each in signs} == signs


def standing(course: str, status: str) -> TranscriptLine:
    names = ("course_version", "due_on", "opened_at", "modules", "completed_at", "expires_on", "record_id")
    return TranscriptLine.model_validate(
        {"course": course, "period": 1, "status": status, "modules_completed": 0, "attempts": ()}
        | dict.fromkeys(names)
    )


def transcript(*lines: TranscriptLine) -> Transcript:
    known = {"as_of": NOW, "known_at": NOW, "positions": {}, "given_name": None, "family_name": None}
    return Transcript.model_validate({"person_id": ANN, "lines": lines, **known})


def test_two_moments_stand_side_by_side_by_course() -> None:
    before = standing("fire", "assigned")
    after = standing("fire", "overdue")
    other = standing("water", "passed")
    assert standings_of(transcript(before), transcript(other, after)) == [(before, after), (None, other)]
