"""One's own calendar: signed in, or by a private address that a calendar program follows."""

import hashlib
from datetime import datetime, timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from gateway.api import json_answer, router_for
from gateway.ask import ask_as
from gateway.errors import Problem
from gateway.limits import CALENDAR_TOKEN_SECONDS
from gateway.parts import parts_of, session_in
from services.contracts.access import Actor, Role
from services.contracts.message import Instant, Message
from services.contracts.scheduling.messages import AskMyCalendar, MyCalendar

router = router_for("learner")
plain = router_for("learner", prefix="")

FEED: Final = "/calendar/{secret}.ics"
HEADERS: Final = {
    "cache-control": "private, no-cache",  # it may be kept, and is asked for each time
    "content-disposition": 'inline; filename="parcours.ics"',
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex, nofollow, noarchive",
}
_ICS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "content": {"text/calendar": {"schema": {"type": "string"}}},
        "description": "iCalendar (RFC 5545)",
    },
    304: {"description": "It is as it was (If-None-Match)"},
}


class CalendarAddress(Message):
    """Whether there is a private address, and since when; the address itself is told once, when it is made."""

    made_at: Instant | None
    address: str | None = None


@router.get("/me/calendar", responses=_ICS, response_class=Response, summary="When am I expected?")
async def mine(request: Request) -> Response:
    """One's own seats and in-person sessions from a month ago on, as a calendar."""
    token = parts_of(request).sessions.actor_token(session_in(request), "scheduling")
    return await _calendar(request, token)


@router.get("/me/calendar/address", response_model=CalendarAddress, summary="Is there a private address?")
async def address(request: Request) -> Response:
    """Since when; it is not told again."""
    made_at = await parts_of(request).calendars.made_at(session_in(request).person_id)
    return json_answer(CalendarAddress(made_at=made_at).model_dump_json())


@router.post(
    "/me/calendar/address", status_code=201, response_model=CalendarAddress, summary="Make a private address"
)
async def make(request: Request) -> Response:
    """A calendar program that follows it sees one's appointments without signing in. The one before ends."""
    made = await new_address(request)
    return json_answer(made.model_dump_json(), 201)


@router.delete("/me/calendar/address", response_model=CalendarAddress, summary="End the private address")
async def end(request: Request) -> Response:
    """Nobody reads the calendar by it any more."""
    await parts_of(request).calendars.end(session_in(request).person_id)
    return json_answer(CalendarAddress(made_at=None).model_dump_json())


@plain.get(FEED, responses=_ICS, response_class=Response, summary="A calendar by its private address")
async def feed(request: Request, secret: str) -> Response:
    """For calendar programs: whoever has the address reads it. It says what it should be asked how often."""
    parts = parts_of(request)
    parts.calendar_readers.take(request.client.host if request.client else "")
    person_id = await parts.calendars.whose(secret)
    if person_id is None:
        raise Problem("not-found")
    parts.calendar_reads.take(person_id)
    expires_at = parts.clock() + timedelta(seconds=CALENDAR_TOKEN_SECONDS)
    actor = Actor(person_id=person_id, roles=frozenset({Role.LEARNER}), expires_at=expires_at)
    return await _calendar(request, parts.signer.sign(actor, "scheduling"))


async def new_address(request: Request) -> CalendarAddress:
    """Made for whoever asks; the only time that it is told."""
    parts, person_id = parts_of(request), session_in(request).person_id
    secret = await parts.calendars.make(person_id)
    made_at: datetime | None = await parts.calendars.made_at(person_id)
    told = parts.settings.public_origin
    origin = told.rstrip("/") if told else f"{request.url.scheme}://{request.url.netloc}"
    return CalendarAddress(made_at=made_at, address=origin + FEED.format(secret=secret))


async def _calendar(request: Request, token: str) -> Response:
    told = await ask_as(request, token, "scheduling.my_calendar", AskMyCalendar())
    content = MyCalendar.model_validate_json(told).content.encode()
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {**HEADERS, "etag": tag}
    known = {each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")}
    if tag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type="text/calendar")
