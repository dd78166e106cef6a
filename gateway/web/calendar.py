"""Learners: their calendar in a program of their own, by a private address that they make and end."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from gateway.api.calendar import new_address
from gateway.parts import parts_of, session_in
from gateway.web.page import at, go, page, page_router

router = page_router()

CALENDAR: Final = "/calendar"


@router.get(CALENDAR)
async def calendar(request: Request) -> Response:
    """Whether there is an address, and how to make one."""
    return await _page(request, None)


@router.post(CALENDAR)
async def make(request: Request) -> Response:
    """A new address, shown on this page and never again: so it leads nowhere else."""
    return await _page(request, (await new_address(request)).address)


@router.post(CALENDAR + "/end")
async def end(request: Request) -> Response:
    """No address any more."""
    await parts_of(request).calendars.end(session_in(request).person_id)
    return go(at(CALENDAR, done="ended"))


async def _page(request: Request, address: str | None) -> Response:
    made_at = await parts_of(request).calendars.made_at(session_in(request).person_id)
    return await page(request, "calendar/calendar.html", address=address, made_at=made_at)
