"""`unit_overview@1`: how many people of which unit stand how, in both times.

Two small tables of sums over the rectangles of training_status, at the grains `ever` and `week`
(see grains.py). A count starts from one of them and is corrected by finer ones; the last
correction looks at the few rectangles that begin, end or turn between the moment asked about
and the nearest week boundary.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from psycopg.sql import SQL, Composed

from services.reporting.grains import COARSE_DAYS, FINE_DAYS, WEEK_SECONDS, Tally, Thresholds, cut, thresholds
from services.reporting.moments import FOREVER, Moment
from services.reporting.read_model import Column, Table, Tx
from services.reporting.standing import NO_COURSE

NAME: Final = "unit_overview@1"

_WHAT = (
    Column("course", "text"),
    Column("unit_id", "uuid"),
    Column("state", "text"),
    Column("turns", "int4"),
)
EVER = Table(
    NAME,
    "unit_overview_ever",
    (*_WHAT, Column("n", "int4")),
    key=("course", "unit_id", "state", "turns"),
    indexes=("(n) WHERE n = 0",),
    key_first=True,
)
WEEK = Table(
    NAME,
    "unit_overview_week",
    (*_WHAT, Column("effective", "int4"), Column("recorded", "int4"), Column("n", "int4")),
    key=("course", "unit_id", "state", "turns", "effective", "recorded"),
    indexes=(
        "(n) WHERE n = 0",
        "(course, effective)",
        "(course, recorded)",
        "(course, turns)",
    ),
    key_first=True,
)
TABLES: Final = (EVER, WEEK)

People = dict[UUID, dict[str, int]]
"""By unit: how many by status, and `people` for all who belong to it."""


def write(tx: Tx, tally: Tally) -> None:
    """Add what changed; rows that come to nothing go."""
    for table, sums in ((EVER, tally.ever), (WEEK, tally.week)):
        if sums:
            _add(tx, table, cast("dict[tuple[Any, ...], int]", sums))


def _add(tx: Tx, table: Table, sums: dict[tuple[Any, ...], int]) -> None:
    columns: list[list[Any]] = [[key[at] for key in sums] for at in range(len(table.key))]
    columns[1] = [UUID(int=unit) for unit in columns[1]]
    arrays = ", ".join(f"%s::{column.type}[]" for column in table.columns)
    key = ", ".join(table.key)
    tx.execute(
        f"INSERT INTO {table.name} AS t SELECT * FROM unnest({arrays})"  # noqa: S608
        f" ON CONFLICT ({key}) DO UPDATE SET n = t.n + excluded.n",
        [*columns, list(sums.values())],
    )
    tx.execute(f"DELETE FROM {table.name} WHERE n = 0")  # noqa: S608


def fill(tx: Tx) -> None:
    """Fill empty tables from all periods at once: what Tally does period by period, as one sum."""
    tx.execute(_FILL_EVER)
    tx.execute(_FILL_WEEK)


def _weeks(column: str) -> str:
    return f"floor(extract(epoch FROM {column}) / {WEEK_SECONDS})::int4"


_ENDS = f"effective_to < '{FOREVER:%Y-%m-%d}Z'"
_GIVEN_UP = f"recorded_to < '{FOREVER:%Y-%m-%d}Z'"

_FILL_EVER = (
    "INSERT INTO unit_overview_ever"  # noqa: S608
    f" SELECT course, unit_id, state, turns - turns % {COARSE_DAYS}, count(*) FROM training_status"
    f" WHERE NOT {_ENDS} AND NOT {_GIVEN_UP} GROUP BY 1, 2, 3, 4"
)
_FILL_WEEK = (
    "INSERT INTO unit_overview_week"  # noqa: S608
    " SELECT course, unit_id, state, block, c.effective, c.recorded, sum(c.n) FROM (SELECT course, unit_id,"
    f" state, CASE state WHEN 'passed' THEN turns - turns % {FINE_DAYS} ELSE turns END AS block, {_ENDS} AS ends, {_GIVEN_UP} AS given_up,"
    f" {_weeks('effective_from')} AS e1, {_weeks('effective_to')} AS e2,"
    f" {_weeks('recorded_from')} AS r1, {_weeks('recorded_to')} AS r2 FROM training_status) AS p,"
    " LATERAL (VALUES (e1, r1, 1, true), (e2, r1, -1, ends), (e1, r2, -1, given_up),"
    " (e2, r2, 1, ends AND given_up)) AS c(effective, recorded, n, there)"
    " WHERE c.there GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(c.n) <> 0"
)


# --- counts --------------------------------------------------------------------------------------


def counts(tx: Tx, course: str, units: Sequence[UUID], moment: Moment, now: datetime) -> People:
    """How many people of each of these units stand how."""
    effective, recorded = cut(moment.as_of, now), cut(moment.known_at, now)
    exact = thresholds(moment.day)
    question: dict[str, Any] = {
        "courses": [course, NO_COURSE],
        "units": list(units),
        "as_of": effective.moment,
        "known_at": recorded.moment,
        "effective": effective.week,
        "recorded": recorded.week,
        "effective_cut": effective.boundary,
        "recorded_cut": recorded.boundary,
        "effective_from": min(effective.moment, effective.boundary),
        "effective_to": max(effective.moment, effective.boundary),
        "recorded_from": min(recorded.moment, recorded.boundary),
        "recorded_to": max(recorded.moment, recorded.boundary),
        "forever": FOREVER,
        **_named("coarse", exact.coarse),
        **_named("fine", exact.fine),
        **_named("exact", exact),
    }
    found: People = {unit: {} for unit in units}
    if _from_the_end(tx, question):
        _collect(found, tx.execute(_EVER, question).fetchall())
        _collect(found, tx.execute(_WEEK_FROM_EVER, question).fetchall())
    else:
        _collect(found, tx.execute(_WEEK, question).fetchall())
    _collect(found, tx.execute(_PERIODS, question).fetchall())
    return found


def _collect(found: People, rows: Sequence[tuple[Any, ...]]) -> None:
    """Rows of (unit, status at this grain, status at the coarser grain, to add, to take away)."""
    for unit, status, coarse, add, take in rows:
        figures = found[unit]
        figures[status] = figures.get(status, 0) + int(add or 0)
        if take:
            figures[coarse] = figures.get(coarse, 0) - int(take)


def _from_the_end(tx: Tx, question: dict[str, Any]) -> bool:
    """Whether fewer weeks lie after the moment than before it: then start from `ever` and go back."""
    row = tx.execute(
        "SELECT min(effective), max(effective), max(recorded) FROM unit_overview_week"
        " WHERE course = ANY(%(courses)s)",
        question,
    ).fetchone()
    if row is None or row[0] is None:
        return True
    first, last, known = row
    back = max(last + 1 - question["effective"], 0) + max(known + 1 - question["recorded"], 0)
    return bool(back <= max(question["effective"] - first, 0))


def _named(grain: str, t: Thresholds) -> dict[str, int]:
    return {
        f"{grain}_late": t.late,
        f"{grain}_soon": t.soon,
        f"{grain}_expired": t.expired,
        f"{grain}_expiring": t.expiring,
    }


def _status(grain: str, turns: str = "turns") -> str:
    """The status of a row at a grain, as standing.status_on says it."""
    return (
        "CASE state"
        f" WHEN 'passed' THEN CASE WHEN {turns} < %({grain}_expired)s THEN 'expired'"
        f" WHEN {turns} < %({grain}_expiring)s THEN 'expiring' ELSE 'passed' END"
        f" WHEN 'assigned' THEN CASE WHEN {turns} < %({grain}_late)s THEN 'overdue'"
        f" WHEN {turns} < %({grain}_soon)s THEN 'due_soon' ELSE 'assigned' END"
        f" WHEN 'in_progress' THEN CASE WHEN {turns} < %({grain}_late)s THEN 'overdue' ELSE 'in_progress' END"
        " WHEN 'placed' THEN 'people' ELSE state END"
    )


def _turning(grain: str, coarser: str, thresholds: Sequence[str] = ("expired", "expiring")) -> str:
    """Rows that two grains may put on different sides of a threshold."""
    where = []
    for name in thresholds:
        a, b = f"%({grain}_{name})s", f"%({coarser}_{name})s"
        states = "('passed')" if name in ("expired", "expiring") else "('assigned', 'in_progress')"
        where.append(
            f"state IN {states} AND turns >= least({a}, {b})::int4 AND turns < greatest({a}, {b})::int4"
        )
    return " OR ".join(where)


def _statement(text: str) -> Composed:
    return Composed([SQL(text)])


THRESHOLDS: Final = ("late", "soon", "expired", "expiring")
_OF = "course = ANY(%(courses)s) AND unit_id = ANY(%(units)s)"
_COARSE = _status("coarse", f"(turns - turns %% {COARSE_DAYS})")
_BEFORE = "effective < %(effective)s AND recorded < %(recorded)s"

_EVER = _statement(
    f"SELECT unit_id, {_status('coarse')}, NULL, sum(n), 0 FROM unit_overview_ever"  # noqa: S608
    f" WHERE {_OF} GROUP BY 1, 2"
)

_WEEK = _statement(
    f"SELECT unit_id, {_status('fine')}, NULL, sum(n), 0 FROM unit_overview_week"  # noqa: S608
    f" WHERE {_OF} AND {_BEFORE} GROUP BY 1, 2"
)

_WEEK_FROM_EVER = _statement(
    f"SELECT unit_id, {_status('fine')}, {_COARSE}, sum(n) FILTER (WHERE {_BEFORE}), sum(n)"  # noqa: S608
    f" FROM unit_overview_week WHERE {_OF} AND (effective >= %(effective)s OR recorded >= %(recorded)s"
    f" OR {_turning('fine', 'coarse', THRESHOLDS)}) GROUP BY 1, 2, 3"
)

_PERIODS = _statement(
    f"SELECT unit_id, {_status('exact')}, {_status('fine')},"  # noqa: S608
    " count(*) FILTER (WHERE effective_from <= %(as_of)s AND effective_to > %(as_of)s"
    "  AND recorded_from <= %(known_at)s AND recorded_to > %(known_at)s),"
    " count(*) FILTER (WHERE effective_from < %(effective_cut)s AND effective_to >= %(effective_cut)s"
    "  AND recorded_from < %(recorded_cut)s AND recorded_to >= %(recorded_cut)s)"
    f" FROM training_status WHERE {_OF} AND ("
    " effective_from BETWEEN %(effective_from)s AND %(effective_to)s"
    " OR effective_to BETWEEN %(effective_from)s AND %(effective_to)s AND effective_to < %(forever)s"
    " OR recorded_from BETWEEN %(recorded_from)s AND %(recorded_to)s"
    " OR recorded_to BETWEEN %(recorded_from)s AND %(recorded_to)s AND recorded_to < %(forever)s"
    f" OR {_turning('exact', 'fine')}) GROUP BY 1, 2, 3"
)
