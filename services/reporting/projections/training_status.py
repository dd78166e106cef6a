"""`training_status@5`: how everybody stands with every course, in both times.

Rows are rectangles: true from/to, believed from/to. They are computed from all facts of a person
(see standing.py), which are kept beside them, so that rows depend on the set of events only. The
counts of unit_overview are sums over the same rectangles and are kept by the same projection:
what changes in one changes in the other, in one step.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from services.contracts.reporting.standing import DUE_SOON_DAYS, EXPIRING_DAYS, StaffStatus, Status
from services.contracts.scheduling import UnitCreated, UnitMoved
from services.reporting.facts import NO_COURSE, Fact, fact_of
from services.reporting.grains import Tally
from services.reporting.moments import Moment
from services.reporting.projections import unit_overview
from services.reporting.read_model import Column, Table, Tx
from services.reporting.standing import NEVER, Period, State, periods_of

NAME: Final = "training_status@5"

FACTS = Table(
    NAME,
    "training_fact",
    (
        Column("person_id", "uuid"),
        Column("recorded_at", "timestamptz"),
        Column("feed", "text"),
        Column("position", "int8"),
        Column("occurred_at", "timestamptz"),
        Column("kind", "text"),
        Column("course", "text"),
        Column("period", "int4"),
        Column("subject", "uuid"),
        Column("day", "date", null=True),
    ),
    key=("person_id", "feed", "position"),
)

STATUS = Table(
    NAME,
    "training_status",
    (
        Column("person_id", "uuid"),
        Column("effective_from", "timestamptz"),
        Column("effective_to", "timestamptz"),
        Column("course", "text"),
        Column("period", "int4"),
        Column("state", "text"),
        Column("unit_id", "uuid"),
        Column("due_on", "date", null=True),
        Column("expires_on", "date", null=True),
        Column("record_id", "uuid", null=True),
        Column("since", "timestamptz"),
        Column("recorded_from", "timestamptz"),
        Column("recorded_to", "timestamptz"),
        Column("turns", "int4"),
    ),
    key=("person_id", "course", "effective_from", "recorded_from"),
    indexes=(
        # A page of staff in its order, of few units, and of many:
        "(unit_id, course, state, turns, person_id)",
        "(course, state, turns, person_id)",
        # What the sums of unit_overview are corrected by:
        "(effective_from)",
        "(effective_to) WHERE effective_to < '9999-12-31Z'",
        "(recorded_from)",
        "(recorded_to) WHERE recorded_to < '9999-12-31Z'",
        "(turns) WHERE state = 'passed'",
        "(turns) WHERE recorded_to = '9999-12-31Z'",
    ),
)

FACTS_AT_ONCE = 20_000
"""Facts that a bulk load has in memory."""


class TrainingStatus:
    """Keeps facts, periods and counts."""

    name = NAME
    feeds = frozenset({"progress", "scheduling"})
    tables: tuple[Table, ...] = (FACTS, STATUS, *unit_overview.TABLES)

    def apply(self, tx: Tx, feed: str, items: Sequence[Any]) -> None:
        """Add the page's facts, and write what they change for the people they are about."""
        unit_overview.tell_units(tx, _units_told(items))
        news = list(_facts_in(feed, items))
        if not news:
            return
        known = _facts_of(tx, {fact.person_id for fact in news})
        FACTS.fill(tx, news)
        gone: list[tuple[UUID, Period]] = []
        come: list[tuple[UUID, Period]] = []
        for person_id, added in _by_person(news):
            facts = known.get(person_id, [])
            before, after = set(periods_of(facts)), set(periods_of([*facts, *added]))
            gone.extend((person_id, period) for period in before - after)
            come.extend((person_id, period) for period in after - before)
        _remove(tx, gone)
        STATUS.fill(tx, (_row(person_id, period) for person_id, period in come))
        tally = Tally()
        tally.add((period for _, period in gone), -1)
        tally.add((period for _, period in come), +1)
        unit_overview.write(tx, tally)

    def bulk(self) -> "TrainingStatus":
        """Facts first; periods once a person, when all facts are there."""
        return _FactsFirst()

    def finish(self, tx: Tx) -> None:
        """Nothing was put off."""


class _FactsFirst(TrainingStatus):
    """Fills empty tables: each person's periods are computed once instead of once a page."""

    def apply(self, tx: Tx, feed: str, items: Sequence[Any]) -> None:
        unit_overview.tell_units(tx, _units_told(items), move_sums=False)
        FACTS.fill(tx, _facts_in(feed, items))

    def finish(self, tx: Tx) -> None:
        for people in _everybody(tx):
            STATUS.fill(tx, (_row(id_, period) for id_, facts in people for period in periods_of(facts)))
        unit_overview.fill(tx)


def _units_told(items: Sequence[Any]) -> Iterable[UnitCreated | UnitMoved]:
    return (item.event for item in items if isinstance(item.event, UnitCreated | UnitMoved))


def _facts_in(feed: str, items: Sequence[Any]) -> Iterator[Fact]:
    for item in items:
        if (fact := fact_of(feed, item.position, item.recorded_at, item.event)) is not None:
            yield fact


def _everybody(tx: Tx) -> Iterator[list[tuple[UUID, list[Fact]]]]:
    """All facts, some thousand people at a time, a person's facts together."""
    columns = ", ".join(c.name for c in FACTS.columns)
    tx.execute(f"DECLARE everybody CURSOR FOR SELECT {columns} FROM training_fact ORDER BY person_id")  # noqa: S608
    rest: list[Fact] = []
    fetch = f"FETCH {FACTS_AT_ONCE} FROM everybody"
    while rows := tx.connection.execute(fetch, binary=True).fetchall():
        facts = [*rest, *map(Fact._make, rows)]
        last = facts[-1].person_id
        whole = next((at for at in range(len(facts), 0, -1) if facts[at - 1].person_id != last), 0)
        rest = facts[whole:]
        yield _by_person(facts[:whole])
    tx.execute("CLOSE everybody")
    yield _by_person(rest)


def _facts_of(tx: Tx, people: Iterable[UUID]) -> dict[UUID, list[Fact]]:
    columns = ", ".join(c.name for c in FACTS.columns)
    rows = tx.execute(
        f"SELECT {columns} FROM training_fact WHERE person_id = ANY(%s) ORDER BY person_id",  # noqa: S608
        (list(people),),
    ).fetchall()
    return dict(_by_person(map(Fact._make, rows)))


def _by_person(facts: Iterable[Fact]) -> list[tuple[UUID, list[Fact]]]:
    found: dict[UUID, list[Fact]] = {}
    for fact in facts:
        found.setdefault(fact.person_id, []).append(fact)
    return list(found.items())


def _row(person_id: UUID, period: Period) -> tuple[Any, ...]:
    return (person_id, *period, period.turns)


def _remove(tx: Tx, periods: Sequence[tuple[UUID, Period]]) -> None:
    if periods:
        tx.execute(
            "DELETE FROM training_status s USING"
            " unnest(%s::uuid[], %s::text[], %s::timestamptz[], %s::timestamptz[])"
            " AS gone(person_id, course, effective_from, recorded_from)"
            " WHERE s.person_id = gone.person_id AND s.course = gone.course"
            " AND s.effective_from = gone.effective_from AND s.recorded_from = gone.recorded_from",
            (
                [person_id for person_id, _ in periods],
                [p.course for _, p in periods],
                [p.effective_from for _, p in periods],
                [p.recorded_from for _, p in periods],
            ),
        )


# --- a page of staff -----------------------------------------------------------------------------

COUNTED: Final[tuple[Status, ...]] = (
    "overdue",
    "failed",
    "expired",
    "due_soon",
    "expiring",
    "in_progress",
    "assigned",
    "exempt",
    "passed",
)
"""How people stand whom a course concerns, those who need a manager's attention first."""

DISPLAY_ORDER: Final[tuple[StaffStatus, ...]] = (*COUNTED, "unassigned")
"""In a list; within a status, longest (or soonest) first."""

_FIRST = UUID(int=0)


@dataclass(frozen=True)
class Standing:
    """One person's standing at a moment."""

    status: StaffStatus
    person_id: UUID
    unit_id: UUID
    state: State
    due_on: date | None
    expires_on: date | None
    since: datetime
    record_id: UUID | None
    turns: int


@dataclass(frozen=True)
class After:
    """Where a page ended: its last line's place in the order."""

    status: StaffStatus
    turns: int
    person_id: UUID


def staff(
    tx: Tx,
    course: str,
    units: Sequence[UUID],
    moment: Moment,
    *,
    statuses: Collection[StaffStatus],
    people: Collection[UUID] | None,
    after: After | None,
    limit: int,
) -> list[Standing]:
    """People of these units in display order, from a place on; at most `limit`; of some people only, or all."""
    wanted = [s for s in DISPLAY_ORDER if s in statuses]
    if after is not None:
        wanted = [s for s in wanted if DISPLAY_ORDER.index(s) >= DISPLAY_ORDER.index(after.status)]
    found: list[Standing] = []
    for each in wanted:
        start = (after.turns, after.person_id) if after and after.status == each else (0, _FIRST)
        found += _of_status(tx, course, units, moment, each, people, start, limit - len(found))
        if len(found) >= limit:
            break
    return found


def _of_status(
    tx: Tx,
    course: str,
    units: Sequence[UUID],
    moment: Moment,
    status: StaffStatus,
    people: Collection[UUID] | None,
    start: tuple[int, UUID],
    limit: int,
) -> list[Standing]:
    """The first of each state (and unit) in the order of an index, and of these the first: nothing is sorted."""
    states, since, before = _where(status, moment.day.toordinal())
    unassigned = status == "unassigned"
    only = (_NOT_ASSIGNED if unassigned else "") + ("" if people is None else _OF_THESE)
    rows = tx.execute(
        (_OF_FEW_UNITS if len(units) <= FEW_UNITS else _OF_MANY_UNITS).format(only=only),
        {
            "units": list(units),
            "states": states,
            "course": NO_COURSE if unassigned else course,
            "wanted": course,
            "people": None if people is None else list(people),
            "since": since,
            "before": before,
            "turns": start[0],
            "person": start[1],
            "as_of": moment.as_of,
            "known_at": moment.known_at,
            "limit": limit,
        },
    ).fetchall()
    return [Standing(status, *row) for row in rows]


_PEOPLE = (
    "SELECT p.* FROM {each}unnest(%(states)s::text[]) AS s(state),"
    " LATERAL (SELECT person_id, unit_id, state, due_on, expires_on, since, record_id, turns"
    "  FROM training_status WHERE course = %(course)s AND unit_id = {unit} AND state = s.state"
    "  AND turns >= %(since)s AND turns < %(before)s"
    "  AND (turns, person_id) > (%(turns)s::int4, %(person)s::uuid)"
    "  AND effective_from <= %(as_of)s AND effective_to > %(as_of)s"
    "  AND recorded_from <= %(known_at)s AND recorded_to > %(known_at)s{{only}}"
    "  ORDER BY turns, person_id LIMIT %(limit)s) AS p"
    " ORDER BY p.turns, p.person_id LIMIT %(limit)s"
)
_OF_FEW_UNITS = _PEOPLE.format(each="unnest(%(units)s::uuid[]) AS u(id), ", unit="u.id")
_OF_MANY_UNITS = _PEOPLE.format(each="", unit="ANY(%(units)s)")
_OF_THESE = " AND person_id = ANY(%(people)s::uuid[])"
_NOT_ASSIGNED = (
    " AND NOT EXISTS (SELECT 1 FROM training_status t WHERE t.person_id = training_status.person_id"
    " AND t.course = %(wanted)s AND t.effective_from <= %(as_of)s AND t.effective_to > %(as_of)s"
    " AND t.recorded_from <= %(known_at)s AND t.recorded_to > %(known_at)s)"
)
FEW_UNITS: Final = 12
"""Up to so many units the first people of each are looked up; of more, people are looked through in order."""


def _where(status: StaffStatus, today: int) -> tuple[list[State], int, int]:
    """The states behind a status, and from which day to before which they turn (see standing.status_on)."""
    end = NEVER.toordinal() + 1
    soon, expiring = today + DUE_SOON_DAYS + 1, today + EXPIRING_DAYS + 1
    by_status: dict[StaffStatus, tuple[list[State], int, int]] = {
        "overdue": (["assigned", "in_progress"], 0, today),
        "failed": (["failed"], 0, end),
        "expired": (["passed"], 0, today),
        "due_soon": (["assigned"], today, soon),
        "expiring": (["passed"], today, expiring),
        "in_progress": (["in_progress"], today, end),
        "assigned": (["assigned"], soon, end),
        "passed": (["passed"], expiring, end),
        "exempt": (["exempt"], 0, end),
        "unassigned": (["placed"], 0, end),
    }
    return by_status[status]


def placed(tx: Tx, units: Sequence[UUID], moment: Moment) -> list[tuple[UUID, UUID]]:
    """Who belongs to these units, and to which."""
    return tx.execute(
        "SELECT person_id, unit_id FROM training_status WHERE course = %s AND unit_id = ANY(%s)"
        " AND effective_from <= %s AND effective_to > %s AND recorded_from <= %s AND recorded_to > %s",
        (NO_COURSE, list(units), moment.as_of, moment.as_of, moment.known_at, moment.known_at),
    ).fetchall()


def members(tx: Tx, units: Sequence[UUID], moment: Moment) -> list[UUID]:
    """Who belongs to these units."""
    rows = tx.execute(
        "SELECT person_id FROM training_status WHERE course = %s AND unit_id = ANY(%s)"
        " AND effective_from <= %s AND effective_to > %s AND recorded_from <= %s AND recorded_to > %s",
        (NO_COURSE, list(units), moment.as_of, moment.as_of, moment.known_at, moment.known_at),
    ).fetchall()
    return [person_id for (person_id,) in rows]


def people_in(tx: Tx, units: Sequence[UUID], moment: Moment) -> dict[UUID, int]:
    """How many belong to each of these units; units without anybody are left out."""
    rows = tx.execute(
        "SELECT unit_id, count(*) FROM training_status WHERE course = %s AND unit_id = ANY(%s)"
        " AND effective_from <= %s AND effective_to > %s AND recorded_from <= %s AND recorded_to > %s"
        " GROUP BY unit_id",
        (NO_COURSE, list(units), moment.as_of, moment.as_of, moment.known_at, moment.known_at),
    ).fetchall()
    return dict(rows)


def unit_of(tx: Tx, person_id: UUID, moment: Moment) -> UUID | None:
    """The unit that a person belongs to; None outside of all."""
    row = tx.execute(
        "SELECT unit_id FROM training_status WHERE person_id = %s AND course = %s"
        " AND effective_from <= %s AND effective_to > %s AND recorded_from <= %s AND recorded_to > %s",
        (person_id, NO_COURSE, moment.as_of, moment.as_of, moment.known_at, moment.known_at),
    ).fetchone()
    return row[0] if row else None


def units_of(tx: Tx, people: Collection[UUID], moment: Moment) -> dict[UUID, UUID]:
    """The units that these people belong to; who belongs to none is left out."""
    rows = tx.execute(
        "SELECT person_id, unit_id FROM training_status WHERE person_id = ANY(%s) AND course = %s"
        " AND effective_from <= %s AND effective_to > %s AND recorded_from <= %s AND recorded_to > %s",
        (list(people), NO_COURSE, moment.as_of, moment.as_of, moment.known_at, moment.known_at),
    ).fetchall()
    return dict(rows)


@dataclass(frozen=True)
class ToFollow:
    """Somebody who must follow a course and has not finished it."""

    person_id: UUID
    unit_id: UUID
    state: Any
    due_on: date | None
    period: int


def still_to_follow(
    tx: Tx, people: Collection[UUID], moment: Moment
) -> dict[tuple[UUID, str, int], ToFollow]:
    """What these people must still follow, by person, course and period."""
    rows = tx.execute(
        "SELECT person_id, unit_id, state, due_on, period, course FROM training_status"
        " WHERE person_id = ANY(%s) AND state = ANY(%s)"
        " AND effective_from <= %s AND effective_to > %s AND recorded_from <= %s AND recorded_to > %s",
        (
            list(people),
            ["assigned", "in_progress"],
            *(moment.as_of, moment.as_of, moment.known_at, moment.known_at),
        ),
    ).fetchall()
    return {(row[0], row[5], row[4]): ToFollow(*row[:-1]) for row in rows}


def to_follow(tx: Tx, course: str, units: Sequence[UUID], moment: Moment, limit: int) -> list[ToFollow]:
    """Who of these units must still follow a course, the earliest due date first."""
    rows = tx.execute(
        "SELECT person_id, unit_id, state, due_on, period FROM training_status"
        " WHERE course = %s AND unit_id = ANY(%s) AND state = ANY(%s)"
        " AND effective_from <= %s AND effective_to > %s AND recorded_from <= %s AND recorded_to > %s"
        " ORDER BY due_on NULLS LAST, person_id LIMIT %s",
        (
            course,
            list(units),
            ["assigned", "in_progress"],
            *(moment.as_of, moment.as_of, moment.known_at, moment.known_at, limit),
        ),
    ).fetchall()
    return [ToFollow(*row) for row in rows]
