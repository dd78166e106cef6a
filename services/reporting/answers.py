"""Rows of read models as the answers that the contracts promise. No question is asked here."""

from datetime import datetime
from uuid import UUID

from services.contracts.message import Localised
from services.contracts.progress import ClassOutcomeNoted
from services.contracts.reporting.due import DUE_STATUSES
from services.contracts.reporting.overview import TrendPoint, UnitFigures, UnitTrend
from services.contracts.reporting.people import StaffLine
from services.contracts.reporting.results import ANSWERS_SHOWN_MIN, QuestionResult
from services.contracts.reporting.standing import StaffStatus
from services.contracts.reporting.transcripts import InPerson, TranscriptLine
from services.contracts.rules import Rule, RuleBroken
from services.reporting.moments import Moment, end_of_day
from services.reporting.projections import transcript
from services.reporting.projections.directory import Name
from services.reporting.projections.organisation import Tree, Unit
from services.reporting.projections.question_results import Result
from services.reporting.projections.training_status import COUNTED, DISPLAY_ORDER, After, Standing
from services.reporting.projections.unit_counts import People
from services.reporting.standing import status_on

NAMELESS: Localised = {"fr": "?", "nl": "?"}


def unit_trend(unit: Unit, points: dict[UUID, list[TrendPoint]]) -> UnitTrend:
    """A unit's line over time."""
    return UnitTrend(unit_id=unit.unit_id, name=unit.name, kind=unit.kind, points=tuple(points[unit.unit_id]))


def figures(unit: Unit, people: People) -> UnitFigures:
    """How many people of a unit stand how."""
    found = people[unit.unit_id]
    return UnitFigures(
        unit_id=unit.unit_id,
        name=unit.name,
        kind=unit.kind,
        people=found.get("people", 0),
        counts={status: n for status in COUNTED if (n := found.get(status, 0))},
    )


def due_figures(unit: Unit, people: People) -> UnitFigures:
    """The same, of those only that a due list shows."""
    whole = figures(unit, people)
    return whole.model_copy(update={"counts": {s: n for s, n in whole.counts.items() if s in DUE_STATUSES}})


def staff_line(line: Standing, name: Name, tree: Tree) -> StaffLine:
    """One person in a list, under the unit that the list's tree knows."""
    unit = tree.get(line.unit_id)
    return StaffLine(
        person_id=line.person_id,
        given_name=name.given_name,
        family_name=name.family_name,
        staff_number=name.staff_number,
        unit_id=line.unit_id,
        unit_name=unit.name if unit else NAMELESS,
        status=line.status,
        due_on=line.due_on,
        since=_since(line),
        expires_on=line.expires_on,
        record_id=line.record_id,
    )


def _since(line: Standing) -> datetime:
    """Since when somebody has this status: overdue and expired begin when a day is over."""
    if line.status == "overdue" and line.due_on:
        return end_of_day(line.due_on)
    if line.status == "expired" and line.expires_on:
        return end_of_day(line.expires_on)
    return line.since


def transcript_line(
    course: transcript.Course, parts: dict[tuple[str, int], int], moment: Moment
) -> TranscriptLine | None:
    """One course of a person; none while neither an assignment nor a record is known."""
    way = course.way
    if (state := way.state) is None:
        return None
    version = course.course_version
    return TranscriptLine(
        course=course.course,
        period=course.period,
        course_version=version,
        status=status_on(state[0], way.due_on, way.expires_on, moment.day),
        due_on=way.due_on,
        opened_at=way.opened_at,
        modules_completed=course.modules_completed,
        modules=parts.get((course.course, version)) if version is not None else None,
        attempts=course.attempts,
        completed_at=way.completed_at,
        expires_on=way.expires_on,
        record_id=way.record_id,
        last_active_at=course.last_active_at,
        steps=course.steps,
        in_person=_in_person(course.in_person),
    )


def _in_person(noted: ClassOutcomeNoted | None) -> InPerson | None:
    """What came of a session; its title is added where sessions are known."""
    if noted is None:
        return None
    return InPerson(
        class_id=noted.class_id,
        title={},
        outcome=noted.outcome,
        attended=noted.attended,
        language=noted.language,
    )


def question_result(result: Result) -> QuestionResult:
    """Shown only where so many answered that it says nothing of anybody."""
    shown = result.asked >= ANSWERS_SHOWN_MIN
    return QuestionResult(
        question=result.question,
        language=result.language,
        asked=result.asked if shown else None,
        wrong=result.wrong if shown else None,
    )


def cursor(line: Standing) -> str:
    """Where a page of people ended."""
    return f"{line.status}~{line.turns}~{line.person_id}"


def read_cursor(text: str | None) -> After | None:
    """Where the next page begins. Raises RuleBroken."""
    if text is None:
        return None
    try:
        status, turns, person_id = text.split("~")
        place = After(_status(status), int(turns), UUID(person_id))
    except ValueError as error:
        raise RuleBroken(Rule.CURSOR_UNREADABLE) from error
    if not 0 <= place.turns < 2**31:
        raise RuleBroken(Rule.CURSOR_UNREADABLE)
    return place


def _status(text: str) -> StaffStatus:
    return DISPLAY_ORDER[DISPLAY_ORDER.index(text)]
