"""`unit_overview@4`: how many people of which unit stand how, in both times.

Sums over the rectangles of training_status (see grains.py), along the tree as it was last told:
`believed`, for each unit with all below it, by status and span of days, over what is believed now; for what
was believed at other times two grains of corners: `week`, for each unit by itself, and `below`, for
each unit with all below it, by four weeks. How they are read says unit_counts.py.
"""
# ruff: noqa: S608  # statements are put together from constants of this file, values always travel apart

from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from services.contracts.scheduling import UnitCreated, UnitMoved
from services.reporting.grains import (
    COARSE_DAYS,
    COARSE_WEEKS,
    FINE_DAYS,
    LABELS,
    LAST_DAY,
    SPAN_DAYS,
    STATUS_NUMBER,
    WEEK_SECONDS,
    Tally,
    days_before,
)
from services.reporting.moments import BRUSSELS, FOREVER
from services.reporting.read_model import Column, Table, Tx
from services.reporting.standing import STATES

NAME: Final = "unit_overview@4"

_SUMS = (
    Column("course", "text"),
    Column("unit_id", "uuid"),
    Column("state", "int2"),  # its place in STATES: these rows are read by the ten thousand
    Column("turns", "int4"),
    Column("effective", "int2"),
    Column("recorded", "int2"),
    Column("n", "int4"),
)
_KEY = tuple(column.name for column in _SUMS[:-1])
WEEK = Table(
    NAME,
    "unit_overview_week",
    _SUMS,
    key=("unit_id", *_KEY[:1], *_KEY[2:]),  # ids before texts: they are quicker to put in order
    indexes=("(n) WHERE n = 0", "(effective, course)", "(recorded, course)", "(turns, course)"),
)
BELOW = Table(
    NAME, "unit_overview_below", _SUMS, key=("unit_id", *_KEY[:1], *_KEY[2:]), indexes=("(n) WHERE n = 0",)
)
UNIT = Table(
    NAME,
    "unit_overview_unit",
    (Column("unit_id", "uuid"), Column("parent_id", "uuid", null=True)),
    key=("unit_id",),
    key_first=True,
)
BELIEVED = Table(
    NAME,
    "unit_overview_believed",
    (
        Column("course", "text"),
        Column("unit_id", "uuid"),
        Column("status", "int2"),  # its place in STATUSES
        Column("effective", "int4"),
        Column("n", "int4"),
    ),
    key=("unit_id", "course", "effective", "status"),
    indexes=("(n) WHERE n = 0",),
)
TABLES: Final = (UNIT, WEEK, BELOW, BELIEVED)

# --- keeping the sums ----------------------------------------------------------------------------


def write(tx: Tx, tally: Tally) -> None:
    """Add what changed; rows that come to nothing go."""
    if tally.units:
        above = {u.int: [a.int for a in line] for u, line in _above(tx, tally.units).items()}
        _add(tx, WEEK, tally.week)
        _add(tx, BELOW, tally.below(above))
        _add(tx, BELIEVED, tally.believed_below(above))


def _add(tx: Tx, table: Table, sums: Mapping[Any, int]) -> None:
    if not sums:
        return
    columns: list[list[Any]] = [[key[at] for key in sums] for at in range(len(table.key))]
    columns[1] = [UUID(int=unit) for unit in columns[1]]
    arrays = ", ".join(f"%s::{column.type}[]" for column in table.columns)
    tx.execute(
        f"INSERT INTO {table.name} AS t SELECT * FROM unnest({arrays}) {_adding(table)}",
        [*columns, list(sums.values())],
    )
    _sweep(tx, table)


def _adding(table: Table) -> str:
    return f"ON CONFLICT ({', '.join(table.key)}) DO UPDATE SET n = t.n + excluded.n"


def _sweep(tx: Tx, table: Table) -> None:
    tx.execute(f"DELETE FROM {table.name} WHERE n = 0")


def tell_units(tx: Tx, told: Iterable[UnitCreated | UnitMoved], *, move_sums: bool = True) -> None:
    """Units came, or moved: what stands below them counts for those above them now, and no more for others."""
    for event in told:
        unit = event.unit_id
        before = set(_above(tx, [unit])[unit])
        tx.execute(
            "INSERT INTO unit_overview_unit VALUES (%s, %s)"
            " ON CONFLICT (unit_id) DO UPDATE SET parent_id = excluded.parent_id",
            (unit, event.parent_id),
        )
        after = set(_above(tx, [unit])[unit])
        if move_sums:
            for table in (BELOW, BELIEVED):
                for n, changed in ((1, after - before), (-1, before - after)):
                    tx.execute(_moving(table), {"unit": unit, "above": list(changed), "sign": n})
                _sweep(tx, table)


def _moving(table: Table) -> str:
    others = ", ".join(column.name for column in table.columns[2:-1])
    return (
        f"INSERT INTO {table.name} AS t SELECT course, above, {others}, n * %(sign)s"
        f" FROM {table.name}, unnest(%(above)s::uuid[]) AS above WHERE unit_id = %(unit)s {_adding(table)}"
    )


def fill(tx: Tx) -> None:
    """Fill empty tables from all periods at once: what Tally does period by period, as one sum."""
    tx.execute(_FILL_WEEK)
    tx.execute(_FILL_BELOW)
    tx.execute(_FILL_BELIEVED)


def _weeks(column: str) -> str:
    # date_part and not extract, which counts in numeric: five times as slow
    return f"floor(date_part('epoch', {column}) / {WEEK_SECONDS})::int2"


_ENDS = f"effective_to < '{FOREVER:%Y-%m-%d}Z'"
_GIVEN_UP = f"recorded_to < '{FOREVER:%Y-%m-%d}Z'"
_STATE = "CASE state" + "".join(f" WHEN '{state}' THEN {at}" for at, state in enumerate(STATES)) + " END"


def _corners(effective: str, recorded: str, n: int, where: str) -> str:
    return (
        f"SELECT course, unit_id, {_STATE} AS state,"
        f" CASE state WHEN 'passed' THEN turns - turns % {FINE_DAYS} ELSE turns END AS turns,"
        f" {_weeks(effective)} AS effective, {_weeks(recorded)} AS recorded, {n} AS n"
        f" FROM training_status WHERE {where}"
    )


_FILL_WEEK = (
    "INSERT INTO unit_overview_week SELECT {key}, sum(n) FROM ({corners}) AS c GROUP BY {key} HAVING sum(n) <> 0"
    " ORDER BY course, turns"  # as it is read, in few blocks
).format(
    key=", ".join(_KEY),
    corners=" UNION ALL ".join(
        (
            _corners("effective_from", "recorded_from", 1, "true"),
            _corners("effective_to", "recorded_from", -1, _ENDS),
            _corners("effective_from", "recorded_to", -1, _GIVEN_UP),
            _corners("effective_to", "recorded_to", 1, f"{_ENDS} AND {_GIVEN_UP}"),
        )
    ),
)

_UP = (
    "up(unit_id, above) AS (SELECT u, u FROM {units} AS of(u)"
    " UNION SELECT up.unit_id, t.parent_id FROM up JOIN unit_overview_unit t ON t.unit_id = up.above"
    " WHERE t.parent_id IS NOT NULL)"
)

_FILL_BELOW = (
    "INSERT INTO unit_overview_below WITH RECURSIVE"
    f" own AS (SELECT course, unit_id, state, turns - turns % {COARSE_DAYS} AS turns,"
    f" effective / {COARSE_WEEKS} AS effective, recorded / {COARSE_WEEKS} AS recorded, sum(n)::int4 AS n"
    " FROM unit_overview_week GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(n) <> 0),"
    f" {_UP.format(units='(SELECT DISTINCT unit_id FROM own)')}"
    " SELECT course, up.above, state, turns, effective, recorded, sum(n) FROM own JOIN up USING (unit_id)"
    " GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(n) <> 0 ORDER BY 2"
)


def _day(column: str) -> str:
    return f"(({column} AT TIME ZONE '{BRUSSELS.key}')::date - date '0001-01-01' + 1)"


def _numbered(place: int) -> str:
    """The number of what each state is called: before the first threshold, before the second, later."""
    cases = (f"WHEN '{state}' THEN {STATUS_NUMBER[labels[place]]}" for state, labels in LABELS.items())
    return f"(CASE state {' '.join(cases)} END)::int2"


def _called(day: str) -> str:
    return f"CASE WHEN over <= {day} THEN first WHEN soon <= {day} THEN second ELSE later END"


def _changes(status: str, day: str, n: int, where: str) -> str:
    return (
        f"SELECT course, unit_id, {status} AS status, {day} / {SPAN_DAYS} AS effective, {n} AS n"
        f" FROM believed WHERE {where}"
    )


_SOON = "starts < soon AND soon <= ends AND second <> later"
_OVER = "starts < over AND over <= ends AND first <> second"
_FILL_BELIEVED = (
    "INSERT INTO unit_overview_believed WITH RECURSIVE"
    f" believed AS MATERIALIZED (SELECT course, unit_id, {_day('effective_from')} AS starts,"
    f" CASE WHEN {_ENDS} THEN {_day('effective_to')} ELSE {LAST_DAY} END AS ends,"
    f" turns - CASE state WHEN 'passed' THEN {days_before('passed')} ELSE {days_before('assigned')} END AS soon,"
    f" turns + 1 AS over, {_numbered(0)} AS first, {_numbered(1)} AS second, {_numbered(2)} AS later"
    f" FROM training_status WHERE NOT {_GIVEN_UP}),"
    " own AS (SELECT course, unit_id, status, effective, sum(n)::int4 AS n FROM ("
    + " UNION ALL ".join(
        (
            _changes(_called("starts"), "starts", 1, "true"),
            _changes("later", "soon", -1, _SOON),
            _changes("second", "soon", 1, _SOON),
            _changes("second", "over", -1, _OVER),
            _changes("first", "over", 1, _OVER),
            _changes(_called("ends"), "ends", -1, f"ends < {LAST_DAY}"),
        )
    )
    + ") AS c GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0),"
    + f" {_UP.format(units='(SELECT DISTINCT unit_id FROM own)')}"
    " SELECT course, up.above, status, effective, sum(n) FROM own JOIN up USING (unit_id)"
    " GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0 ORDER BY 2, 1, 4"  # as it is read, in few blocks
)
"""What grains.changes tells rectangle by rectangle."""


def _above(tx: Tx, units: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """Each unit with all above it, as the tree was last told."""
    rows = tx.execute(
        f"WITH RECURSIVE {_UP.format(units='unnest(%s::uuid[])')} SELECT unit_id, array_agg(above) FROM up GROUP BY 1",
        (list(units),),
    ).fetchall()
    return dict(rows)
