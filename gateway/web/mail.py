"""Messages to people: their queue for operators, and for managers who was reminded of what, and will be."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from gateway.ask import ask_for
from gateway.errors import Problem
from gateway.parts import parts_of
from gateway.rpc import Away, Failed
from gateway.web.asking import Asking, Place, place_of
from gateway.web.page import page, page_router
from gateway.web.rendering import local_day
from services.contracts.reporting.people import AskStaff, Staff, StaffLine
from services.contracts.scheduling.messages import (
    AskMailQueue,
    AskReminders,
    MailQueue,
    Reminders,
    ReminderSent,
    ReminderToCome,
)

router = page_router()

QUEUE: Final = "/operations/mail"
STUCK: Final = timedelta(minutes=10)
"""A message whose time came so long ago: the mail server is away, or too slow for what is to be sent."""

LINES: Final = 250
"""Of each list; a page is no archive."""

NAMES_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Group:
    """The same message, on one day, with the same fate, and whom it concerns, as far as reporting knows them."""

    line: ReminderSent | ReminderToCome
    day: date
    people: tuple[tuple[UUID, StaffLine | None], ...]


@router.get(QUEUE)
async def queue(request: Request) -> Response:
    """What waits, what fails, what became of the rest: nobody is named."""
    told = await ask_for(request, "scheduling.mail_queue", AskMailQueue(), MailQueue)
    stuck = told.oldest_at is not None and told.at - told.oldest_at > STUCK
    return await page(
        request,
        "mail/queue.html",
        queue=told,
        stuck=stuck,
        sent=sum(kind.sent for kind in told.kinds),
        dropped=sum(kind.dropped for kind in told.kinds),
        at=parts_of(request).clock(),
    )


@router.get("/units/{unit}/reminders")
async def reminders(request: Request, unit: UUID, asked: Asking) -> Response:
    """Messages about due dates of a unit's people: sent, not sent and why, and to come."""
    place, told = await asyncio.gather(
        place_of(request, asked, unit),
        ask_for(request, "scheduling.reminders", AskReminders(unit_id=unit, limit=LINES), Reminders),
    )
    people = await _people(
        request, place, [*(line.person_id for line in told.sent), *(line.person_id for line in told.to_come)]
    )
    return await page(
        request,
        "mail/reminders.html",
        place=place,
        asked=asked,
        told=told,
        sent=_grouped(told.sent, people),
        to_come=_grouped(told.to_come, people),
        titles={course.course: course.title for course in place.courses},
    )


def _grouped(
    lines: Sequence[ReminderSent] | Sequence[ReminderToCome], people: Mapping[UUID, StaffLine]
) -> list[Group]:
    """In the order in which the first of each comes."""
    found: dict[tuple[object, ...], list[ReminderSent | ReminderToCome]] = {}
    for line in lines:
        same = (line.state, line.reason) if isinstance(line, ReminderSent) else (line.due_on,)
        found.setdefault((_day(line), line.kind, line.course, *same), []).append(line)
    return [
        Group(each[0], _day(each[0]), tuple((line.person_id, people.get(line.person_id)) for line in each))
        for each in found.values()
    ]


def _day(line: ReminderSent | ReminderToCome) -> date:
    return local_day(line.at) if isinstance(line, ReminderSent) else line.on


async def _people(request: Request, place: Place, wanted: Sequence[UUID]) -> dict[UUID, StaffLine]:
    """Who they are: reporting says so, of those in one's care."""
    people = tuple(dict.fromkeys(wanted))
    if place.course is None or not people:
        return {}
    asked = AskStaff(
        unit_id=place.unit.unit_id,
        course=place.course.course,
        everybody=True,
        people=people[:NAMES_AT_ONCE],
        limit=NAMES_AT_ONCE,
    )
    try:
        told = await ask_for(request, "reporting.staff", asked, Staff)
    except (Away, Failed, Problem):
        return {}
    return {line.person_id: line for line in told.lines}
