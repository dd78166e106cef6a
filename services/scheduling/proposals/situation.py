"""The question of a proposal, as things stand: who, which halves, which seats, and who is taken when."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from psycopg import Cursor

from services.contracts.scheduling.proposals import ProposalSlot, ProposePlan
from services.scheduling.domain import Organisation
from services.scheduling.domain.due import end_of_day, local_day
from services.scheduling.domain.slot import GAP_DAYS_MAX, GAP_DAYS_MIN
from services.scheduling.planning import Candidate, OpenSlot, Question, Span, Team

Tx = Cursor[Any]

BEYOND_DAYS: Final = 28
"""Slots so long after the last due date are looked at too: they show what a later date would give."""

NEEDS = """
SELECT m.person_id, m.unit_id, n.record_id, n.period, n.due_on
FROM membership m JOIN ground_need n USING (person_id)
WHERE m.unit_id = ANY(%s) AND n.course = %s AND NOT n.withdrawn
AND NOT EXISTS (SELECT FROM ground_met met WHERE met.record_id = n.record_id)
ORDER BY m.person_id, n.period
"""

SLOTS = """
SELECT s.slot_id, s.room_id, r.name, s.unit_id, s.starts_at, s.ends_at, s.seats - coalesce(e.taken, 0)
FROM ground_slot s JOIN ground_room r USING (room_id)
LEFT JOIN (SELECT place_id, count(*) AS taken FROM engagement WHERE ends_at > %s GROUP BY place_id) e
    ON e.place_id = s.slot_id
WHERE s.unit_id = ANY(%s) AND s.starts_at > %s AND s.starts_at < %s ORDER BY s.starts_at, s.slot_id
"""

AWAY = """
SELECT m.unit_id, e.starts_at, e.ends_at FROM membership m JOIN engagement e USING (person_id)
WHERE m.unit_id = ANY(%s) AND e.ends_at > %s
"""

SITTINGS = "SELECT sittings FROM ground_course WHERE course = %s ORDER BY course_version DESC LIMIT 1"


class Need(NamedTuple):
    """Somebody's way through the course, still to be gone or to be ended."""

    person_id: UUID
    unit_id: UUID
    record_id: UUID
    period: int
    due_on: date


class Half(NamedTuple):
    """A half that is booked, or was used."""

    half: int
    day: date
    used: bool


@dataclass(frozen=True, slots=True)
class Situation:
    """A question, and what its answer needs to be said in the words of bookings."""

    question: Question
    slots: Mapping[UUID, ProposalSlot]
    periods: Mapping[UUID, int]
    missing: Mapping[UUID, tuple[int, ...]]
    """Which halves each person still needs."""
    long_ago: frozenset[UUID]
    """Who followed one half so long ago that no slot can be near enough to it."""


def situation(tx: Tx, organisation: Organisation | None, asked: ProposePlan, now: datetime) -> Situation:
    """As committed at this moment."""
    today = local_day(now)
    assert organisation is not None  # somebody responsible for a unit asked
    units = organisation.at_or_below(asked.unit_id)
    needs = _first_of_each(Need(*row) for row in tx.execute(NEEDS, (list(units), asked.course)))
    halves = _halves(tx, [need.record_id for need in needs])
    sittings = tx.execute(SITTINGS, (asked.course,)).fetchone()
    wanted = tuple(range(1, min(sittings[0], 2) + 1)) if sittings else (1, 2)
    missing = {need.person_id: _missing(wanted, halves.get(need.record_id, ())) for need in needs}
    needs = [need for need in needs if missing[need.person_id]]
    sites = {need.unit_id: frozenset(organisation.above(need.unit_id, now)) for need in needs}
    slots, open_slots = _slots(
        tx, set().union(*sites.values()), now, asked.due_on + timedelta(days=BEYOND_DAYS)
    )
    taken = _taken(tx, [need.person_id for need in needs], now)
    long_ago: set[UUID] = set()
    people = []
    for need in needs:
        others = [half for half in halves.get(need.record_id, ()) if half.half not in missing[need.person_id]]
        other = others[0].day if others else None
        if other is not None and others[0].used and other < today - timedelta(days=GAP_DAYS_MAX):
            long_ago.add(need.person_id)
            other = None
        people.append(
            Candidate(
                person_id=need.person_id,
                team=need.unit_id,
                sites=sites[need.unit_id],
                # Who is late already cannot be planned before their date: the day that was asked for holds.
                due_on=min(asked.due_on, need.due_on) if need.due_on > today else asked.due_on,
                halves=len(missing[need.person_id]),
                other_half=other,
                earlier=missing[need.person_id] == (1,),
                engaged=taken.get(need.person_id, ()),
            )
        )
    question = Question(
        tuple(people),
        open_slots,
        _teams(tx, sites, now),
        GAP_DAYS_MIN,
        GAP_DAYS_MAX,
    )
    periods = {need.person_id: need.period for need in needs}
    return Situation(question, slots, periods, missing, frozenset(long_ago))


def _first_of_each(needs: Iterator[Need]) -> list[Need]:
    """Of somebody with several periods open, the earliest."""
    first: dict[UUID, Need] = {}
    for need in needs:
        first.setdefault(need.person_id, need)
    return list(first.values())


def _halves(tx: Tx, ways: Collection[UUID]) -> dict[UUID, list[Half]]:
    found: dict[UUID, list[Half]] = defaultdict(list)
    query = "SELECT record_id, half, starts_at, used FROM ground_half WHERE record_id = ANY(%s)"
    for record_id, half, starts_at, used in tx.execute(query, (list(ways),)):
        found[record_id].append(Half(half, local_day(starts_at), used))
    return found


def _missing(wanted: tuple[int, ...], has: Collection[Half]) -> tuple[int, ...]:
    return tuple(half for half in wanted if half not in {each.half for each in has})


def _slots(
    tx: Tx, sites: Collection[UUID], now: datetime, last_day: date
) -> tuple[dict[UUID, ProposalSlot], tuple[OpenSlot, ...]]:
    told: dict[UUID, ProposalSlot] = {}
    free = []
    for slot_id, room_id, room, unit_id, starts_at, ends_at, seats in tx.execute(
        SLOTS, (now, list(sites), now, end_of_day(last_day))
    ):
        told[slot_id] = ProposalSlot(
            slot_id=slot_id, room_id=room_id, room=room, starts_at=starts_at, ends_at=ends_at
        )
        free.append(OpenSlot(slot_id, unit_id, Span(starts_at, ends_at), max(seats, 0)))
    return told, tuple(free)


def _taken(tx: Tx, people: Collection[UUID], now: datetime) -> dict[UUID, tuple[Span, ...]]:
    found: dict[UUID, list[Span]] = defaultdict(list)
    query = "SELECT person_id, starts_at, ends_at FROM engagement WHERE person_id = ANY(%s) AND ends_at > %s"
    for person_id, starts_at, ends_at in tx.execute(query, (list(people), now)):
        found[person_id].append(Span(starts_at, ends_at))
    return {person_id: tuple(spans) for person_id, spans in found.items()}


def _teams(tx: Tx, units: Collection[UUID], now: datetime) -> tuple[Team, ...]:
    """When people of these units are away already, through planning."""
    away: dict[UUID, list[Span]] = {unit_id: [] for unit_id in units}
    for unit_id, starts_at, ends_at in tx.execute(AWAY, (list(units), now)):
        away[unit_id].append(Span(starts_at, ends_at))
    return tuple(Team(unit_id, None, tuple(spans)) for unit_id, spans in away.items())
