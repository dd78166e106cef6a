"""Figures, pages and due lists, against looking at every period of everybody."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

import pytest

from services.contracts.access import Role
from services.contracts.reporting.due import DUE_STATUSES, AskDue
from services.contracts.reporting.overview import AskOverview, AskTrend
from services.contracts.reporting.people import AskStaff, StaffLine
from services.contracts.rules import Rule, RuleBroken
from services.reporting.application import Application
from services.reporting.facts import Fact, fact_of
from services.reporting.moments import Moment
from services.reporting.projections.organisation import Told, tree_at
from services.reporting.projections.training_status import COUNTED, DISPLAY_ORDER
from services.reporting.standing import Period, periods_of, status_on
from tests.integration.reporting.asking import AUDITOR, COURSE, NOW, actor
from tests.integration.reporting.conftest import Live
from tests.integration.reporting.world import START, World


def periods_by_person(world: World) -> dict[UUID, list[Period]]:
    facts: dict[UUID, list[Fact]] = {}
    for feed in ("scheduling", "progress"):
        for item in world.feeds[feed]:
            fact = fact_of(feed, item.position, item.recorded_at, item.event)
            if fact is not None:
                facts.setdefault(fact.person_id, []).append(fact)
    return {person_id: periods_of(told) for person_id, told in facts.items()}


def looked_at(
    world: World, units: set[UUID], as_of: datetime, known_at: datetime
) -> tuple[int, dict[str, list[tuple[int, UUID]]]]:
    """How many belong to these units, and by status who, in the order of a staff page."""
    people, found = 0, {status: [] for status in DISPLAY_ORDER}  # type: int, dict[str, list[tuple[int, UUID]]]
    concerned: set[UUID] = set()
    for person_id, periods in periods_by_person(world).items():
        for p in periods:
            holds = p.effective_from <= as_of < p.effective_to and p.recorded_from <= known_at < p.recorded_to
            if not holds or p.unit_id not in units:
                continue
            if p.state == "placed":
                people += 1
                found["unassigned"].append((p.turns, person_id))
            elif p.course == COURSE:
                status = status_on(p.state, p.due_on, p.expires_on, Moment(as_of, known_at).day)
                found[status].append((p.turns, person_id))
                concerned.add(person_id)
    found["unassigned"] = [(turns, each) for turns, each in found["unassigned"] if each not in concerned]
    return people, {status: sorted(lines) for status, lines in found.items()}


def below(world: World, unit_id: UUID, as_of: datetime, known_at: datetime) -> set[UUID]:
    told = [
        Told(
            item.event.unit_id,
            item.event.parent_id,
            getattr(item.event, "kind", None),
            getattr(item.event, "name", None),
            None,
            False,
            item.event.occurred_at,
            item.recorded_at,
        )
        for item in world.feeds["scheduling"]
        if item.event.type in ("scheduling.unit_created", "scheduling.unit_moved")
    ]
    return set(tree_at(told, Moment(as_of, known_at)).all_below(unit_id))


def moments(world: World, chance: Random) -> Iterator[tuple[datetime, datetime]]:
    """Any, the edges of what happened, and now."""
    edges = [item.recorded_at for item in world.feeds["progress"]]
    edges += [item.event.occurred_at for item in world.feeds["progress"]]
    for _ in range(25):
        yield START + timedelta(days=chance.random() * 200), START + timedelta(days=chance.random() * 100)
        yield chance.choice(edges), chance.choice(edges)
    yield NOW, NOW


@pytest.mark.parametrize("seed", range(4))
def test_figures_and_pages_are_what_looking_at_everybody_gives(
    live: Live, application: Application, seed: int
) -> None:
    chance = Random(seed)
    world = World(chance, people_count=25)
    world.live_on(250)
    world.move(world.teams[0], world.prisons[2])
    live.catch_up(world, chance)
    for as_of, known_at in moments(world, chance):
        for unit_id in (world.root, world.prisons[2]):
            asked = {"unit_id": unit_id, "course": COURSE, "as_of": as_of, "known_at": known_at}
            units = below(world, unit_id, as_of, known_at)
            people, by_status = looked_at(world, units, as_of, known_at)

            overview = application.overview(AUDITOR, AskOverview.model_validate(asked))
            assert overview.unit.people == people
            told = {status: len(by_status[status]) for status in COUNTED if by_status[status]}
            assert overview.unit.counts == told
            direct = Counter[str]()
            for figures in overview.below:
                direct.update(figures.counts)
            own = looked_at(world, {unit_id}, as_of, known_at)[1]
            direct.update({status: len(own[status]) for status in COUNTED})
            assert +direct == Counter(overview.unit.counts)

            for order, all_ in ((COUNTED, False), (DISPLAY_ORDER, True)):
                question = {**asked, "everybody": all_, "limit": chance.choice([1, 4, 500])}
                wanted = [(status, *each) for status in order for each in by_status[status]]
                turns = {person_id: turn for _, turn, person_id in wanted}
                told = [
                    (line.status, turns.get(line.person_id), line.person_id)
                    for line in everybody(application, question)
                ]
                assert [each[:2] for each in told] == [each[:2] for each in wanted]
                assert {each[::2] for each in told} == {each[::2] for each in wanted}, "each once, by name"


def everybody(application: Application, asked: dict[str, object]) -> list[StaffLine]:
    """All pages of a question, one after the other."""
    lines: list[StaffLine] = []
    cursor: str | None = None
    while True:
        page = application.staff(AUDITOR, AskStaff.model_validate({**asked, "cursor": cursor}))
        lines.extend(page.lines)
        if (cursor := page.cursor) is None:
            return lines


def test_a_page_of_those_who_are_called_so_or_of_a_few(live: Live, application: Application) -> None:
    world = World(Random(13), people_count=12)
    here, elsewhere = world.people[:9], world.people[9]
    for number, person_id in enumerate(here):
        world.place(person_id, world.teams[0])
        world.name(person_id, number, "Zoë" if number < 3 else "An", "De Wilde" if number % 2 else "Baert")
    world.place(elsewhere, world.teams[1])
    world.name(elsewhere, 9, "Zoë", "De Wilde")
    world.assign(here[1], COURSE, NOW.date() + timedelta(days=400))
    live.catch_up(world)

    def found(**asked: object) -> list[tuple[str, UUID]]:
        question = {"unit_id": world.teams[0], "course": COURSE, **asked}
        return [(line.status, line.person_id) for line in everybody(application, question)]

    assert found(called="wilde ZO") == [("assigned", here[1])]
    assert found(called="zoe", everybody=True) == [
        ("assigned", here[1]),
        *sorted(("unassigned", each) for each in (here[0], here[2])),
    ]
    assert found(called="zoe", status="unassigned", people=[here[2], here[1], elsewhere]) == [
        ("unassigned", here[2])
    ]
    assert found(called="oe", everybody=True) == found(called="-", everybody=True) == []
    assert found(people=[here[1], elsewhere]) == [("assigned", here[1])]


def test_people_of_one_status_and_date_stand_by_their_names_within_a_page(
    live: Live, application: Application
) -> None:
    world = World(Random(14), people_count=8)
    names = [
        ("Zoë", "Élan"), ("An", "Élan"), ("Bo", "elbers"), ("Cis", "Baert"), ("Dirk", "Zwart"), ("Eva", "Aerts"),
    ]  # fmt: skip
    for number, (person_id, name) in enumerate(zip(world.people, names, strict=False)):
        world.place(person_id, world.teams[0])
        world.name(person_id, number, *name)
        world.assign(person_id, COURSE, NOW.date() + timedelta(days=400 if number < 5 else 300))
    live.catch_up(world)

    def called(limit: int) -> list[str | None]:
        question = {"unit_id": world.teams[0], "course": COURSE, "limit": limit}
        return [line.given_name for line in everybody(application, question)]

    told = called(50)  # not everybody's place is recorded yet: it is a world like any other
    assert len(told) >= 5
    wanted = ["Eva", "Cis", "An", "Zoë", "Bo", "Dirk"]
    assert told == [each for each in wanted if each in told], "the date goes before the name"
    for limit in (1, 2, 3, 5):
        assert sorted(called(limit), key=str) == sorted(called(50), key=str), "each once, however long a page"


def test_the_same_figures_whichever_way_they_are_counted(
    live: Live, application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = Random(9)
    world = World(chance)
    world.live_on(200)
    live.catch_up(world)
    from services.reporting.projections import unit_counts

    for as_of, known_at in moments(world, chance):
        asked = AskOverview(unit_id=world.root, course=COURSE, as_of=as_of, known_at=known_at)
        summed = application.overview(AUDITOR, asked)
        with monkeypatch.context() as patch:  # as if the tree had been another one
            patch.setattr(unit_counts._Told, "adds_up", lambda *_: False)
            assert application.overview(AUDITOR, asked) == summed


def test_a_trend_is_the_overviews_of_its_months(live: Live, application: Application) -> None:
    chance = Random(12)
    world = World(chance, people_count=25)
    world.live_on(250)
    world.move(world.prisons[0], world.south)
    live.catch_up(world)
    for as_of, known_at in [*moments(world, chance)][-12:]:
        times = {"course": COURSE, "known_at": known_at}
        asked = AskTrend(unit_id=world.south, as_of=as_of, points=6, **times)
        trend = application.trend(AUDITOR, asked)
        assert len(trend.unit.points) == 6 and trend.unit.points[-1].as_of == trend.as_of == as_of
        for unit in (trend.unit, *trend.below):
            for point in unit.points:
                there = below(world, unit.unit_id, point.as_of, known_at)
                people, by_status = looked_at(world, there, point.as_of, known_at)
                trained = len(by_status["passed"]) + len(by_status["expiring"])
                assert (point.people, point.trained) == (people, trained)
        last = application.overview(AUDITOR, AskOverview(unit_id=world.south, as_of=as_of, **times))
        assert [unit.unit_id for unit in trend.below] == [unit.unit_id for unit in last.below]
    assert sum(point.trained for point in trend.unit.points) > 0


def test_a_due_list_is_what_overview_and_staff_say_of_what_is_late_or_will_be(
    live: Live, application: Application
) -> None:
    world = World(Random(11), people_count=40)
    world.live_on(200)
    live.catch_up(world)
    same = {"unit_id": world.root, "course": COURSE, "as_of": START + timedelta(days=70)}
    due = application.due(AUDITOR, AskDue(**same, limit=500))
    overview = application.overview(AUDITOR, AskOverview(**same))
    wanted = {status: n for status, n in overview.unit.counts.items() if status in DUE_STATUSES}
    assert due.unit.counts == wanted and sum(wanted.values()) > 0
    assert Counter(line.status for line in due.lines) == wanted
    below = {unit.unit_id: unit.counts for unit in overview.below}
    for unit in due.below:
        assert unit.counts == {s: n for s, n in below[unit.unit_id].items() if s in DUE_STATUSES}
    paged, cursor = [], None
    while True:
        part = application.due(AUDITOR, AskDue(**same, limit=2, cursor=cursor))
        paged += part.lines
        if (cursor := part.cursor) is None:
            break
    assert tuple(paged) == due.lines
    only = next(iter(wanted))
    assert {line.status for line in application.due(AUDITOR, AskDue(**same, status=only)).lines} == {only}
    with pytest.raises(RuleBroken, match=Rule.NOT_YOURS.value):
        application.due(actor(UUID(int=6), Role.MANAGER), AskDue(**same))
