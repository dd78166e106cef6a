"""Every rule of a plan, checked again: nothing here is shared with the planner but question and answer."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import combinations
from uuid import UUID
from zoneinfo import ZoneInfo

from services.scheduling.planning import Candidate, OpenSlot, Proposal, Question, Span

LOCAL = ZoneInfo("Europe/Brussels")


def broken_rules(question: Question, proposal: Proposal) -> list[str]:
    """What is wrong with a proposal; nothing, if it keeps every rule."""
    slots = {slot.slot_id: slot for slot in question.slots}
    people = {person.person_id: person for person in question.people}
    has: dict[UUID, list[OpenSlot]] = defaultdict(list)
    for seat in proposal.seats:
        has[seat.person_id].append(slots[seat.slot_id])
    found: list[str] = []
    for person_id, person in people.items():
        found += _about_one(question, person, has[person_id], unplaced=_named(proposal, person_id))
    taken = Counter(seat.slot_id for seat in proposal.seats)
    found += ["seats" for slot_id, count in taken.items() if count > slots[slot_id].seats]
    found += _about_teams(question, people, has)
    if proposal.quality.placed != sum(bool(mine) for mine in has.values()):
        found.append("placed")
    if proposal.quality.days != _days(question, people, has):
        found.append("days")
    return found


def _named(proposal: Proposal, person_id: UUID) -> int:
    return sum(each.person_id == person_id for each in proposal.unplaced)


def _about_one(question: Question, person: Candidate, mine: list[OpenSlot], unplaced: int) -> Iterator[str]:
    if len(mine) not in (0, person.halves):
        yield "halves"
    if unplaced != (0 if mine else 1):
        yield "said"
    for slot in mine:
        if slot.site not in person.sites:
            yield "site"
        if _day(slot.when.starts_at) > person.due_on:
            yield "due"
        if person.available is not None and not any(
            span.starts_at <= slot.when.starts_at and span.ends_at >= slot.when.ends_at
            for span in person.available
        ):
            yield "available"
        if any(_meet(slot.when, span) for span in person.absent):
            yield "absent"
        if any(_meet(slot.when, span) for span in person.engaged):
            yield "engaged"
    days = [_day(slot.when.starts_at) for slot in mine]
    if person.other_half is not None:
        if any((day < person.other_half) != person.earlier for day in days):
            yield "order"
        days.append(person.other_half)
    for one, other in combinations(days, 2):
        if not question.gap_days_min <= abs((one - other).days) <= question.gap_days_max:
            yield "gap"
    if any(_meet(one.when, other.when) for one, other in combinations(mine, 2)):
        yield "twice"


def _about_teams(
    question: Question, people: dict[UUID, Candidate], has: dict[UUID, list[OpenSlot]]
) -> Iterator[str]:
    for team in question.teams:
        if team.away_max is None:
            continue
        new = [s.when for p, mine in has.items() if people[p].team == team.team for s in mine]
        for moment in {span.starts_at for span in [*new, *team.away]}:
            mine = sum(_during(moment, span) for span in new)
            others = sum(_during(moment, span) for span in team.away)
            # Too many may be away already: that is none of the plan's doing.
            if mine and mine + others > team.away_max:
                yield "team"


def _days(question: Question, people: dict[UUID, Candidate], has: dict[UUID, list[OpenSlot]]) -> int:
    away = {(people[p].team, _day(slot.when.starts_at)) for p, mine in has.items() for slot in mine}
    anyway = {(team.team, _day(span.starts_at)) for team in question.teams for span in team.away}
    return len(away - anyway)


def most_that_can_be_placed(question: Question) -> int:
    """Everything tried: for small questions only."""
    choices = [[(), *_choices(question, person)] for person in question.people]
    best = 0

    def place(number: int, chosen: list[tuple[OpenSlot, ...]], placed: int) -> None:
        nonlocal best
        if placed + len(choices) - number <= best:
            return
        if number == len(choices):
            best = placed
            return
        for choice in reversed(choices[number]):
            chosen.append(choice)
            if not choice or _fits(question, chosen):
                place(number + 1, chosen, placed + bool(choice))
            chosen.pop()

    place(0, [], 0)
    return best


def _choices(question: Question, person: Candidate) -> list[tuple[OpenSlot, ...]]:
    return [
        choice
        for choice in combinations(question.slots, person.halves)
        if not list(_about_one(question, person, list(choice), unplaced=0))
    ]


def _fits(question: Question, chosen: list[tuple[OpenSlot, ...]]) -> bool:
    taken = Counter(slot.slot_id for choice in chosen for slot in choice)
    if any(taken[slot.slot_id] > slot.seats for slot in question.slots):
        return False
    people = {person.person_id: person for person in question.people}
    has = {p.person_id: list(choice) for p, choice in zip(question.people, chosen, strict=False)}
    return not list(_about_teams(question, people, has))


def _day(moment: datetime) -> date:
    return moment.astimezone(LOCAL).date()


def _meet(one: Span, other: Span) -> bool:
    return max(one.starts_at, other.starts_at) < min(one.ends_at, other.ends_at)


def _during(moment: datetime, span: Span) -> bool:
    return timedelta(0) <= moment - span.starts_at and moment < span.ends_at
