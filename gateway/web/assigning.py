"""Personnel managers: a course is assigned to a unit, or to some of its people, once it was shown whom it concerns."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final
from uuid import UUID, uuid5

from fastapi import Query
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway.ask import ask_for, execute
from gateway.errors import malformed
from gateway.forms import read_form
from gateway.parts import language_in, parts_of
from gateway.results import raise_refusal
from gateway.sentences import sentence
from gateway.web.asking import Asked, Asking, Figures, Place, in_use, place_of
from gateway.web.page import at, go, page, page_router
from services.contracts.message import Done, Outcome, Refused
from services.contracts.reporting.overview import AskOverview, Overview
from services.contracts.reporting.people import AskStaff, Staff, StaffLine
from services.contracts.scheduling import AssignCourse

router = page_router()

PEOPLE_MAX: Final = 100
"""People who may be ticked for one assignment."""

Ticked = Annotated[list[UUID], Query(alias="person", max_length=PEOPLE_MAX, default_factory=list)]
DueOn = Annotated[str, Query(max_length=40)]
Period = Annotated[int, Query(ge=1, le=1000)]
"""Which time the course is followed. A later one begins from the start, with new attempts."""
Everybody = Annotated[bool, Query()]
"""All of the unit. It must be said: a list in which nobody was ticked is not everybody."""


@dataclass(frozen=True, slots=True)
class Whom:
    """Whom an assignment would concern: those who were ticked, or all of the unit."""

    figures: Figures
    ticked: tuple[StaffLine, ...]
    all_of_unit: bool

    @property
    def count(self) -> int:
        """How many."""
        return self.figures.unit.people if self.all_of_unit else len(self.ticked)

    @property
    def settled(self) -> int:
        """For how many nothing changes: they passed, or used up all attempts."""
        settled = ("passed", "expiring", "expired", "failed", "exempt")
        if self.all_of_unit:
            return self.figures.of("passed", "expiring", "expired", "failed", "exempt")
        return sum(line.status in settled for line in self.ticked)


@router.get("/units/{unit}/assign")
async def choose(
    request: Request,
    unit: UUID,
    asked: Asking,
    person: Ticked,
    everybody: Everybody = False,
    due_on: DueOn = "",
    period: Period = 1,
) -> Response:
    """Which course, by when."""
    place = await place_of(request, asked, unit)
    return await _form(request, place, asked, await _whom(request, place, person, everybody), due_on, period)


@router.get("/units/{unit}/assign/check")
async def check(
    request: Request,
    unit: UUID,
    asked: Asking,
    person: Ticked,
    everybody: Everybody = False,
    due_on: DueOn = "",
    period: Period = 1,
) -> Response:
    """Whom it concerns, before anything is done; what is wrong stands beside its field."""
    place = await place_of(request, asked, unit)
    whom = await _whom(request, place, person, everybody)
    day = _day(due_on)
    if place.course is None or not in_use(place.course) or day is None or day < asked.today or not whom.count:
        wrong = "missing" if day is None else "past" if day < asked.today else ""
        return await _form(request, place, asked, whom, due_on, period, wrong, 422)
    return await page(
        request, "manager/check.html", place=place, asked=asked, whom=whom, due_on=day, period=period
    )


@router.post("/units/{unit}/assign")
async def assign(request: Request, unit: UUID, asked: Asking) -> Response:
    """Assigns, once however often the form is sent; then shows what became of it."""
    form = await read_form(request)
    try:
        people = [UUID(person) for person in form.all("person")]
        if len(people) > PEOPLE_MAX or not (people or form.one("everybody")):
            raise ValueError("nobody was ticked, or more than a list has")
        commands = _commands(
            {
                "course": form.one("course"),
                "due_on": form.one("due_on"),
                "period": int(form.one("period") or 1),
                "occurred_at": parts_of(request).clock(),
            },
            UUID(form.one("command_id")),
            unit,
            people,
        )
    except ValueError as error:
        errors = (
            error.errors(include_url=False, include_input=False) if isinstance(error, ValidationError) else ()
        )
        raise malformed(errors) from None
    outcomes = await execute(request, "scheduling", commands)
    if len(commands) == 1 or not any(isinstance(outcome, Done) for outcome in outcomes):
        raise_refusal(outcomes[0])
    if refused := [each for each in zip(commands, outcomes, strict=True) if isinstance(each[1], Refused)]:
        return await _in_part(request, unit, asked, refused, len(commands))
    done = {
        "course": form.one("course"),
        "done": "assigned",
        "position": max(outcome.position for outcome in outcomes if isinstance(outcome, Done)),
    }
    if len(people) == 1:
        return go(at(f"/people/{people[0]}", **done))
    return go(at(f"/units/{unit}/staff" if people else f"/units/{unit}", **done))


async def _whom(request: Request, place: Place, people: Sequence[UUID], everybody: bool) -> Whom:
    """Everybody of the unit, or those who were ticked, as they stand now."""
    course = place.course.course if place.course else "none"
    figures, staff = await asyncio.gather(
        ask_for(
            request, "reporting.overview", AskOverview(unit_id=place.unit.unit_id, course=course), Overview
        ),
        ask_for(
            request,
            "reporting.staff",
            AskStaff(
                unit_id=place.unit.unit_id,
                course=course,
                everybody=True,
                people=tuple(people),
                limit=max(len(people), 1),
            ),
            Staff,
        ),
    )
    return Whom(Figures(figures.unit), staff.lines if people else (), everybody and not people)


async def _form(
    request: Request,
    place: Place,
    asked: Asked,
    whom: Whom,
    due_on: str,
    period: int,
    wrong: str = "",
    status: int = 200,
) -> Response:
    courses = [course for course in place.courses if in_use(course)]
    return await page(
        request,
        "manager/assign.html",
        status,
        place=place,
        asked=asked,
        whom=whom,
        courses=courses,
        due_on=due_on,
        period=period,
        wrong=wrong,
    )


async def _in_part(
    request: Request, unit: UUID, asked: Asked, refused: Sequence[tuple[AssignCourse, Outcome]], told: int
) -> Response:
    """Some were assigned and some could not be: who, and why."""
    place = await place_of(request, asked, unit)
    people = tuple(command.person_id for command, _ in refused if command.person_id)
    whom = await _whom(request, place, people, everybody=False)
    language = language_in(request)
    why = {
        command.person_id: sentence(outcome.rule, language, outcome.params)
        for command, outcome in refused
        if isinstance(outcome, Refused)
    }
    return await page(
        request,
        "manager/in-part.html",
        409,
        place=place,
        asked=asked,
        names={line.person_id: line for line in whom.ticked},
        why=why,
        done=told - len(refused),
        told=told,
    )


def _commands(
    same: Mapping[str, object], command_id: UUID, unit: UUID, people: Sequence[UUID]
) -> list[AssignCourse]:
    """One command for the unit, or one for each person; the same again when the form is sent again."""
    if not people:
        return [AssignCourse.model_validate({**same, "command_id": command_id, "unit_id": unit})]
    return [
        AssignCourse.model_validate(
            {**same, "command_id": uuid5(command_id, str(person)), "person_id": person}
        )
        for person in people
    ]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
