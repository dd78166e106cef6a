"""Learners: in-person courses. One asks for a seat, sees one's place, takes or lets go what is offered."""

from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from gateway.errors import malformed
from gateway.forms import read_form
from gateway.parts import session_in
from gateway.web.classroom import LANGUAGES, Position, begins, classroom_of, command_of, done
from gateway.web.page import page, page_router
from services.contracts.message import Command
from services.contracts.scheduling.classes import (
    AcceptClassSeat,
    EndClassWish,
    GiveUpClassPlace,
    RequestClass,
    WishClass,
)

router = page_router()

PATH: Final = "/in-person"

ABOUT_A_SESSION: Final[dict[str, type[Command]]] = {
    "ask": RequestClass,
    "accept": AcceptClassSeat,
    "give-up": GiveUpClassPlace,
}
"""What the buttons of the page say → the command."""


@router.get(PATH)
async def mine(request: Request, position: Position = 0) -> Response:
    """One's own places first, then the sessions to come, then wishes without a date."""
    room = await classroom_of(request, position)
    theirs = sorted((each for each in room.told.sessions if each.mine), key=begins)
    places = [*filter(room.is_open, theirs), *(each for each in reversed(theirs) if not room.is_open(each))]
    over = [each for each in room.to_come if each.over and not each.mine and each.over.cause != "withdrawn"]
    return await page(
        request,
        "sessions/mine.html",
        room=room,
        offered=[each for each in places if each.mine and each.mine.state == "offered"],
        places=[each for each in places if each.mine and each.mine.state != "offered"],
        over=over,
        cancelled=[each for each in room.cancelled if each.over],
        to_come=[each for each in room.to_come if not each.mine],
        languages_taught=LANGUAGES,
    )


@router.post(PATH)
async def change(request: Request) -> Response:
    """Asks, takes, lets go or wishes, once however often the form is sent."""
    form = await read_form(request)
    what, person_id = form.one("what"), session_in(request).person_id
    if what in ABOUT_A_SESSION:
        try:
            session = UUID(form.one("session"))
        except ValueError:
            raise malformed(()) from None
        about = {"class_id": session, "person_id": person_id}
        command = command_of(request, form, ABOUT_A_SESSION[what], **about)
    elif what == "wish":
        said = {"language": form.one("in"), "centre_id": form.one("centre") or None}
        command = command_of(request, form, WishClass, person_id=person_id, course=form.one("course"), **said)
    elif what == "unwish":
        command = command_of(request, form, EndClassWish, person_id=person_id, course=form.one("course"))
    else:
        raise malformed(())
    return await done(request, [command], PATH, what)
