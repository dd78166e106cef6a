"""Standing orders open assignments: now, for whoever joins later, and again when a renewal window opens.

What the policy knows of people, orders and ways it keeps in tables of its own (`duty_*`). Whatever
happens to a person marks them to be looked at; otherwise they are looked at on the day on which
something opens or ends for them. So nothing to do costs one look by index, whoever many people there are.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID, uuid5

from psycopg import Cursor

from services.contracts import content, progress, scheduling
from services.contracts.message import Outcome, Refused
from services.contracts.progress import record_id_of
from services.contracts.scheduling import SchedulingCommand
from services.contracts.scheduling.duties import (
    ClearHindrance,
    HindranceFound,
    HindranceGone,
    NoteHindrance,
    OpenDuty,
    OrderEnded,
    OrderGiven,
    hindrance_id_of,
)
from services.contracts.scheduling.exemptions import ExemptionGranted, ExemptionRevoked
from services.scheduling.decisions.matter import SERVICE
from services.scheduling.domain.due import add_days, local_day
from services.scheduling.domain.duty import Offer, Order, Verdict, Way, verdict_of

AT_ONCE: Final = date.min
NEVER: Final = date.max
PEOPLE_AT_ONCE: Final = 500
PEOPLE_A_ROUND_MAX: Final = 5_000
"""People who are looked at in one round, so that feeds are followed in between."""
PERIODS_MAX: Final = 1_000

Tx = Cursor[Any]


class Duties:
    """`duties@1`: what orders ask of whom."""

    name = "duties@1"
    feeds = frozenset({"content", "progress", "scheduling"})

    def __init__(self) -> None:
        """Nothing is remembered between rounds but until when people need not be looked at."""
        self._looks: dict[UUID, date] = {}

    # --- what is known ---------------------------------------------------------------------------

    def apply(self, tx: Tx, feed: str, items: Sequence[Any]) -> None:
        """Keep what was said, and mark whom it concerns."""
        concerned: set[UUID] = set()
        everybody = False
        for event in (item.event for item in items):
            match event:
                case content.CourseVersionPublished() | content.CourseVersionWithdrawn():
                    _course(tx, event)
                    everybody = True
                case progress.RecordOpened() | progress.CourseCompleted():
                    _record(tx, event)
                    concerned.add(event.person_id)
                case scheduling.UnitCreated() | scheduling.UnitMoved():
                    tx.execute(UNIT, (event.unit_id, event.parent_id))
                    everybody = everybody or isinstance(event, scheduling.UnitMoved)
                case scheduling.PersonRegistered():
                    tx.execute(PERSON, (event.person_id, AT_ONCE))
                case scheduling.PersonPlaced():
                    tx.execute(PLACED, (event.unit_id, event.occurred_at, event.person_id, event.occurred_at))
                    concerned.add(event.person_id)
                case scheduling.PersonWithdrawn():
                    tx.execute(LEFT, (event.occurred_at, event.person_id))
                    concerned.add(event.person_id)
                case scheduling.PersonReturned():
                    tx.execute(RETURNED, (event.person_id,))
                    concerned.add(event.person_id)
                case (
                    scheduling.CourseAssigned()
                    | scheduling.DueDateChanged()
                    | scheduling.AssignmentWithdrawn()
                ):
                    _assignment(tx, event)
                    concerned.add(event.person_id)
                case ExemptionGranted() | ExemptionRevoked():
                    since = event.occurred_at if isinstance(event, ExemptionGranted) else None
                    tx.execute(EXEMPT, (event.person_id, event.course, event.period, since))
                    concerned.add(event.person_id)
                case OrderGiven():
                    _order(tx, event)
                    everybody = True
                case OrderEnded():
                    tx.execute("UPDATE duty_order SET ended = true WHERE order_id = %s", (event.order_id,))
                    everybody = True
                case HindranceFound():
                    tx.execute(FOUND, (event.hindrance_id, event.person_id))
                    concerned.add(event.person_id)
                case HindranceGone():
                    gone = "UPDATE duty_hindrance SET stands = false WHERE hindrance_id = %s"
                    tx.execute(gone, (event.hindrance_id,))
                case _:
                    pass  # says nothing of what is due
        if everybody:
            tx.execute("UPDATE duty_person SET look_on = %s WHERE look_on <> %s", (AT_ONCE, AT_ONCE))
        elif concerned:
            _mark(tx, concerned)

    # --- what follows ----------------------------------------------------------------------------

    def due(self, tx: Tx, now: datetime, limit: int) -> Sequence[SchedulingCommand]:
        """What orders ask of the people who are to be looked at today."""
        _mark_changed_entries(tx)
        today = local_day(now)
        self._looks.clear()
        commands: list[SchedulingCommand] = []
        after = (AT_ONCE, UUID(int=0))
        world: _World | None = None
        for _ in range(PEOPLE_A_ROUND_MAX // PEOPLE_AT_ONCE):
            rows = tx.execute(TO_LOOK_AT, (today, *after, PEOPLE_AT_ONCE)).fetchall()
            if not rows:
                break
            world = world or _World(tx)
            after = (rows[-1][1], rows[-1][0])
            settled: dict[UUID, date] = {}
            full = False
            for person_id, asked, look_on in _asked(tx, world, rows, today, now):
                if not asked:
                    settled[person_id] = look_on
                elif len(commands) + len(asked) > limit:
                    full = True
                    break
                else:
                    commands += asked
                    self._looks[person_id] = look_on
            _look_later(tx, settled)
            if full or len(commands) == limit:
                break
        return commands

    def answered(self, tx: Tx, answers: Sequence[tuple[SchedulingCommand, Outcome]], now: datetime) -> None:
        """Look again when something happens or opens; what was refused is asked for again tomorrow."""
        tomorrow = add_days(local_day(now), 1)
        looks = dict(self._looks)
        for command, outcome in answers:
            person_id = getattr(command, "person_id", None)
            if person_id in looks and isinstance(outcome, Refused):
                looks[person_id] = min(looks[person_id], tomorrow)
        _look_later(tx, looks)


class _World:
    """Orders that have not ended, the tree of units, and the courses on offer."""

    def __init__(self, tx: Tx) -> None:
        fields = ", ".join(Order._fields)
        self.orders = [
            Order(*row)
            for row in tx.execute(f"SELECT {fields} FROM duty_order WHERE NOT ended ORDER BY order_id")  # noqa: S608
        ]
        self._parents: dict[UUID, UUID | None] = dict(
            tx.execute("SELECT unit_id, parent_id FROM duty_unit").fetchall()
        )
        self._above: dict[UUID, frozenset[UUID]] = {}
        self.offers = {c: Offer(frozenset(languages), months) for c, languages, months in tx.execute(OFFERS)}

    def covering(self, unit_id: UUID, function: str | None) -> list[Order]:
        """The orders for somebody of this unit and function, also those that begin later."""
        above = self._above.get(unit_id)
        if above is None:
            above = self._above[unit_id] = frozenset(self._walk_up(unit_id))
        return [
            order
            for order in self.orders
            if (order.unit_id is None or order.unit_id in above)
            and (order.function is None or order.function == function)
        ]

    def _walk_up(self, unit_id: UUID) -> Iterator[UUID]:
        seen: set[UUID] = set()
        at: UUID | None = unit_id
        while at is not None and at not in seen:
            seen.add(at)
            yield at
            at = self._parents.get(at)


def _asked(
    tx: Tx, world: _World, rows: Sequence[Sequence[Any]], today: date, now: datetime
) -> Iterator[tuple[UUID, list[SchedulingCommand], date]]:
    """Person by person: the commands that are due, and on which day to look again."""
    people = [row[0] for row in rows]
    ways: dict[UUID, list[tuple[str, Way]]] = {}
    for person_id, course, *rest in tx.execute(WAYS, (people,)):
        period, assigned, taken_back, by_hand, due_on, order_id, done_at, months, exempt_at = rest
        if done_at is None and exempt_at is not None:  # as if it was done then, valid as the course is now
            done_at, months = exempt_at, world.offers[course].months if course in world.offers else 0
        done_on = local_day(done_at) if done_at else None
        way = Way(period, assigned, taken_back, by_hand, due_on, order_id, done_on, months)
        ways.setdefault(person_id, []).append((course, way))
    known: dict[UUID, dict[UUID, tuple[bool, int]]] = {}
    for hindrance_id, person_id, stands, times in tx.execute(HINDRANCES, (people,)):
        known.setdefault(person_id, {})[hindrance_id] = (stands, times)
    for person_id, _, unit_id, placed_at, here, language, function in rows:
        verdict = Verdict()
        if here and unit_id is not None and (orders := world.covering(unit_id, function)):
            verdict = verdict_of(
                orders,
                ways.get(person_id, ()),
                world.offers,
                placed_on=local_day(placed_at),
                language=language,
                today=today,
            )
        asked = list(_commands(person_id, verdict, known.get(person_id, {}), now))
        yield person_id, asked, verdict.look_on or NEVER


def _commands(
    person_id: UUID, verdict: Verdict, known: dict[UUID, tuple[bool, int]], now: datetime
) -> Iterator[SchedulingCommand]:
    """What differs from what stands; ids follow from what is asked, so that asking twice is asking once."""
    for each in verdict.openings:
        about = f"open/{person_id}/{each.course}/{each.period}/{each.due_on}/{each.cause.order_id}"
        yield OpenDuty(
            command_id=uuid5(SERVICE, about),
            occurred_at=now,
            person_id=person_id,
            course=each.course,
            period=each.period,
            due_on=each.due_on,
            cause=each.cause,
        )
    found: set[UUID] = set()
    for finding in verdict.findings:
        id_ = hindrance_id_of(finding.kind, finding.order_id, person_id, finding.period)
        found.add(id_)
        stands, times = known.get(id_, (False, 0))
        if not stands:
            yield NoteHindrance(
                command_id=uuid5(SERVICE, f"note/{id_}/{times}"),
                occurred_at=now,
                person_id=person_id,
                **finding._asdict(),
            )
    for id_, (stands, times) in known.items():
        if stands and id_ not in found:
            yield ClearHindrance(
                command_id=uuid5(SERVICE, f"clear/{id_}/{times}"),
                occurred_at=now,
                hindrance_id=id_,
                person_id=person_id,
            )


# --- tables --------------------------------------------------------------------------------------

UNIT = (
    "INSERT INTO duty_unit VALUES (%s, %s) ON CONFLICT (unit_id) DO UPDATE SET parent_id = excluded.parent_id"
)
PERSON = "INSERT INTO duty_person (person_id, look_on) VALUES (%s, %s) ON CONFLICT DO NOTHING"
# HR facts arrive late and out of order: the place that began last counts.
PLACED = (
    "UPDATE duty_person SET unit_id = %s, placed_at = %s"
    " WHERE person_id = %s AND (placed_at IS NULL OR placed_at <= %s)"
)
LEFT = "UPDATE duty_person SET left_at = %s WHERE person_id = %s"
RETURNED = "UPDATE duty_person SET left_at = NULL WHERE person_id = %s"
FOUND = (
    "INSERT INTO duty_hindrance VALUES (%s, %s, true, 1)"
    " ON CONFLICT (hindrance_id) DO UPDATE SET stands = true, times = duty_hindrance.times + 1"
)
TO_LOOK_AT = (
    "SELECT p.person_id, p.look_on, p.unit_id, p.placed_at,"
    " p.left_at IS NULL OR p.placed_at > p.left_at, d.language, d.function"
    " FROM duty_person p LEFT JOIN directory d USING (person_id)"
    " WHERE p.look_on <= %s AND (p.look_on, p.person_id) > (%s, %s)"
    " ORDER BY p.look_on, p.person_id LIMIT %s"
)
WAYS = (
    "SELECT person_id, course, period, assigned, taken_back, by_hand, due_on, order_id,"
    " done_at, months, exempt_at FROM duty_way WHERE person_id = ANY(%s)"
)
HINDRANCES = "SELECT hindrance_id, person_id, stands, times FROM duty_hindrance WHERE person_id = ANY(%s)"
OFFERS = (
    "SELECT DISTINCT ON (course) course, languages, months FROM duty_course"
    " WHERE NOT withdrawn ORDER BY course, course_version DESC"
)
SAID = """
INSERT INTO duty_way (person_id, course, period, assigned, taken_back, by_hand, due_on, order_id, said_at)
VALUES (%(person)s, %(course)s, %(period)s, %(assigned)s, %(back)s, %(hand)s, %(due)s, %(order)s, %(at)s)
ON CONFLICT (person_id, course, period) DO UPDATE SET assigned = excluded.assigned,
    taken_back = excluded.taken_back, by_hand = excluded.by_hand, due_on = excluded.due_on,
    order_id = excluded.order_id, said_at = excluded.said_at
WHERE duty_way.said_at IS NULL OR duty_way.said_at <= excluded.said_at
"""
OPENED = "INSERT INTO duty_way (person_id, course, period) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
EXEMPT = (
    "INSERT INTO duty_way (person_id, course, period, exempt_at) VALUES (%s, %s, %s, %s)"
    " ON CONFLICT (person_id, course, period) DO UPDATE SET exempt_at = excluded.exempt_at"
)
DONE = (
    "INSERT INTO duty_way (person_id, course, period, done_at, months) VALUES (%s, %s, %s, %s, %s)"
    " ON CONFLICT (person_id, course, period)"
    " DO UPDATE SET done_at = excluded.done_at, months = excluded.months"
)


def _course(tx: Tx, event: content.CourseVersionPublished | content.CourseVersionWithdrawn) -> None:
    match event:
        case content.CourseVersionPublished():
            tx.execute(
                "INSERT INTO duty_course (course, course_version, languages, months) VALUES (%s, %s, %s, %s)"
                " ON CONFLICT DO NOTHING",
                (event.course, event.course_version, list(event.languages), event.validity_months),
            )
        case content.CourseVersionWithdrawn():
            tx.execute(
                "UPDATE duty_course SET withdrawn = true WHERE course = %s AND course_version = %s",
                (event.course, event.course_version),
            )


def _record(tx: Tx, event: progress.RecordOpened | progress.CourseCompleted) -> None:
    match event:
        case progress.RecordOpened():
            tx.execute(OPENED, (event.person_id, event.course, event.period))
        case progress.CourseCompleted():
            period = _period_of(event)
            done = (event.person_id, event.course, period, event.occurred_at, event.validity_months)
            tx.execute(DONE, done)


def _period_of(event: progress.CourseCompleted) -> int:
    """Events after the opening do not say the period: it follows from the record's identity."""
    return next(
        period
        for period in range(1, PERIODS_MAX + 1)
        if record_id_of(event.person_id, event.course, period) == event.record_id
    )


def _assignment(
    tx: Tx, event: scheduling.CourseAssigned | scheduling.DueDateChanged | scheduling.AssignmentWithdrawn
) -> None:
    back = isinstance(event, scheduling.AssignmentWithdrawn)
    cause = None if isinstance(event, scheduling.AssignmentWithdrawn) else event.cause
    tx.execute(
        SAID,
        {
            "person": event.person_id,
            "course": event.course,
            "period": event.period,
            "assigned": not back,
            "back": back,
            "hand": cause is None or cause.rule == "by_hand",
            "due": None if isinstance(event, scheduling.AssignmentWithdrawn) else event.due_on,
            "order": cause.order_id if cause else None,
            "at": event.occurred_at,
        },
    )


def _order(tx: Tx, event: OrderGiven) -> None:
    again = event.recurrence
    order = Order(
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
    )
    places = ", ".join(["%s"] * len(order))
    tx.execute(
        f"INSERT INTO duty_order ({', '.join(Order._fields)}) VALUES ({places}) ON CONFLICT DO NOTHING",  # noqa: S608
        order,
    )


def _mark(tx: Tx, people: Iterable[UUID]) -> None:
    tx.execute(
        "UPDATE duty_person SET look_on = %s WHERE person_id = ANY(%s) AND look_on <> %s",
        (AT_ONCE, list(people), AT_ONCE),
    )


def _mark_changed_entries(tx: Tx) -> None:
    """Whoever's language or function may have changed. Revisions are drawn under the writers' turn: none is skipped."""
    changed = tx.execute(
        "SELECT d.person_id, d.revision FROM directory d, duty_directory s WHERE d.revision > s.revision"
    ).fetchall()
    if changed:
        _mark(tx, [person_id for person_id, _ in changed])
        tx.execute("UPDATE duty_directory SET revision = %s", (max(revision for _, revision in changed),))


def _look_later(tx: Tx, looks: dict[UUID, date]) -> None:
    if looks:
        tx.execute(
            "UPDATE duty_person p SET look_on = l.look_on"
            " FROM unnest(%s::uuid[], %s::date[]) AS l(person_id, look_on)"
            " WHERE p.person_id = l.person_id",
            (list(looks), list(looks.values())),
        )
