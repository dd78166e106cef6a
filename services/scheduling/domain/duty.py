"""What standing orders ask of one person, and what stands in the way of it. Pure: days come in, days go out.

The rules, in the order in which they are asked (docs/decisions/0018):

* What somebody decided by hand holds: a date that was chosen, an assignment that was taken back.
* Of several orders the earliest date holds, and that the others differ is told.
* A date that has passed, or that lies before the person came under the order, is never set: it is told.
* Where no version of the course is in use, or none in the person's language, nothing is set: it is told.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from services.contracts.scheduling.assignments import Cause
from services.contracts.scheduling.duties import HindranceKind
from services.scheduling.domain.due import add_days, renewal


class Order(NamedTuple):
    """A standing order."""

    order_id: UUID
    course: str
    unit_id: UUID | None
    function: str | None
    due_on: date | None
    after_days: int | None
    renews: bool
    months: int | None
    window_days: int
    grace_days: int
    from_on: date
    to_on: date | None


class Way(NamedTuple):
    """How far a person came with a period of a course."""

    period: int
    assigned: bool
    taken_back: bool
    by_hand: bool
    due_on: date | None
    order_id: UUID | None
    done_on: date | None
    months: int
    """How long what was done is valid, as its course version said; 0 for an exemption, and without end."""


class Offer(NamedTuple):
    """The newest version of a course that is in use."""

    languages: frozenset[str]
    months: int = 0
    """How long it is valid."""


class Opening(NamedTuple):
    """An assignment to open, or a date to bring forward."""

    course: str
    period: int
    due_on: date
    cause: Cause


class Finding(NamedTuple):
    """What stands in the way of an order."""

    kind: HindranceKind
    order_id: UUID
    course: str
    period: int
    due_on: date | None
    held_on: date | None = None
    held_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows for a person, and on which day to look again without anything having happened."""

    openings: tuple[Opening, ...] = ()
    findings: tuple[Finding, ...] = ()
    look_on: date | None = None


class _Date(NamedTuple):
    """A date that an order would set."""

    due_on: date
    order: Order
    cause: Cause
    under_since: date


def verdict_of(
    orders: Sequence[Order],
    ways: Iterable[tuple[str, Way]],
    offers: dict[str, Offer],
    *,
    placed_on: date,
    language: str | None,
    today: date,
) -> Verdict:
    """What the orders that cover a person, now or later, ask of them."""
    known: dict[str, list[Way]] = {}
    for course, way in ways:
        known.setdefault(course, []).append(way)
    openings: list[Opening] = []
    findings: list[Finding] = []
    looks = [day for o in orders for day in (o.from_on, o.to_on and add_days(o.to_on, 1)) if day]
    of_course: dict[str, list[Order]] = {}
    for order in orders:
        if order.from_on <= today and (order.to_on is None or today <= order.to_on):
            of_course.setdefault(order.course, []).append(order)
    for course, asked in sorted(of_course.items()):
        person = _Person(placed_on, language, today)
        looks += _of_course(
            course, asked, known.get(course, []), offers.get(course), person, openings, findings
        )
    later = [day for day in looks if day > today]
    return Verdict(tuple(openings), tuple(findings), min(later, default=None))


class _Person(NamedTuple):
    placed_on: date
    language: str | None
    today: date


def _of_course(
    course: str,
    orders: Sequence[Order],
    ways: Sequence[Way],
    offer: Offer | None,
    person: _Person,
    openings: list[Opening],
    findings: list[Finding],
) -> list[date]:
    """Add what follows for one course; on which days something opens."""
    last = max(ways, key=lambda way: way.period, default=None)
    done = last if last is not None and last.done_on else None
    if done is None and last is not None and (last.taken_back or last.by_hand):
        return []
    period = 1 if last is None else last.period + (done is not None)
    if done is None:
        before = max(
            (w for w in ways if w.done_on and w.period < period), key=lambda w: w.period, default=None
        )
    else:
        before = done
    standing = last if done is None and last is not None and last.assigned else None
    looks: list[date] = []
    dates: list[_Date] = []
    for order in orders:
        if before is None:
            dates.append(_first_date(order, person))
        elif found := _next_date(order, before, person, looks):
            dates.append(found)
    _decide(course, period, dates, standing, offer, person, openings, findings)
    return looks


def _first_date(order: Order, person: _Person) -> _Date:
    """Until something was done: the day that the order names, or so many days after coming under it.

    Who changes function comes under its orders on the day on which that is seen.
    """
    since = max(person.placed_on, order.from_on)
    if order.due_on is not None:
        cause = Cause(rule="on_date", order_id=order.order_id)
        return _Date(order.due_on, order, cause, since)
    assert order.after_days is not None  # the contract: one or the other
    if order.function is not None:
        since = max(since, person.today)
    due_on = add_days(since, order.after_days)
    cause = Cause(rule="after_joining", order_id=order.order_id, counted_from=since, days=order.after_days)
    return _Date(due_on, order, cause, since)


def _next_date(order: Order, before: Way, person: _Person, looks: list[date]) -> _Date | None:
    """When what was done must be done again; nothing before its window opens.

    Where that day has passed already when the order begins, the order's first date is asked for where that lies ahead.
    """
    assert before.done_on is not None
    months = order.months or before.months
    if not order.renews or not months:
        return None
    again = renewal(before.done_on, months, order.window_days, order.grace_days)
    if person.today < again.opens_on:
        looks.append(again.opens_on)
        return None
    if again.due_on < person.today:
        first = _first_date(order, person)
        if first.due_on >= person.today:
            return first
    cause = Cause(
        rule="renewal",
        order_id=order.order_id,
        counted_from=before.done_on,
        days=order.grace_days,
        months=months,
        window_days=order.window_days,
        opens_on=again.opens_on,
        expires_on=again.expires_on,
    )
    return _Date(again.due_on, order, cause, before.done_on)


def _decide(
    course: str,
    period: int,
    dates: Sequence[_Date],
    standing: Way | None,
    offer: Offer | None,
    person: _Person,
    openings: list[Opening],
    findings: list[Finding],
) -> None:
    """The earliest date that is possible holds; whatever differs is told."""
    held_on, held_by = (standing.due_on, standing.order_id) if standing else (None, None)
    held_stands = any(each.order.order_id == held_by for each in dates)
    possible: list[_Date] = []
    for each in sorted(dates, key=lambda d: (d.due_on, d.order.order_id)):
        if each.order.order_id == held_by:
            continue
        if each.due_on >= person.today:
            possible.append(each)
        elif standing is None:
            kind: HindranceKind = "before_joining" if each.due_on < each.under_since else "past"
            findings.append(Finding(kind, each.order.order_id, course, period, each.due_on))
    if not possible:
        return
    first = possible[0]
    if standing is None or (held_on is not None and first.due_on < held_on):
        if hindrance := _not_offered(offer, person):
            findings.append(Finding(hindrance, first.order.order_id, course, period, first.due_on))
            return
        openings.append(Opening(course, period, first.due_on, first.cause))
        if standing is not None and held_stands and held_by is not None:
            findings.append(
                Finding("conflict", held_by, course, period, held_on, first.due_on, first.order.order_id)
            )
        held_on, held_by, held_stands = first.due_on, first.order.order_id, True
        possible = possible[1:]
    if not held_stands:
        return
    findings.extend(
        Finding("conflict", each.order.order_id, course, period, each.due_on, held_on, held_by)
        for each in possible
        if each.due_on != held_on
    )


def _not_offered(offer: Offer | None, person: _Person) -> HindranceKind | None:
    if offer is None:
        return "no_version"
    if person.language is not None and person.language not in offer.languages:
        return "no_language"
    return None
