"""Personnel managers: the planning board. Who sits where in a week; people are picked up and put down.

Picking up is a link, putting down a form: the whole board works without scripts. `static/board.js` does
the same by dragging, without loading the page anew, and asks nothing else. What stands in the way of a
seat is asked of scheduling before it is tried, and shown on the slot.
"""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Query
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway.ask import ask_for, execute
from gateway.errors import Problem, malformed
from gateway.forms import Form, read_form
from gateway.parts import language_in, parts_of
from gateway.sentences import sentence
from gateway.web.asking import Asked, Asking, place_of, shown
from gateway.web.page import at, go, page, page_router
from gateway.web.week import Hand, hand_of, held_in, week_of
from services.contracts.content import AskCourse, CourseSummary, CourseView
from services.contracts.message import Day, Done, Refused
from services.contracts.reporting.seats import AskPlan, Plan
from services.contracts.rules import Rule
from services.contracts.scheduling.fits import FIT_SLOTS_MAX, AskFit, Fit
from services.contracts.scheduling.seats import BookSeat, MoveSeat, ReleaseSeat

router = page_router()

TO_PLAN_MAX: Final = 400
"""People whom one answer about a plan names as to be planned."""

HALVES_MAX: Final = 2
DONE: Final = {"book": "booked", "move": "moved", "cancel": "cancelled"}
UNDOES: Final = {"booked": "cancel", "moved": "move", "cancelled": "book"}
"""What takes back what was done."""

Week = Annotated[Day | None, Query(alias="from")]
Text = Annotated[str, Query(max_length=140)]


class View:
    """Which part of the plan is looked at; it stays the same whatever is done."""

    def __init__(self, monday: date, room: UUID | None, hand: Hand | None) -> None:
        self.monday, self.room, self.hand = monday, room, hand

    def at(self, path: str, **query: object) -> str:
        """An address that shows the same; what is given is shown instead."""
        same = {"from": self.monday, "room": self.room, "hand": self.hand}
        return at(path, **{**same, **query})


@router.get("/units/{unit}/board")
async def board(
    request: Request,
    unit: UUID,
    asked: Asking,
    from_on: Week = None,
    room: Annotated[UUID | None, Query()] = None,
    hand: Text = "",
    did: Text = "",
    was: Annotated[UUID | None, Query()] = None,
) -> Response:
    """A week. `hand`: what is being placed; `did` and `was`: what was just done to whom, and to undo it."""
    view = View(_monday(from_on or _first_day(asked.today)), room, Hand.told(hand))
    return await shown(asked, lambda asked: _show(request, unit, asked, view, did=Hand.told(did), was=was))


@router.post("/units/{unit}/board")
async def change(request: Request, unit: UUID, asked: Asking) -> Response:
    """Books, moves or gives up a seat, once however often the form is sent; leads back to the same week."""
    form = await read_form(request)
    hand = Hand.told(form.one("hand"))
    do = form.one("do")
    if hand is None or do not in DONE:
        raise malformed(())
    try:
        monday = _monday(TypeAdapter(Day).validate_python(form.one("from")))
        room = UUID(form.one("room")) if form.one("room") else None
        was = UUID(form.one("was")) if form.one("was") else None
        command = _command(form, hand, do, parts_of(request).clock())
    except ValidationError as error:
        raise malformed(error.errors(include_url=False, include_input=False)) from None
    except ValueError:
        raise malformed(()) from None
    (outcome,) = await execute(request, "scheduling", [command])
    if isinstance(outcome, Refused):
        if outcome.rule == Rule.NOT_YOURS:
            raise Problem(Rule.NOT_YOURS)
        said = sentence(outcome.rule, language_in(request), outcome.params)
        view = View(monday, room, None if do == "cancel" else hand)
        return await _show(
            request, unit, replace(asked, course=form.one("course")), view, refusal=said, status=409
        )
    assert isinstance(outcome, Done)
    return go(
        View(monday, room, None).at(
            f"/units/{unit}/board",
            course=form.one("course"),
            position=outcome.position,
            done=DONE[do],
            did=hand,
            was=was,
        )
    )


async def _show(
    request: Request,
    unit: UUID,
    asked: Asked,
    view: View,
    *,
    did: Hand | None = None,
    was: UUID | None = None,
    refusal: str = "",
    status: int = 200,
) -> Response:
    place = await place_of(request, asked, unit)
    if place.course is None or not place.course.versions:  # one that is followed in person takes no seat here
        return await page(request, "manager/no-course.html", place=place, asked=asked)
    question = AskPlan(
        unit_id=unit,
        from_on=view.monday,
        days=7,
        course=place.course.course,
        at_least=asked.times["at_least"],
    )
    plan, halves = await asyncio.gather(
        ask_for(request, "reporting.plan", question, Plan), _halves(request, place.course)
    )
    now = parts_of(request).clock()
    fit = await _fit(request, view, plan) if view.hand else None
    week = week_of(
        plan,
        view.monday,
        now,
        halves=halves,
        room=view.room,
        hand=view.hand,
        fit=fit,
    )
    done = request.query_params.get("done", "")
    return await page(
        request,
        "seats/board.html",
        status,
        place=place,
        asked=asked,
        view=view,
        path=f"{place.path}/board",
        week=week,
        plan_rooms=plan.rooms,
        room_names={each.room_id: each.name for each in plan.rooms},
        before=view.monday - timedelta(days=7),
        after=view.monday + timedelta(days=7),
        this_week=_monday(_first_day(asked.today)),
        did=held_in(plan, did) if did else None,
        was=was,
        undo=UNDOES.get(done, "") if did and (was or done == "booked") else "",
        cut=len(plan.to_plan) >= TO_PLAN_MAX,
        refusal=refusal,
        hand_of=hand_of,
        sentence_of=lambda each: sentence(each.rule, language_in(request), each.params),
    )


async def _fit(request: Request, view: View, plan: Plan) -> Fit:
    """What each slot would say to what is in hand."""
    assert view.hand is not None
    slots = tuple(slot.slot_id for slot in plan.slots if view.room in (None, slot.room_id))
    asked = AskFit.model_validate({**view.hand.said, "slots": slots[:FIT_SLOTS_MAX]})
    return await ask_for(request, "scheduling.fit", asked, Fit)


def _command(form: Form, hand: Hand, do: str, now: Any) -> BookSeat | MoveSeat | ReleaseSeat:
    told: dict[str, Any] = {"command_id": UUID(form.one("command_id")), "occurred_at": now, **hand.said}
    if do == "cancel":
        return ReleaseSeat.model_validate(told)
    kind = BookSeat if do == "book" else MoveSeat
    return kind.model_validate(
        {**told, "slot_id": UUID(form.one("slot")), "despite": tuple(form.all("despite"))}
    )


async def _halves(request: Request, course: CourseSummary) -> int:
    """On how many seats a course is followed."""
    asked = AskCourse(course=course.course, language=course.languages[0])
    return min((await ask_for(request, "content.course", asked, CourseView)).sittings, HALVES_MAX)


def _first_day(today: date) -> date:
    """At the end of a week, one plans the next."""
    return today + timedelta(days=2) if today.weekday() >= 5 else today


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
