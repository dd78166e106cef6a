"""Personnel managers: standing orders for their units, and the due dates that somebody must decide."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Annotated, Any, Final
from uuid import UUID, uuid5

from fastapi import Query
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway.ask import ask_for, execute
from gateway.errors import Problem, malformed
from gateway.forms import read_form
from gateway.parts import parts_of
from gateway.results import raise_refusal
from gateway.web.asking import Asked, Asking, Place, in_use, place_of, shown
from gateway.web.page import at, files_of, go, page, page_router
from services.contracts.message import Done
from services.contracts.reporting.due import DUE_STATUSES, AskDue, Due
from services.contracts.reporting.duties import (
    AskHindrances,
    AskOrders,
    HindranceLine,
    Hindrances,
    OrderLine,
    Orders,
)
from services.contracts.reporting.overview import AskOverview, Overview
from services.contracts.reporting.standing import Status
from services.contracts.rules import Rule
from services.contracts.scheduling.duties import EndOrder, GiveOrder

router = page_router()

FIELDS: Final = (
    "course",
    "function",
    "due",
    "due_on",
    "after_days",
    "again",
    "months",
    "window_days",
    "grace_days",
    "from_on",
    "to_on",
)
USUAL: Final = {"due": "joining", "after_days": "90", "again": "yes", "window_days": "60", "grace_days": "0"}
"""What an empty form proposes."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An order as somebody fills in its form; what is wrong with it, by field."""

    told: Mapping[str, str]
    today: date

    def __getattr__(self, name: str) -> str:
        """A field as it was written."""
        if name in FIELDS:
            return self.told.get(name, "").strip()
        raise AttributeError(name)

    @property
    def wrong(self) -> dict[str, str]:
        """By field: `missing`, `past`, `number`, `before`."""
        found: dict[str, str] = {}
        if self.due == "date":
            self._day(found, "due_on", not_before=self.today)
        else:
            self._number(found, "after_days", 1, 3650)
        if self.again:
            if self.months:
                self._number(found, "months", 1, 240)
            self._number(found, "window_days", 1, 730)
            self._number(found, "grace_days", 0, 365)
        start = self._day(found, "from_on")
        if self.to_on:
            end = self._day(found, "to_on", not_before=self.today)
            if start and end and end < start:
                found["to_on"] = "before"
        return found

    def command(self, command_id: UUID, unit_id: UUID, now: datetime) -> GiveOrder:
        """The order. Raises Problem for a form that is not ours."""
        again = {
            "months": int(self.months) if self.months else None,
            "window_days": int(self.window_days or 0),
            "grace_days": int(self.grace_days or 0),
        }
        body: dict[str, Any] = {
            "command_id": command_id,
            "occurred_at": now,
            "order_id": uuid5(command_id, "order"),
            "course": self.course,
            "unit_id": unit_id,
            "function": self.function or None,
            "due_on": self.due_on if self.due == "date" else None,
            "after_days": int(self.after_days or 0) if self.due != "date" else None,
            "recurrence": again if self.again else None,
            "from_on": self.from_on,
            "to_on": self.to_on or None,
        }
        try:
            return GiveOrder.model_validate(body)
        except ValidationError as error:
            raise malformed(error.errors(include_url=False, include_input=False)) from None

    def _day(self, found: dict[str, str], name: str, not_before: date | None = None) -> date | None:
        try:
            day = date.fromisoformat(getattr(self, name))
        except ValueError:
            found[name] = "missing"
            return None
        if not_before is not None and day < not_before:
            found[name] = "past"
        return day

    def _number(self, found: dict[str, str], name: str, least: int, most: int) -> None:
        text = getattr(self, name)
        if not (text.isascii() and text.isdigit() and len(text) < 6 and least <= int(text) <= most):
            found[name] = "number"


@router.get("/units/{unit}/orders")
async def orders(request: Request, unit: UUID, asked: Asking) -> Response:
    """The orders that concern a unit: its own, those from above, those below it."""
    return await shown(asked, partial(_orders, request, unit))


async def _orders(request: Request, unit: UUID, asked: Asked) -> Response:
    place, told = await asyncio.gather(
        place_of(request, asked, unit), ask_for(request, "reporting.orders", _asks(unit, asked), Orders)
    )

    def ends(order: OrderLine) -> bool:
        return bool(order.ended_at or (order.to_on and order.to_on < asked.today))

    return await page(
        request,
        "duties/orders.html",
        place=place,
        asked=asked,
        standing=[order for order in told.orders if not ends(order)],
        ended=[order for order in told.orders if ends(order)],
        files=files_of("/orders", unit=unit),
        titles=_titles(place),
    )


@router.get("/units/{unit}/orders/new")
async def new(request: Request, unit: UUID, asked: Asking) -> Response:
    """Who must follow which course, by when, and again when."""
    place = await place_of(request, asked, unit)
    told = dict(request.query_params) or {**USUAL, "from_on": asked.today.isoformat()}
    return await _form(request, place, asked, Draft(told, asked.today), {})


@router.get("/units/{unit}/orders/check")
async def check(request: Request, unit: UUID, asked: Asking) -> Response:
    """What it will do, before anything is done; what is wrong stands beside its field."""
    place = await place_of(request, asked, unit)
    draft = Draft(dict(request.query_params), asked.today)
    if place.course is None or not in_use(place.course):
        return await _form(request, place, asked, draft, {}, 422)
    draft = Draft({**draft.told, "course": place.course.course}, asked.today)
    if wrong := draft.wrong:
        return await _form(request, place, asked, draft, wrong, 422)
    told = await ask_for(
        request, "reporting.overview", AskOverview(unit_id=unit, course=place.course.course), Overview
    )
    command = draft.command(UUID(int=0), unit, parts_of(request).clock())
    fields = {name: getattr(draft, name) for name in FIELDS if getattr(draft, name)}
    return await page(
        request,
        "duties/check.html",
        place=place,
        asked=asked,
        order=command,
        fields=fields,
        back=at(f"{place.path}/orders/new", **fields),
        people=told.unit.people,
    )


@router.post("/units/{unit}/orders")
async def give(request: Request, unit: UUID, asked: Asking) -> Response:
    """Gives the order, once however often the form is sent."""
    form = await read_form(request)
    draft = Draft({name: form.one(name) for name in FIELDS}, asked.today)
    if draft.wrong:
        place = await place_of(request, asked, unit)
        return await _form(request, place, asked, draft, draft.wrong, 422)
    try:
        command_id = UUID(form.one("command_id"))
    except ValueError:
        raise malformed(()) from None
    (outcome,) = await execute(
        request, "scheduling", [draft.command(command_id, unit, parts_of(request).clock())]
    )
    raise_refusal(outcome)
    position = outcome.position if isinstance(outcome, Done) else None
    return go(at(f"/units/{unit}/orders", done="given", position=position))


@router.get("/units/{unit}/orders/{order}/end")
async def before_end(request: Request, unit: UUID, order: UUID, asked: Asking) -> Response:
    """What it means, and the form that does it."""
    place, told = await asyncio.gather(
        place_of(request, asked, unit), ask_for(request, "reporting.orders", _asks(unit, asked), Orders)
    )
    found = next((each for each in told.orders if each.order_id == order), None)
    if found is None:
        raise Problem(Rule.NOT_YOURS)
    if found.ended_at or not found.in_care:
        return go(f"{place.path}/orders")
    return await page(
        request, "duties/end.html", place=place, asked=asked, order=found, titles=_titles(place)
    )


@router.post("/units/{unit}/orders/{order}/end")
async def end(request: Request, unit: UUID, order: UUID) -> Response:
    """Ends it, once however often the form is sent."""
    form = await read_form(request)
    try:
        command_id = UUID(form.one("command_id"))
    except ValueError:
        raise malformed(()) from None
    command = EndOrder(command_id=command_id, occurred_at=parts_of(request).clock(), order_id=order)
    (outcome,) = await execute(request, "scheduling", [command])
    raise_refusal(outcome)
    position = outcome.position if isinstance(outcome, Done) else None
    return go(at(f"/units/{unit}/orders", done="ended", position=position))


@router.get("/units/{unit}/due")
async def due(
    request: Request,
    unit: UUID,
    asked: Asking,
    status: Annotated[Status | None, Query()] = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """What is late, will be, or ends: by unit, and who."""
    place = await place_of(request, asked, unit)
    if place.course is None:
        return await page(request, "manager/no-course.html", place=place, asked=asked)
    only = status if status in DUE_STATUSES else None
    question = {"unit_id": unit, "course": place.course.course, "status": only, "cursor": cursor}
    told = await ask_for(request, "reporting.due", AskDue.model_validate({**question, **asked.times}), Due)
    filters = {"unit": unit, "course": place.course.course, "status": only}
    moments = {"as_of": asked.as_of, "known_at": asked.known_at}
    return await page(
        request,
        "duties/due.html",
        place=place,
        asked=asked,
        told=told,
        wanted=only,
        kinds=DUE_STATUSES,
        files=files_of("/reports/due", **filters, **moments),
    )


@router.get("/units/{unit}/exceptions")
async def exceptions(request: Request, unit: UUID, asked: Asking) -> Response:
    """Due dates that no rule can set alone."""
    return await shown(asked, partial(_exceptions, request, unit))


async def _exceptions(request: Request, unit: UUID, asked: Asked) -> Response:
    question = AskHindrances(unit_id=unit, at_least=asked.times["at_least"])
    place, told = await asyncio.gather(
        place_of(request, asked, unit), ask_for(request, "reporting.hindrances", question, Hindrances)
    )
    return await page(
        request,
        "duties/exceptions.html",
        place=place,
        asked=asked,
        causes=by_cause(told.lines),
        more=told.more,
        orders={order.order_id: order for order in told.orders},
        files=files_of("/reports/exceptions", unit=unit),
        titles=_titles(place),
    )


def by_cause(lines: Sequence[HindranceLine]) -> list[list[HindranceLine]]:
    """Those of one cause together, the cause that concerns most people first; each in the order given."""
    causes: dict[tuple[object, ...], list[HindranceLine]] = {}
    for line in lines:
        said = (line.kind, line.order_id, line.course, line.period, line.due_on, line.held_on, line.held_by)
        causes.setdefault(said, []).append(line)
    return sorted(causes.values(), key=len, reverse=True)


async def _form(
    request: Request, place: Place, asked: Asked, draft: Draft, wrong: Mapping[str, str], status: int = 200
) -> Response:
    return await page(
        request,
        "duties/new.html",
        status,
        place=place,
        asked=asked,
        courses=[course for course in place.courses if in_use(course)],
        draft=draft,
        wrong=wrong,
    )


def _asks(unit: UUID, asked: Asked) -> AskOrders:
    return AskOrders(unit_id=unit, at_least=asked.times["at_least"])


def _titles(place: Place) -> dict[str, Mapping[Any, str]]:
    return {course.course: course.title for course in place.courses}
