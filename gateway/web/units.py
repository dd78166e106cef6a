"""Operators: the tree of units as of a day, and each unit with those who answer for it, over time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final, Literal
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from gateway.ask import ask_for
from gateway.parts import parts_of
from gateway.web.asking import Asked, Asking, shown
from gateway.web.page import page, page_router
from gateway.web.rendering import local_day
from services.contracts.reporting.organisation import (
    AskOrganisation,
    AskUnit,
    DeputyTerm,
    ManagerTerm,
    Organisation,
    UnitLine,
    UnitView,
)

router = page_router()

UNITS: Final = "/operations/units"
UNIT: Final = UNITS + "/{unit}"

When = Literal["now", "to-come", "over"]


@dataclass(frozen=True, slots=True)
class Row:
    """A term as the page shows it: by days, the last one included."""

    term: ManagerTerm | DeputyTerm
    when: When

    @property
    def last_day(self) -> date | None:
        """The last day on which it holds."""
        until = self.term.until
        return local_day(until - timedelta(microseconds=1)) if until else None


@dataclass(frozen=True, slots=True)
class Branch:
    """A unit and what stands directly below it."""

    unit: UnitLine
    below: list["Branch"]


@router.get(UNITS)
async def tree(request: Request, asked: Asking) -> Response:
    """All units, as they stand or stood on a day."""
    return await shown(asked, partial(_tree, request))


async def _tree(request: Request, asked: Asked) -> Response:
    told = await ask_for(request, "reporting.organisation", AskOrganisation(**asked.times), Organisation)
    return await page(
        request,
        "organisation/tree.html",
        asked=asked,
        tree=branches(told.units),
        count=len(told.units),
        uncoded=sum(unit.code is None for unit in told.units),
    )


@router.get(UNIT)
async def unit(request: Request, unit: UUID, asked: Asking) -> Response:
    """A unit: who answers for it, who did and will, and what happened to it."""
    return await shown(asked, partial(_unit, request, unit))


async def _unit(request: Request, unit_id: UUID, asked: Asked) -> Response:
    told = await unit_of(request, unit_id, asked)
    now = parts_of(request).clock()
    return await page(
        request,
        "organisation/unit.html",
        asked=asked,
        told=told,
        managers=rows(told.managers, now),
        deputies=rows(told.deputies, now),
    )


async def unit_of(request: Request, unit_id: UUID, asked: Asked) -> UnitView:
    """A unit at the moment asked about. Raises Problem."""
    return await ask_for(request, "reporting.unit", AskUnit(unit_id=unit_id, **asked.times), UnitView)


def rows(terms: Sequence[ManagerTerm | DeputyTerm], now: datetime) -> list[Row]:
    """What holds now first, then what is to come, then what is over, the newest first."""
    found = [Row(term, when_of(term, now)) for term in terms]
    order: Sequence[When] = ("now", "to-come", "over")
    return sorted(found, key=lambda row: (order.index(row.when), -row.term.since.timestamp()))


def when_of(term: ManagerTerm | DeputyTerm, now: datetime) -> When:
    """Whether a term holds."""
    if term.until is not None and term.until <= now:
        return "over"
    return "to-come" if term.since > now else "now"


def branches(units: Iterable[UnitLine]) -> list[Branch]:
    """Units below their parents; parents come first."""
    by_id: dict[UUID, Branch] = {}
    tops: list[Branch] = []
    for each in units:
        branch = by_id[each.unit_id] = Branch(each, [])
        parent = by_id.get(each.parent_id) if each.parent_id else None
        (parent.below if parent else tops).append(branch)
    return tops
