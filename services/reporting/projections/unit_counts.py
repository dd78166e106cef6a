"""How many people of which unit stood how: the questions to the sums of unit_overview.

With all knowledge that there is, a count is the sum of `believed` up to the span nearest to the
moment, corrected by the few rectangles that begin, end or turn in between. With the knowledge of an
earlier time it starts from `below`, is corrected by the weeks between its boundary and the one
nearest to the moment, then by rectangles. Where the tree of the moment is another one than the
last, all rectangles of the units concerned are looked at.
"""
# ruff: noqa: S608  # statements are put together from constants of this file, values always travel apart

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import accumulate
from typing import Any
from uuid import UUID

from psycopg.sql import SQL, Composed

from services.reporting.facts import NO_COURSE
from services.reporting.grains import (
    COARSE_WEEKS,
    LABELS,
    STATUSES,
    Thresholds,
    cut,
    span_cut,
    thresholds,
)
from services.reporting.moments import FOREVER, Moment
from services.reporting.read_model import Tx
from services.reporting.standing import STATES

People = dict[UUID, dict[str, int]]
"""By unit: how many by status, and `people` for all who belong to it."""


def counts(
    tx: Tx, course: str, wanted: Mapping[UUID, Sequence[UUID]], moment: Moment, now: datetime
) -> People:
    """How many people stand how, for each unit with the units that count for it at that moment."""
    return counts_at(tx, course, [(moment.as_of, wanted)], moment.known_at, now)[0]


def counts_at(
    tx: Tx,
    course: str,
    asked: Sequence[tuple[datetime, Mapping[UUID, Sequence[UUID]]]],
    known_at: datetime,
    now: datetime,
) -> list[People]:
    """The same for several moments, each with its own units; what is known is the same for all."""
    told, all_known = _told(tx, known_at)
    questions = [_question(course, Moment(as_of, known_at), now) for as_of, _ in asked]
    summed = [[unit for unit, units in wanted.items() if told.adds_up(unit, units)] for _, wanted in asked]
    found: list[People] = [{unit: {} for unit in wanted} for _, wanted in asked]
    if all_known:
        _count_believed(tx, found, summed, questions)
    for people, units, question, (_, wanted) in zip(found, summed, questions, asked, strict=True):
        looked_at = {unit: wanted[unit] for unit in wanted.keys() - set(units)}
        if units and all_known:
            _count(tx, people, (_SINCE,), _Slots({unit: wanted[unit] for unit in units}), question)
        elif units:
            _count(tx, people, (_BELOW,), _Slots({unit: [unit] for unit in units}), question)
            _count(tx, people, (_WEEKS, _PERIODS), _Slots({unit: wanted[unit] for unit in units}), question)
        if looked_at:
            _count(tx, people, (_EVERYBODY,), _Slots(looked_at), question)
    return found


def _count_believed(
    tx: Tx,
    found: Sequence[People],
    summed: Sequence[Sequence[UUID]],
    questions: Sequence[Mapping[str, Any]],
) -> None:
    """Add the sums of what is believed, for all moments in one pass over them."""
    units = list({unit: None for each in summed for unit in each})
    if not units:
        return
    spans = sorted({question["known_span"] for question in questions})
    between: dict[UUID, list[dict[str, int]]] = {unit: [{} for _ in spans] for unit in units}
    for unit, status, n_th, n in tx.execute(_BELIEVED, {**questions[0], "units": units, "spans": spans}):
        between[units[unit - 1]][n_th][STATUSES[status]] = n
    until = {unit: list(accumulate(parts, _added)) for unit, parts in between.items()}
    for people, those, question in zip(found, summed, questions, strict=True):
        n_th = spans.index(question["known_span"])
        people.update((unit, dict(until[unit][n_th])) for unit in those)


def _added(sums: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    return {status: sums.get(status, 0) + more.get(status, 0) for status in {*sums, *more}}


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
            first, second, later = LABELS[STATES[state] if isinstance(state, int) else state]
            for sign, (a, b, all_) in ((1, sums[:3]), (-1, sums[3:])):
                for label, n in ((first, a), (second, b - a), (later, all_ - b)):
                    for unit in slots.of[slot] if n else ():
                        found[unit][label] = found[unit].get(label, 0) + sign * n


class _Told:
    """The tree along which sums are kept: as it was last told."""

    def __init__(self, units: str, parents: str) -> None:
        self._below: dict[str, list[str]] = {}
        for unit, parent in zip(_elements(units), _elements(parents), strict=True):
            self._below.setdefault(parent, []).append(unit)
        self._all_below: dict[UUID, frozenset[UUID]] = {}

    def adds_up(self, unit: UUID, units: Sequence[UUID]) -> bool:
        """Whether the sum kept for a unit is the sum of just these units."""
        kept = self._all_below.get(unit)
        if kept is None:
            kept = self._all_below[unit] = self._find(str(unit))
        return len(units) == len(kept) and kept.issuperset(units)

    def _find(self, unit: str) -> frozenset[UUID]:
        found, waiting = {unit}, [unit]
        while waiting:
            news = [each for each in self._below.get(waiting.pop(), ()) if each not in found]
            found.update(news)
            waiting.extend(news)
        return frozenset(map(UUID, found))


def _elements(array: str) -> list[str]:
    return array.strip("{}").split(",")


_tree_told = lru_cache(maxsize=4)(_Told)
"""The same words make the same tree, so that it is read once and not with every question."""


def _told(tx: Tx, known_at: datetime) -> tuple[_Told, bool]:
    """The tree as it was last told, and whether all that is known had been recorded by the moment."""
    row = tx.execute(_TOLD, {"recorded_at": known_at, "forever": FOREVER}).fetchone()
    assert row is not None
    units, parents, all_known = row
    return _tree_told(units or "{}", parents or "{}"), all_known


_TOLD = (
    "SELECT array_agg(unit_id)::text, array_agg(parent_id)::text,"
    " NOT EXISTS (SELECT FROM training_status WHERE recorded_from > %(recorded_at)s)"
    " AND NOT EXISTS (SELECT FROM training_status WHERE recorded_to > %(recorded_at)s"
    "  AND recorded_to < %(forever)s)"
    " FROM unit_overview_unit"
)


def _question(course: str, moment: Moment, now: datetime) -> dict[str, Any]:
    """The moment asked about, and the boundaries and thresholds near it at every grain."""
    exact, known = thresholds(moment.day), span_cut(moment.day)
    question: dict[str, Any] = {
        "courses": [course, NO_COURSE],
        "forever": FOREVER,
        **_named("coarse", exact.coarse),
        **_named("fine", exact.fine),
        **_named("exact", exact),
        **_named("known", thresholds(known.last_day)),
        "known_span": known.span,
        "known_cut": known.boundary,
        "known_from": min(moment.as_of, known.boundary),
        "known_to": max(moment.as_of, known.boundary),
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

_BELIEVED = (
    "SELECT number, sums.* FROM unnest(%(units)s::uuid[]) WITH ORDINALITY AS counted(unit_id, number),"
    " LATERAL (SELECT status, width_bucket(effective, %(spans)s::int4[]) AS n_th, sum(n)"
    "  FROM unit_overview_believed WHERE unit_id = counted.unit_id AND course = ANY(%(courses)s)"
    "  AND effective < (%(spans)s::int4[])[cardinality(%(spans)s::int4[])] GROUP BY 1, 2) AS sums"
)
"""Sums from each of the spans asked about to the next one: they add up."""

_SINCE = _statement(
    _sums("1", "exact", "effective_from <= %(effective_at)s AND effective_to > %(effective_at)s", "'passed'"),
    _sums("1", "known", "effective_from < %(known_cut)s AND effective_to >= %(known_cut)s", "'passed'"),
    "training_status",
    "recorded_to = %(forever)s AND effective_from <= %(known_to)s AND effective_to >= %(known_from)s"
    " AND (effective_from >= %(known_from)s"
    " OR effective_to <= %(known_to)s AND effective_to < %(forever)s"
    f" OR {_turning('exact', 'known', ('late', 'soon', 'expiring'))})",
)
"""What changes between the boundary of a span and the moment, of all that is believed."""
