"""Personnel managers: rooms with seats, when they are open, and the slots that people are booked in."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Annotated, Any, Final
from uuid import UUID, uuid5

from fastapi import Query
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway.ask import ask_for, execute
from gateway.errors import Problem, malformed
from gateway.forms import Form, read_form
from gateway.parts import language_in, parts_of
from gateway.sentences import sentence
from gateway.web.asking import Asked, Asking, Place, place_of, shown
from gateway.web.page import at, go, page, page_router
from gateway.web.rendering import local_day
from gateway.web.room_forms import Draft, RoomDraft, SlotsDraft, opening_hours
from services.contracts.message import Day, Done, Refused
from services.contracts.reporting.seats import AskPlan, Plan, RoomLine, SlotLine
from services.contracts.rules import Rule
from services.contracts.scheduling.seats import (
    CancelSlot,
    ChangeRoom,
    CloseRoom,
    LiftClosure,
    OpenRoom,
    OpenSlots,
)

router = page_router()

WEEKS_SHOWN: Final = 6
PLAN_DAYS_MAX: Final = 42
"""Days of one question about a plan."""

CLOSURE_DAYS_MAX: Final = 366
"""Days that a room is closed by one form: all that is touched is shown first."""

PATH = "/units/{unit}/rooms"
ROOM = PATH + "/{room}"


@dataclass(frozen=True, slots=True)
class Here:
    """A room, with its slots of some weeks."""

    place: Place
    room: RoomLine
    slots: tuple[SlotLine, ...]
    from_on: date

    @property
    def path(self) -> str:
        """Its page."""
        return f"{self.place.path}/rooms/{self.room.room_id}"

    @property
    def weeks(self) -> list[tuple[date, list[tuple[date, list[SlotLine]]]]]:
        """By week and day, of weeks with slots only."""
        days: dict[date, list[SlotLine]] = {}
        for slot in self.slots:
            days.setdefault(local_day(slot.starts_at), []).append(slot)
        weeks: dict[date, list[tuple[date, list[SlotLine]]]] = {}
        for day, slots in sorted(days.items()):
            weeks.setdefault(day - timedelta(days=day.weekday()), []).append((day, slots))
        return list(weeks.items())


@router.get(PATH)
async def rooms(request: Request, unit: UUID, asked: Asking) -> Response:
    """The rooms in which people of a unit may sit."""
    return await shown(asked, partial(_rooms, request, unit))


async def _rooms(request: Request, unit: UUID, asked: Asked) -> Response:
    place, plan = await asyncio.gather(
        place_of(request, asked, unit), _plan(request, unit, asked, asked.today, PLAN_DAYS_MAX)
    )
    coming = {room.room_id: [s for s in plan.slots if s.room_id == room.room_id] for room in plan.rooms}
    return await page(
        request,
        "seats/rooms.html",
        place=place,
        asked=asked,
        listed=plan.rooms,
        coming=coming,
        hours_of=opening_hours,
    )


@router.get(f"{PATH}/new")
async def new(request: Request, unit: UUID, asked: Asking) -> Response:
    """How a room is called, how many seats it has, when it is open."""
    return await _room_form(request, await place_of(request, asked, unit), asked, RoomDraft({}), {})


@router.post(PATH)
async def add(request: Request, unit: UUID, asked: Asking) -> Response:
    """Adds a room, once however often the form is sent."""
    form = await read_form(request)
    draft = RoomDraft.of(form)
    if wrong := draft.wrong:
        return await _room_form(request, await place_of(request, asked, unit), asked, draft, wrong, 422)
    command_id = _id(form)
    room_id = uuid5(command_id, "room")
    body = {"room_id": room_id, "unit_id": unit, **draft.said}
    outcome = await _carry_out(request, OpenRoom, command_id, body)
    if isinstance(outcome, Refused):
        said = _sentence(request, outcome)
        return await _room_form(request, await place_of(request, asked, unit), asked, draft, {"": said}, 409)
    return go(at(f"/units/{unit}/rooms/{room_id}", done="added", position=outcome.position))


@router.get(ROOM)
async def room(
    request: Request,
    unit: UUID,
    room: UUID,
    asked: Asking,
    from_on: Annotated[Day | None, Query(alias="from")] = None,
) -> Response:
    """A room: what it is, when it is closed, and its slots of some weeks."""
    return await shown(asked, lambda asked: _show(request, unit, room, asked, from_on))


@router.post(ROOM)
async def change(request: Request, unit: UUID, room: UUID, asked: Asking) -> Response:
    """Changes its name, its seats or its hours."""
    form = await read_form(request)
    draft = RoomDraft.of(form)
    if wrong := draft.wrong:
        return await _show(request, unit, room, asked, room_draft=draft, wrong=wrong, status=422)
    outcome = await _carry_out(request, ChangeRoom, _id(form), {"room_id": room, **draft.said})
    if isinstance(outcome, Refused):
        said = {"": _sentence(request, outcome)}
        return await _show(request, unit, room, asked, room_draft=draft, wrong=said, status=409)
    return go(at(f"/units/{unit}/rooms/{room}", done="changed", position=outcome.position))


@router.post(f"{ROOM}/slots")
async def open_slots(request: Request, unit: UUID, room: UUID, asked: Asking) -> Response:
    """Opens slots at up to four times of a day; what is refused is said, time by time."""
    form = await read_form(request)
    draft = SlotsDraft.of(form)
    if wrong := draft.wrong(asked.today):
        return await _show(request, unit, room, asked, slots_draft=draft, wrong=wrong, status=422)
    form_id, now = _id(form), parts_of(request).clock()
    commands = [
        _made(OpenSlots, uuid5(form_id, body["starts"]), now, {"room_id": room, **body})
        for body in draft.series
    ]
    outcomes = await execute(request, "scheduling", commands)
    refused = [each for each in outcomes if isinstance(each, Refused)]
    position = max((each.position for each in outcomes if isinstance(each, Done)), default=None)
    if not refused:
        return go(
            at(f"/units/{unit}/rooms/{room}", done="slots", position=position, **{"from": draft.from_on})
        )
    said = {
        "opened": str(len(outcomes) - len(refused)),
        "refused": "\n".join(_sentence(request, each) for each in refused),
    }
    asked = Asked(asked.course, asked.as_of, asked.known_at, position or 0, asked.today)
    return await shown(
        asked,
        lambda asked: _show(request, unit, room, asked, slots_draft=draft, wrong=said, status=409),
    )


@router.get(f"{ROOM}/close")
async def before_close(request: Request, unit: UUID, room: UUID, asked: Asking) -> Response:
    """From when to when, and why; then which slots and whose seats that touches, before anything is done."""
    return await _close_form(request, unit, room, asked, Draft(dict(request.query_params)))


@router.post(f"{ROOM}/close")
async def close(request: Request, unit: UUID, room: UUID, asked: Asking) -> Response:
    """Closes it: slots are cancelled, and whoever sat there needs another seat."""
    form = await read_form(request)
    draft = Draft({name: form.one(name) for name in ("from_on", "to_on", "reason")})
    if _closure_wrong(draft, asked.today):
        return await _close_form(request, unit, room, asked, draft, 422)
    command_id = _id(form)
    body = {"room_id": room, "closure_id": uuid5(command_id, "closure"), **draft.told}
    outcome = await _carry_out(request, CloseRoom, command_id, body)
    if isinstance(outcome, Refused):
        return await _close_form(request, unit, room, asked, draft, 409, _sentence(request, outcome))
    return go(at(f"/units/{unit}/rooms/{room}", done="closed", position=outcome.position))


@router.post(f"{ROOM}/lift")
async def lift(request: Request, unit: UUID, room: UUID) -> Response:
    """Lifts a closure; what was cancelled stays cancelled."""
    form = await read_form(request)
    body = {"room_id": room, "closure_id": _id(form, "closure_id")}
    outcome = await _carry_out(request, LiftClosure, _id(form), body)
    if isinstance(outcome, Refused) and outcome.rule != Rule.CLOSURE_UNKNOWN:
        raise Problem(outcome.rule, params=outcome.params)
    position = outcome.position if isinstance(outcome, Done) else None
    return go(at(f"/units/{unit}/rooms/{room}", done="lifted", position=position))


@router.get(f"{ROOM}/slots/{{slot}}")
async def slot(
    request: Request, unit: UUID, room: UUID, slot: UUID, asked: Asking, on: Annotated[Day, Query()]
) -> Response:
    """Who sits there, and the form that cancels it. `on` is its day."""
    return await _slot_form(request, unit, room, slot, asked, on)


@router.post(f"{ROOM}/slots/{{slot}}")
async def cancel(request: Request, unit: UUID, room: UUID, slot: UUID, asked: Asking) -> Response:
    """Cancels it: whoever sat there needs another seat."""
    form = await read_form(request)
    try:
        on = TypeAdapter(Day).validate_python(form.one("on"))
    except ValueError:
        raise malformed(()) from None
    reason = form.one("reason").strip()
    if not reason:
        return await _slot_form(request, unit, room, slot, asked, on, "missing", 422)
    outcome = await _carry_out(request, CancelSlot, _id(form), {"slot_id": slot, "reason": reason})
    if isinstance(outcome, Refused):
        raise Problem(outcome.rule, params=outcome.params)
    return go(at(f"/units/{unit}/rooms/{room}", done="cancelled", position=outcome.position, **{"from": on}))


# --- what the forms have in common ---------------------------------------------------------------


async def _show(
    request: Request,
    unit: UUID,
    room: UUID,
    asked: Asked,
    from_on: date | None = None,
    *,
    room_draft: RoomDraft | None = None,
    slots_draft: SlotsDraft | None = None,
    wrong: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    here = await _here(request, unit, room, asked, from_on or asked.today)
    return await page(
        request,
        "seats/room.html",
        status,
        place=here.place,
        asked=asked,
        here_is=here,
        room=here.room,
        room_draft=room_draft or RoomDraft.as_it_is(here.room),
        slots_draft=slots_draft or SlotsDraft.usual(asked.today),
        about="slots" if slots_draft else "room",
        wrong=wrong or {},
        before=here.from_on - timedelta(weeks=WEEKS_SHOWN),
        after=here.from_on + timedelta(weeks=WEEKS_SHOWN),
    )


async def _here(request: Request, unit: UUID, room: UUID, asked: Asked, from_on: date) -> Here:
    from_on -= timedelta(days=from_on.weekday())
    place, plan = await asyncio.gather(
        place_of(request, asked, unit), _plan(request, unit, asked, from_on, WEEKS_SHOWN * 7)
    )
    return Here(place, _room_in(plan, room), tuple(s for s in plan.slots if s.room_id == room), from_on)


async def _plan(request: Request, unit: UUID, asked: Asked, from_on: date, days: int) -> Plan:
    question = AskPlan(unit_id=unit, from_on=from_on, days=days, at_least=asked.times["at_least"])
    return await ask_for(request, "reporting.plan", question, Plan)


def _room_in(plan: Plan, room: UUID) -> RoomLine:
    found = next((each for each in plan.rooms if each.room_id == room), None)
    if found is None:
        raise Problem(Rule.ROOM_UNKNOWN)
    return found


async def _room_form(
    request: Request, place: Place, asked: Asked, draft: RoomDraft, wrong: dict[str, str], status: int = 200
) -> Response:
    return await page(
        request, "seats/new-room.html", status, place=place, asked=asked, room_draft=draft, wrong=wrong
    )


async def _close_form(
    request: Request,
    unit: UUID,
    room: UUID,
    asked: Asked,
    draft: Draft,
    status: int = 200,
    refusal: str = "",
) -> Response:
    here = await _here(request, unit, room, asked, asked.today)
    if not here.room.yours:
        raise Problem(Rule.NOT_YOURS)
    wrong = _closure_wrong(draft, asked.today) if draft.told else {}
    touched: Sequence[SlotLine] = ()
    checked = bool(draft.told) and not wrong
    if checked:
        first, last = date.fromisoformat(draft["from_on"]), date.fromisoformat(draft["to_on"])
        starts = [first + timedelta(days=days) for days in range(0, (last - first).days + 1, PLAN_DAYS_MAX)]
        plans = await asyncio.gather(
            *(
                _plan(request, unit, asked, start, min(PLAN_DAYS_MAX, (last - start).days + 1))
                for start in starts
            )
        )
        now = parts_of(request).clock()
        touched = [s for plan in plans for s in plan.slots if s.room_id == room and s.starts_at > now]
    return await page(
        request,
        "seats/close.html",
        422 if wrong and status == 200 else status,
        place=here.place,
        asked=asked,
        here_is=here,
        room=here.room,
        draft=draft,
        wrong=wrong,
        refusal=refusal,
        checked=checked,
        touched=touched,
    )


def _closure_wrong(draft: Draft, today: date) -> dict[str, str]:
    found: dict[str, str] = {}
    first, last = draft.day(found, "from_on", not_before=today), draft.day(found, "to_on")
    if first and last:
        if last < first:
            found["to_on"] = "before"
        elif (last - first).days >= CLOSURE_DAYS_MAX:
            found["to_on"] = "long"
    if not draft["reason"]:
        found["reason"] = "missing"
    return found


async def _slot_form(
    request: Request,
    unit: UUID,
    room: UUID,
    slot: UUID,
    asked: Asked,
    on: date,
    wrong: str = "",
    status: int = 200,
) -> Response:
    place, plan = await asyncio.gather(place_of(request, asked, unit), _plan(request, unit, asked, on, 1))
    line = next((each for each in plan.slots if each.slot_id == slot and each.room_id == room), None)
    if line is None:
        raise Problem(Rule.SLOT_UNKNOWN)
    return await page(
        request,
        "seats/slot.html",
        status,
        place=place,
        asked=asked,
        room=_room_in(plan, room),
        slot=line,
        on=on,
        begun=line.starts_at <= parts_of(request).clock(),
        wrong=wrong,
    )


async def _carry_out(
    request: Request, kind: Callable[..., BaseModel], command_id: UUID, body: dict[str, Any]
) -> Done | Refused:
    command = _made(kind, command_id, parts_of(request).clock(), body)
    (outcome,) = await execute(request, "scheduling", [command])
    if isinstance(outcome, Refused) and outcome.rule == Rule.NOT_YOURS:
        raise Problem(Rule.NOT_YOURS)
    return outcome


def _made(kind: Callable[..., BaseModel], command_id: UUID, now: Any, body: dict[str, Any]) -> BaseModel:
    """A command. Raises Problem for a form that is not ours."""
    try:
        return kind(command_id=command_id, occurred_at=now, **body)
    except ValidationError as error:
        raise malformed(error.errors(include_url=False, include_input=False)) from None


def _sentence(request: Request, refused: Refused) -> str:
    return sentence(refused.rule, language_in(request), refused.params)


def _id(form: Form, name: str = "command_id") -> UUID:
    try:
        return UUID(form.one(name))
    except ValueError:
        raise malformed(()) from None
