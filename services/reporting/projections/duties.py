"""`duties@1`: standing orders, and what stands in the way of their due dates at present.

Orders stay when they have ended. What stands in the way is gone when it was solved: when it was found
and when it went, a person's transcript keeps.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from services.contracts.scheduling.duties import (
    HindranceFound,
    HindranceGone,
    HindranceKind,
    OrderEnded,
    OrderGiven,
)
from services.reporting.read_model import Column, Table, Tx

NAME: Final = "duties@1"

ORDERS = Table(
    NAME,
    "standing_order",
    (
        Column("order_id", "uuid"),
        Column("course", "text"),
        Column("unit_id", "uuid", null=True),
        Column("function", "text", null=True),
        Column("due_on", "date", null=True),
        Column("after_days", "int4", null=True),
        Column("renews", "bool"),
        Column("months", "int4", null=True),
        Column("window_days", "int4"),
        Column("grace_days", "int4"),
        Column("from_on", "date"),
        Column("to_on", "date", null=True),
        Column("given_at", "timestamptz"),
        Column("ended_at", "timestamptz", null=True),
    ),
    key=("order_id",),
    key_first=True,  # an order is ended by key
)

HINDRANCES = Table(
    NAME,
    "hindrance",
    (
        Column("hindrance_id", "uuid"),
        Column("person_id", "uuid"),
        Column("kind", "text"),
        Column("order_id", "uuid"),
        Column("course", "text"),
        Column("period", "int4"),
        Column("due_on", "date", null=True),
        Column("held_on", "date", null=True),
        Column("held_by", "uuid", null=True),
        Column("found_at", "timestamptz"),
    ),
    key=("hindrance_id",),
    indexes=("(person_id)",),
    key_first=True,  # what was solved goes by key
)


class DutiesModel:
    """Keeps orders and open hindrances."""

    name = NAME
    feeds = frozenset({"scheduling"})
    tables: tuple[Table, ...] = (ORDERS, HINDRANCES)

    def apply(self, tx: Tx, feed: str, items: Sequence[Any]) -> None:
        """Add what was given and found; what ended or went, in its order."""
        given: list[tuple[Any, ...]] = []
        ended: list[tuple[datetime, UUID]] = []
        standing: dict[UUID, tuple[Any, ...] | None] = {}
        for event in (item.event for item in items):
            match event:
                case OrderGiven():
                    given.append(_order_row(event))
                case OrderEnded():
                    ended.append((event.occurred_at, event.order_id))
                case HindranceFound():
                    standing[event.hindrance_id] = _hindrance_row(event)
                case HindranceGone():
                    standing[event.hindrance_id] = None
                case _:
                    pass  # no order, and nothing in the way of one
        if given:
            ORDERS.fill(tx, given)
        for end in ended:
            tx.execute("UPDATE standing_order SET ended_at = %s WHERE order_id = %s", end)
        if standing:
            tx.execute("DELETE FROM hindrance WHERE hindrance_id = ANY(%s)", (list(standing),))
            HINDRANCES.fill(tx, (row for row in standing.values() if row is not None))

    def bulk(self) -> "DutiesModel":
        """Few rows, changed by key, which is there from the beginning."""
        return self

    def finish(self, tx: Tx) -> None:
        """Nothing was put off."""


def _order_row(event: OrderGiven) -> tuple[Any, ...]:
    again = event.recurrence
    return (
        event.order_id,
        event.course,
        event.unit_id,
        event.function,
        event.due_on,
        event.after_days,
        again is not None,
        again.months if again else None,
        again.window_days if again else 0,
        again.grace_days if again else 0,
        event.from_on,
        event.to_on,
        event.occurred_at,
        None,
    )


def _hindrance_row(event: HindranceFound) -> tuple[Any, ...]:
    return (
        event.hindrance_id,
        event.person_id,
        event.kind,
        event.order_id,
        event.course,
        event.period,
        event.due_on,
        event.held_on,
        event.held_by,
        event.occurred_at,
    )


# --- questions -----------------------------------------------------------------------------------


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
    given_at: datetime
    ended_at: datetime | None


class Hindrance(NamedTuple):
    """What stands in the way of one order for one person."""

    hindrance_id: UUID
    person_id: UUID
    kind: HindranceKind
    order_id: UUID
    course: str
    period: int
    due_on: date | None
    held_on: date | None
    held_by: UUID | None
    found_at: datetime


def orders(tx: Tx) -> list[Order]:
    """All orders, those that were given last first."""
    fields = ", ".join(Order._fields)
    rows = tx.execute(f"SELECT {fields} FROM standing_order ORDER BY given_at DESC, order_id")  # noqa: S608
    return [Order(*row) for row in rows]


def orders_called(tx: Tx, ids: Iterable[UUID]) -> list[Order]:
    """These orders."""
    wanted = sorted(set(ids))
    if not wanted:
        return []
    fields = ", ".join(Order._fields)
    rows = tx.execute(f"SELECT {fields} FROM standing_order WHERE order_id = ANY(%s)", (wanted,))  # noqa: S608
    return [Order(*row) for row in rows]


def hindrances(tx: Tx, people: Collection[UUID], limit: int) -> list[Hindrance]:
    """What stands in the way for these people, the oldest first."""
    fields = ", ".join(Hindrance._fields)
    rows = tx.execute(
        f"SELECT {fields} FROM hindrance WHERE person_id = ANY(%s)"  # noqa: S608
        " ORDER BY found_at, hindrance_id LIMIT %s",
        (list(people), limit),
    )
    return [Hindrance(*row) for row in rows]
