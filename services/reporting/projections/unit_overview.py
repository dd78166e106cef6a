"""`unit_overview@1`: how many people of which unit stand how, in both times.

Sums over the rectangles of training_status at two grains (see grains.py): `week`, for each unit by
itself, and `below`, for each unit with all below it, by four weeks, along the tree as it was last
told. A count starts from `below` and is corrected by the weeks between its boundary and the one
nearest to the moment, then by the few rectangles that begin, end or turn in between. Where the
tree of the moment is another one than the last, all rectangles of the units concerned are looked at.
"""
# ruff: noqa: S608  # statements are put together from constants of this file, values always travel apart

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg.sql import SQL, Composed

from services.contracts.scheduling import UnitCreated, UnitMoved
from services.reporting.grains import (
    COARSE_DAYS,
    COARSE_WEEKS,
    FINE_DAYS,
    WEEK_SECONDS,
    Sums,
    Tally,
    Thresholds,
    cut,
    thresholds,
)
from services.reporting.moments import FOREVER, Moment
from services.reporting.read_model import Column, Table, Tx
from services.reporting.standing import NO_COURSE, STATES

NAME: Final = "unit_overview@1"

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
    key=_KEY,
    indexes=("(n) WHERE n = 0", "(course, effective)", "(course, recorded)", "(course, turns)"),
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
TABLES: Final = (UNIT, WEEK, BELOW)

LABELS: Final[dict[str, tuple[str, str, str]]] = {
    "placed": ("people", "people", "people"),
    "assigned": ("overdue", "due_soon", "assigned"),
    "in_progress": ("overdue", "in_progress", "in_progress"),
    "failed": ("failed", "failed", "failed"),
    "passed": ("expired", "expiring", "passed"),
}
"""What a state is called when it turns before the first threshold, before the second, and later."""

People = dict[UUID, dict[str, int]]
"""By unit: how many by status, and `people` for all who belong to it."""


# --- keeping the sums ----------------------------------------------------------------------------


def write(tx: Tx, tally: Tally) -> None:
    """Add what changed; rows that come to nothing go."""
    if tally.week:
        above = _above(tx, {UUID(int=key[1]) for key in tally.week})
        _add(tx, WEEK, tally.week)
        _add(tx, BELOW, tally.below({u.int: [a.int for a in line] for u, line in above.items()}))


def _add(tx: Tx, table: Table, sums: Sums) -> None:
    columns: list[list[Any]] = [[key[at] for key in sums] for at in range(len(_KEY))]
    columns[1] = [UUID(int=unit) for unit in columns[1]]
    arrays = ", ".join(f"%s::{column.type}[]" for column in table.columns)
    tx.execute(
        f"INSERT INTO {table.name} AS t SELECT * FROM unnest({arrays}) {_ADDING}",
        [*columns, list(sums.values())],
    )
    tx.execute(f"DELETE FROM {table.name} WHERE n = 0")


_ADDING = f"ON CONFLICT ({', '.join(_KEY)}) DO UPDATE SET n = t.n + excluded.n"


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
            for n, changed in ((1, after - before), (-1, before - after)):
                tx.execute(_MOVE, {"unit": unit, "above": list(changed), "sign": n})
            tx.execute("DELETE FROM unit_overview_below WHERE n = 0")


_MOVE = (
    "INSERT INTO unit_overview_below AS t"
    " SELECT course, above, state, turns, effective, recorded, n * %(sign)s"
    f" FROM unit_overview_below, unnest(%(above)s::uuid[]) AS above WHERE unit_id = %(unit)s {_ADDING}"
)


def fill(tx: Tx) -> None:
    """Fill empty tables from all periods at once: what Tally does period by period, as one sum."""
    tx.execute(_FILL_WEEK)
    tx.execute(_FILL_BELOW)


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
    "WITH RECURSIVE up(unit_id, above) AS (SELECT u, u FROM {units} AS of(u)"
    " UNION SELECT up.unit_id, t.parent_id FROM up JOIN unit_overview_unit t ON t.unit_id = up.above"
    " WHERE t.parent_id IS NOT NULL)"
)

_FILL_BELOW = (
    f"INSERT INTO unit_overview_below {_UP.format(units='(SELECT DISTINCT unit_id FROM unit_overview_week)')}"
    f" SELECT course, up.above, state, turns - turns % {COARSE_DAYS}, effective / {COARSE_WEEKS},"
    f" recorded / {COARSE_WEEKS}, sum(n) FROM unit_overview_week JOIN up USING (unit_id)"
    " GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(n) <> 0 ORDER BY 2"
)


def _above(tx: Tx, units: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """Each unit with all above it, as the tree was last told."""
    rows = tx.execute(
        f"{_UP.format(units='unnest(%s::uuid[])')} SELECT unit_id, array_agg(above) FROM up GROUP BY 1",
        (list(units),),
    ).fetchall()
    return dict(rows)


# --- counts --------------------------------------------------------------------------------------


def counts(
    tx: Tx, course: str, wanted: Mapping[UUID, Sequence[UUID]], moment: Moment, now: datetime
) -> People:
    """How many people stand how, for each unit with the units that count for it at that moment."""
    found: People = {unit: {} for unit in wanted}
    told = _below(tx)
    summed = [unit for unit, units in wanted.items() if set(units) == _all_below(told, unit)]
    looked_at = [unit for unit in wanted if unit not in summed]
    question = _question(course, moment, now)
    if summed:
        _count(tx, found, (_BELOW,), _Slots({unit: [unit] for unit in summed}), question)
        _count(tx, found, (_WEEKS, _PERIODS), _Slots({unit: wanted[unit] for unit in summed}), question)
    if looked_at:
        _count(tx, found, (_EVERYBODY,), _Slots({unit: wanted[unit] for unit in looked_at}), question)
    return found


class _Slots:
    """Units that count for the same units are counted together, in one slot."""

    def __init__(self, wanted: Mapping[UUID, Sequence[UUID]]) -> None:
        counts_for: dict[UUID, tuple[UUID, ...]] = {}
        for unit, units in wanted.items():
            for each in units:
                counts_for[each] = (*counts_for.get(each, ()), unit)
        self.of = list(dict.fromkeys(counts_for.values()))
        number = {units: slot for slot, units in enumerate(self.of)}
        self.units = list(counts_for)
        self.slots = [number[units] for units in counts_for.values()]


def _count(
    tx: Tx, found: People, statements: Sequence[Composed], slots: _Slots, question: Mapping[str, Any]
) -> None:
    """Add rows of (slot, state, then before first threshold, before second, all: to add, and to take away)."""
    for statement in statements:
        for slot, state, *sums in tx.execute(
            statement, {**question, "units": slots.units, "slots": slots.slots}
        ):
            first, second, later = LABELS[state if isinstance(state, str) else STATES[state]]
            for sign, (a, b, all_) in ((1, sums[:3]), (-1, sums[3:])):
                for label, n in ((first, a), (second, b - a), (later, all_ - b)):
                    for unit in slots.of[slot] if n else ():
                        found[unit][label] = found[unit].get(label, 0) + sign * n


def _below(tx: Tx) -> dict[UUID | None, list[UUID]]:
    found: dict[UUID | None, list[UUID]] = {}
    for unit, parent in tx.execute("SELECT unit_id, parent_id FROM unit_overview_unit").fetchall():
        found.setdefault(parent, []).append(unit)
    return found


def _all_below(below: Mapping[UUID | None, Sequence[UUID]], unit: UUID) -> set[UUID]:
    found, waiting = {unit}, [unit]
    while waiting:
        news = [each for each in below.get(waiting.pop(), ()) if each not in found]
        found.update(news)
        waiting.extend(news)
    return found


def _question(course: str, moment: Moment, now: datetime) -> dict[str, Any]:
    """The moment asked about, and the boundaries and thresholds near it at every grain."""
    exact = thresholds(moment.day)
    question: dict[str, Any] = {
        "courses": [course, NO_COURSE],
        "forever": FOREVER,
        **_named("coarse", exact.coarse),
        **_named("fine", exact.fine),
        **_named("exact", exact),
    }
    for direction, when in (("effective", moment.as_of), ("recorded", moment.known_at)):
        week, coarse = cut(when, now), cut(when, now, COARSE_WEEKS)
        first, last = sorted((week.block, coarse.block * COARSE_WEEKS))
        question |= {
            f"{direction}_at": when,
            f"{direction}_cut": week.boundary,
            f"{direction}_from": min(when, week.boundary),
            f"{direction}_to": max(when, week.boundary),
            f"{direction}_week": week.block,
            f"{direction}_coarse": coarse.block * COARSE_WEEKS,
            f"{direction}_block": coarse.block,
            f"{direction}_first": first,
            f"{direction}_last": last,
        }
    return question


def _named(grain: str, t: Thresholds) -> dict[str, int]:
    return {
        f"{grain}_late": t.late,
        f"{grain}_soon": t.soon,
        f"{grain}_expired": t.expired,
        f"{grain}_expiring": t.expiring,
    }


def _sums(n: str, grain: str, where: str, passed: str, turns: str = "turns") -> str:
    """Sums of what turns before the first threshold, before the second, and ever."""
    first = f"CASE state WHEN {passed} THEN %({grain}_expired)s ELSE %({grain}_late)s END"
    second = f"CASE state WHEN {passed} THEN %({grain}_expiring)s ELSE %({grain}_soon)s END"
    filters = (f"{where} AND {turns} < {first}", f"{where} AND {turns} < {second}", where)
    return ", ".join(f"coalesce(sum({n}) FILTER (WHERE {each}), 0)" for each in filters)


def _turning(grain: str, coarser: str, thresholds: Sequence[str]) -> str:
    """Days that two grains may put on different sides of a threshold."""
    pairs = [(f"%({grain}_{name})s", f"%({coarser}_{name})s") for name in thresholds]
    return " OR ".join(
        f"turns >= least({a}, {b})::int4 AND turns < greatest({a}, {b})::int4" for a, b in pairs
    )


def _statement(add: str, take: str, table: str, where: str) -> Composed:
    return Composed(
        [
            SQL(
                f"SELECT slot, state, {add}, {take} FROM {table}"
                " JOIN unnest(%(units)s::uuid[], %(slots)s::int2[]) AS counted(unit_id, slot) USING (unit_id)"
                f" WHERE course = ANY(%(courses)s) AND ({where}) GROUP BY 1, 2"
            )
        ]
    )


_PASSED = str(STATES.index("passed"))
_NOTHING = "0, 0, 0"
_HOLDS = (
    "effective_from <= %(effective_at)s AND effective_to > %(effective_at)s"
    " AND recorded_from <= %(recorded_at)s AND recorded_to > %(recorded_at)s"
)

_BELOW = _statement(
    _sums("n", "coarse", "true", _PASSED),
    _NOTHING,
    "unit_overview_below",
    "effective < %(effective_block)s AND recorded < %(recorded_block)s",
)

_WEEKS = _statement(
    _sums("n", "fine", "effective < %(effective_week)s AND recorded < %(recorded_week)s", _PASSED),
    _sums("n", "coarse", "effective < %(effective_coarse)s AND recorded < %(recorded_coarse)s", _PASSED),
    "unit_overview_week",
    "effective >= %(effective_first)s AND effective < %(effective_last)s"
    " OR recorded >= %(recorded_first)s AND recorded < %(recorded_last)s"
    f" OR {_turning('fine', 'coarse', ('late', 'soon', 'expired', 'expiring'))}",
)

_PERIODS = _statement(
    _sums("1", "exact", _HOLDS, "'passed'"),
    _sums(
        "1",
        "fine",
        "effective_from < %(effective_cut)s AND effective_to >= %(effective_cut)s"
        " AND recorded_from < %(recorded_cut)s AND recorded_to >= %(recorded_cut)s",
        "'passed'",
    ),
    "training_status",
    "effective_from BETWEEN %(effective_from)s AND %(effective_to)s"
    " OR effective_to BETWEEN %(effective_from)s AND %(effective_to)s AND effective_to < %(forever)s"
    " OR recorded_from BETWEEN %(recorded_from)s AND %(recorded_to)s"
    " OR recorded_to BETWEEN %(recorded_from)s AND %(recorded_to)s AND recorded_to < %(forever)s"
    f" OR state = 'passed' AND ({_turning('exact', 'fine', ('expired', 'expiring'))})",
)

_EVERYBODY = _statement(_sums("1", "exact", "true", "'passed'"), _NOTHING, "training_status", _HOLDS)
