"""Personnel managers: a plan is proposed, shown before anything is booked, and accepted whole or in part."""

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import Query
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway.accepting import Accepted, AcceptProposal, accept
from gateway.ask import ask_for
from gateway.errors import Problem, malformed
from gateway.forms import FIELDS_MAX, read_form
from gateway.parts import parts_of
from gateway.web.asking import courses_of, in_use, units_of
from gateway.web.page import at, go, page, page_router
from gateway.web.rendering import local_day
from services.contracts.reporting.organisation import UnitLine
from services.contracts.reporting.people import AskStaff, Staff, StaffLine
from services.contracts.reporting.seats import AskLostSeats, LostSeatLine, LostSeats
from services.contracts.rules import Rule
from services.contracts.scheduling.proposals import (
    AskProposal,
    AskProposals,
    NotPlaced,
    PlanProposal,
    PlanProposals,
    ProposalSlot,
    ProposedSeat,
    ProposePlan,
)

router = page_router()

RUNNING: Final = ("waiting", "running")
SHOWN: Final = 10
"""Of the proposals, the last ones."""

NAMES_AT_ONCE: Final = 500
TICKS_MAX: Final = FIELDS_MAX - 10
"""Rows that may be ticked: a form holds no more."""

LOST_MAX: Final = 100
"""Lost seats that the page names."""

ROOTS_MAX: Final = 20
"""Of so many units that do not lie below each other."""

WEEKS: Final = 8
"""The deadline that a form begins with lies so far ahead."""


@dataclass(frozen=True, slots=True)
class Row:
    """One person with what is proposed for them."""

    person_id: UUID
    line: StaffLine | None
    seats: tuple[ProposedSeat, ...]

    @property
    def booked(self) -> bool:
        """Whether all of it is booked by now."""
        return all(seat.booked for seat in self.seats)


@dataclass(frozen=True, slots=True)
class Week:
    """What a plan asks of one week."""

    monday: date
    seats: int
    people: int
    days: int
    """Days of teams on which somebody is away."""


@dataclass(frozen=True, slots=True)
class MoreSeats:
    """So many people would find a place if a slot had more seats."""

    slot: ProposalSlot
    people: int


@dataclass(frozen=True, slots=True)
class Lost:
    """Who needs a seat again, and whether there are others."""

    lines: Sequence[LostSeatLine]
    more: bool


@router.get("/proposals")
async def start(
    request: Request,
    unit: Annotated[UUID | None, Query()] = None,
    course: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """What a proposal is, the form to ask for one, and the last ones."""
    return await _start(request, unit, course, "")


@router.post("/proposals")
async def propose(request: Request) -> Response:
    """Asks, once however often the form is sent, and leads to where one sees it made."""
    form = await read_form(request)
    try:
        unit, day = UUID(form.one("unit")), _day(form.one("due_on"))
        if day is None or day < local_day(parts_of(request).clock()):
            wrong = "missing" if day is None else "past"
            return await _start(request, unit, form.one("course"), form.one("due_on"), wrong, 422)
        wanted = ProposePlan(
            proposal_id=UUID(form.one("proposal_id")), unit_id=unit, course=form.one("course"), due_on=day
        )
    except ValueError as error:
        errors = (
            error.errors(include_url=False, include_input=False) if isinstance(error, ValidationError) else ()
        )
        raise malformed(errors) from None
    try:
        await ask_for(request, "scheduling.propose", wanted, PlanProposal)
    except Problem as problem:
        if problem.kind != Rule.PROPOSAL_IN_HAND:
            raise
        told = await ask_for(request, "scheduling.proposals", AskProposals(limit=SHOWN), PlanProposals)
        running = next((each.proposal_id for each in told.proposals if each.state in RUNNING), None)
        return go(f"/proposals/{running}" if running else "/proposals")
    return go(f"/proposals/{wanted.proposal_id}")


@router.get("/proposals/{proposal}")
async def proposal(request: Request, proposal: UUID) -> Response:
    """How far it is; at its end who would sit where, and who could not be placed and why."""
    asked = AskProposal(proposal_id=proposal)
    told = await ask_for(request, "scheduling.proposal", asked, PlanProposal)
    return await _show(request, told)


@router.post("/proposals/{proposal}")
async def book(request: Request, proposal: UUID) -> Response:
    """Accepts it for those who were ticked, or for all; what no longer fits is said."""
    form = await read_form(request)
    try:
        people = None if form.one("everybody") else tuple(UUID(each) for each in form.all("person"))
        asked = AcceptProposal(acceptance_id=UUID(form.one("acceptance_id")), people=people)
    except ValueError:
        raise malformed(()) from None
    told = await ask_for(request, "scheduling.proposal", AskProposal(proposal_id=proposal), PlanProposal)
    if people == ():
        return await _show(request, told, nobody=True, status=422)
    accepted = await accept(request, proposal, asked, parts_of(request).clock())
    if not accepted.refused:
        return go(at(f"/proposals/{proposal}", done="accepted"))
    told = await ask_for(request, "scheduling.proposal", AskProposal(proposal_id=proposal), PlanProposal)
    return await _show(request, told, accepted=accepted, status=409)


async def _start(
    request: Request, unit: UUID | None, course: str, due_on: str, wrong: str = "", status: int = 200
) -> Response:
    units, courses, told = await asyncio.gather(
        units_of(request),
        courses_of(request),
        ask_for(request, "scheduling.proposals", AskProposals(limit=SHOWN), PlanProposals),
    )
    today = local_day(parts_of(request).clock())
    indented = _indented(units)
    return await page(
        request,
        "proposals/start.html",
        status,
        units=indented,
        lost=await _lost_in(request, [each.unit_id for each, depth in indented if depth == 0]),
        unit_names={each.unit_id: each.name for each in units},
        courses=[each for each in courses if in_use(each)],
        titles={each.course: each.title for each in courses},
        unit=unit or (units[0].unit_id if units else None),
        course=course,
        due_on=due_on or (today + timedelta(weeks=WEEKS)).isoformat(),
        wrong=wrong,
        told=told.proposals,
        running=next((each for each in told.proposals if each.state in RUNNING), None),
    )


async def _lost_in(request: Request, roots: Sequence[UUID]) -> Lost:
    """Whoever needs a seat again, in all that is in one's care, the earliest due date first."""
    answers = await asyncio.gather(
        *(
            ask_for(request, "reporting.lost_seats", AskLostSeats(unit_id=root), LostSeats)
            for root in roots[:ROOTS_MAX]
        )
    )
    lines = sorted(
        (line for each in answers for line in each.lines), key=lambda each: each.due_on or date.max
    )
    return Lost(
        lines[:LOST_MAX],
        len(roots) > ROOTS_MAX or len(lines) > LOST_MAX or any(each.more for each in answers),
    )


async def _show(
    request: Request,
    told: PlanProposal,
    *,
    accepted: Accepted | None = None,
    nobody: bool = False,
    status: int = 200,
) -> Response:
    named = {seat.person_id for seat in told.seats} | {each.person_id for each in told.not_placed}
    units, courses, names = await asyncio.gather(
        units_of(request), courses_of(request), _names(request, told, named)
    )
    slots = {slot.slot_id: slot for slot in told.slots}
    rows = _rows(told, slots, names)
    return await page(
        request,
        "proposals/proposal.html",
        status,
        proposal=told,
        running=told.state in RUNNING,
        unit=next((each for each in units if each.unit_id == told.unit_id), None),
        title=next((each.title for each in courses if each.course == told.course), None),
        names=names,
        slots=slots,
        rows=rows,
        open_rows=[row for row in rows if not row.booked],
        weeks=_weeks(rows, slots),
        not_placed=_alike(told.not_placed, names),
        more=_more_seats(told.not_placed, slots),
        ticks_max=TICKS_MAX,
        accepted=accepted,
        nobody=nobody,
    )


async def _names(request: Request, told: PlanProposal, people: Collection[UUID]) -> dict[UUID, StaffLine]:
    """How these people are called and where they belong, of those who are in one's care still."""
    wanted = sorted(people)
    parts = [wanted[first : first + NAMES_AT_ONCE] for first in range(0, len(wanted), NAMES_AT_ONCE)]
    answers = await asyncio.gather(
        *(
            ask_for(
                request,
                "reporting.staff",
                AskStaff(
                    unit_id=told.unit_id,
                    course=told.course,
                    everybody=True,
                    people=tuple(part),
                    limit=NAMES_AT_ONCE,
                ),
                Staff,
            )
            for part in parts
        )
    )
    return {line.person_id: line for answer in answers for line in answer.lines}


def _rows(told: PlanProposal, slots: dict[UUID, ProposalSlot], names: dict[UUID, StaffLine]) -> list[Row]:
    """By team, and by name within it."""
    seats: dict[UUID, list[ProposedSeat]] = {}
    for seat in told.seats:
        seats.setdefault(seat.person_id, []).append(seat)
    rows = [
        Row(
            person_id,
            names.get(person_id),
            tuple(sorted(own, key=lambda seat: slots[seat.slot_id].starts_at)),
        )
        for person_id, own in seats.items()
    ]
    return sorted(rows, key=_by_team_and_name)


def _alike(
    not_placed: Sequence[NotPlaced], names: dict[UUID, StaffLine]
) -> list[tuple[list[UUID], NotPlaced]]:
    """Those who meet the same rules, and whom the same would help, together; the largest group first."""
    groups: dict[tuple[object, ...], list[NotPlaced]] = {}
    for each in not_placed:
        groups.setdefault((each.obstacles, each.remedies), []).append(each)
    told = [
        (sorted((each.person_id for each in group), key=lambda p: _name(names.get(p))), group[0])
        for group in groups.values()
    ]
    return sorted(told, key=lambda group: -len(group[0]))


def _name(line: StaffLine | None) -> tuple[str, str]:
    return ((line.family_name or "").casefold(), (line.given_name or "").casefold()) if line else ("", "")


def _by_team_and_name(row: Row) -> tuple[str, str, str, str]:
    line = row.line
    return (str(line.unit_id) if line else "", *_name(line), str(row.person_id))


def _weeks(rows: Iterable[Row], slots: dict[UUID, ProposalSlot]) -> list[Week]:
    seats: Counter[date] = Counter()
    people: dict[date, set[UUID]] = {}
    days: dict[date, set[tuple[object, date]]] = {}
    for row in rows:
        for seat in row.seats:
            day = local_day(slots[seat.slot_id].starts_at)
            monday = day - timedelta(days=day.weekday())
            seats[monday] += 1
            people.setdefault(monday, set()).add(row.person_id)
            days.setdefault(monday, set()).add((row.line.unit_id if row.line else None, day))
    return [Week(monday, seats[monday], len(people[monday]), len(days[monday])) for monday in sorted(seats)]


def _more_seats(not_placed: Sequence[NotPlaced], slots: dict[UUID, ProposalSlot]) -> list[MoreSeats]:
    """Where seats are missing: slots that stand alone in somebody's way."""
    wanted: Counter[UUID] = Counter()
    for each in not_placed:
        if each.remedies and each.remedies[0].obstacles == ("seats",):
            wanted.update(each.remedies[0].slots)
    found = [MoreSeats(slots[slot], count) for slot, count in wanted.items()]
    return sorted(found, key=lambda more: (more.slot.starts_at, more.slot.room))


def _indented(units: Sequence[UnitLine]) -> list[tuple[UnitLine, int]]:
    """Each unit below its parent, with how deep it lies."""
    known = {unit.unit_id for unit in units}
    below: dict[UUID | None, list[UnitLine]] = {}
    for unit in units:
        below.setdefault(unit.parent_id if unit.parent_id in known else None, []).append(unit)
    found: list[tuple[UnitLine, int]] = []

    def walk(parent: UUID | None, depth: int) -> None:
        for unit in below.get(parent, ()):
            found.append((unit, depth))
            walk(unit.unit_id, depth + 1)

    walk(None, 0)
    return found


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
