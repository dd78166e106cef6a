"""What reporting answers, against looking at every period of everybody; and who may ask."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

import pytest

from services.backbone.log import StoreAway
from services.contracts import progress
from services.contracts.access import Actor, Role
from services.contracts.reporting.audit import AskHistory
from services.contracts.reporting.due import DUE_STATUSES, AskDue
from services.contracts.reporting.duties import AskHindrances, AskOrders
from services.contracts.reporting.operation import AskRebuilds, Rebuild
from services.contracts.reporting.organisation import AskOrganisation
from services.contracts.reporting.overview import AskOverview, AskTrend
from services.contracts.reporting.people import AskPeople, AskStaff, StaffLine
from services.contracts.reporting.transcripts import AskMyTraining, AskTranscript
from services.contracts.rules import Rule, RuleBroken
from services.reporting.application import Application
from services.reporting.models import READ_MODELS
from services.reporting.moments import Moment
from services.reporting.projections.organisation import Told, tree_at
from services.reporting.projections.training_status import COUNTED, DISPLAY_ORDER
from services.reporting.standing import Fact, Period, fact_of, periods_of, status_on
from tests.integration.conftest import Database
from tests.integration.reporting.conftest import Live
from tests.integration.reporting.world import START, World

COURSE = "recognising"
NOW = START + timedelta(days=90)


@pytest.fixture(scope="module")
def public_key(environment: dict[str, str]) -> Path:
    return Path(environment["PARCOURS_ACTOR_PUBLIC_KEY"])


@pytest.fixture
def application(database: Database, public_key: Path) -> Iterator[Application]:
    found = Application(database.url, public_key, clock=lambda: NOW)
    yield found
    found.close()


def actor(person_id: UUID, *roles: Role) -> Actor:
    return Actor(person_id=person_id, roles=frozenset(roles), expires_at=NOW)


AUDITOR = actor(UUID(int=5), Role.AUDITOR)


# --- what a question should be answered, the slow way --------------------------------------------


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
                assert [(line.status, line.person_id) for line in everybody(application, question)] == [
                    (status, person_id) for status in order for _, person_id in by_status[status]
                ]


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


# --- one person ----------------------------------------------------------------------------------


def test_a_transcript_sums_up_what_a_history_tells(live: Live, application: Application) -> None:
    world = World(Random(2), people_count=3)
    ann, bob, _ = world.people
    world.assign(ann, COURSE, NOW.date() + timedelta(days=400))
    graded = {"asked": 5, "answers": {"q01": ("b",)}, "wrong": (), "language": "nl"}
    world.step(ann, COURSE, progress.RecordOpened, period=1, language="fr")
    for module in ("introduction", "indicators", "indicators"):
        world.step(ann, COURSE, progress.ModuleCompleted, module=module, language="fr")
    world.step(ann, COURSE, progress.QuizFailed, attempt=1, right=2, attempts_left=2, **graded)
    world.step(ann, COURSE, progress.QuizPassed, attempt=2, right=5, **graded)
    world.step(ann, COURSE, progress.CourseCompleted, validity_months=24)
    live.catch_up(world)

    mine = application.my_training(actor(ann, Role.LEARNER), AskMyTraining())
    (line,) = mine.lines
    assert (line.course, line.period, line.course_version, line.status) == (COURSE, 1, 1, "passed")
    assert (line.modules_completed, line.modules) == (2, 3)
    assert [(right, asked) for _, right, asked in line.attempts] == [(2, 5), (5, 5)]
    told = [(step.kind, step.part or step.right) for step in line.steps]
    assert sorted(told, key=str) == [
        ("assigned", None),
        ("attempt", 2),
        ("attempt", 5),
        ("completed", None),
        ("opened", None),
        ("part_completed", "indicators"),
        ("part_completed", "indicators"),
        ("part_completed", "introduction"),
    ]
    happened = [step.occurred_at for step in line.steps]
    assert happened == sorted(happened)
    acts = [step.occurred_at for step in line.steps if step.kind != "assigned"]
    assert line.last_active_at == acts[-1]
    assert line.expires_on is not None and line.record_id == progress.record_id_of(ann, COURSE)
    assert (mine.given_name, mine.positions["progress"]) == (
        "Given 0",
        world.feeds["progress"][-1].position,
    )

    history = application.history(AUDITOR, AskHistory(person_id=ann))
    about_ann = [
        item
        for feed in ("scheduling", "progress")
        for item in world.feeds[feed]
        if getattr(item.event, "person_id", None) == ann
    ]
    assert len(history.lines) == len(about_ann)
    assert [line.occurred_at for line in history.lines] == sorted(line.occurred_at for line in history.lines)
    by_place = {(line.type, line.position): line for line in history.lines}
    for item in about_ann:
        told = by_place[item.event.type, item.position]
        assert (told.stream_id, told.actor, told.command_id) == (item.stream_id, item.actor, item.command_id)
        assert (told.digest, told.recorded_at) == (item.digest, item.recorded_at)
        assert type(item.event).model_validate_json(item.event.model_dump_json()) == item.event
        assert type(item.event).model_validate(told.event) == item.event
    before = application.history(AUDITOR, AskHistory(person_id=ann, known_at=START - timedelta(days=1)))
    assert before.lines == ()
    assert application.my_training(actor(bob, Role.LEARNER), AskMyTraining()).lines == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("amélie", ["Amélie"]),
        ("AMELIE", ["Amélie"]),
        ("pee ame", ["Amélie"]),
        ("peeters", ["Amélie", "Zoë"]),
        ("zoe", ["Zoë"]),
        ("bossche", ["Françoise"]),
        ("van den b", ["Françoise"]),
        ("vandenb", ["Françoise"]),
        ("s2", ["Françoise"]),
        ("eters", []),
        ("peeters françoise", []),
        ("' OR 1=1 --", []),
        ("%%", []),
    ],
)
def test_people_are_found_by_the_beginnings_of_their_names(
    live: Live, application: Application, text: str, found: list[str]
) -> None:
    world = World(Random(9), people_count=3)
    for number, names in enumerate(
        (("Amélie", "Peeters"), ("Zoë", "Peeters"), ("Françoise", "Van den Bossche"))
    ):
        world.name(world.people[number], number, *names)
    live.catch_up(world)
    told = application.find(AUDITOR, AskPeople(text=text))
    assert [line.given_name for line in told.lines] == found
    assert not told.more


def test_a_person_is_found_by_id_with_the_unit_of_today_and_erased_without_a_name(
    live: Live, application: Application
) -> None:
    world = World(Random(10), people_count=3)
    ann, bob, _ = world.people
    world.place(ann, world.teams[0])
    live.catch_up(world)
    (line,) = application.find(AUDITOR, AskPeople(text=f" {ann} ")).lines
    assert (line.person_id, line.given_name, line.staff_number) == (ann, "Given 0", "S0")
    assert line.unit_id == world.teams[0]
    assert line.unit_name == {"fr": "Unité 6", "nl": "Eenheid 6"}
    assert application.find(AUDITOR, AskPeople(text=str(world.uuid()))).lines == ()
    page = application.find(AUDITOR, AskPeople(text="given", limit=2))
    assert ([line.given_name for line in page.lines], page.more) == (["Given 0", "Given 1"], True)
    world.name(bob, -1)
    live.catch_up(world)
    assert application.find(AUDITOR, AskPeople(text="given 1")).lines == ()
    (line,) = application.find(AUDITOR, AskPeople(text=str(bob))).lines
    assert (line.person_id, line.family_name) == (bob, None)


# --- who may see whom ----------------------------------------------------------------------------


def refused(rule: Rule) -> "pytest.RaisesExc[RuleBroken]":
    return pytest.raises(RuleBroken, match=f"^{rule.value}$")


def test_a_manager_sees_the_units_in_their_care_as_the_tree_stands_now(
    live: Live, application: Application
) -> None:
    world = World(Random(3), people_count=0)
    ann, manager = world.uuid(), world.uuid()
    world.place(ann, world.teams[0])
    world.appoint(manager, world.prisons[0])
    live.catch_up(world)
    eve = actor(manager, Role.MANAGER)
    as_of = START + timedelta(days=80)

    def overview(unit_id: UUID) -> int:
        return application.overview(eve, AskOverview(unit_id=unit_id, course=COURSE, as_of=as_of)).unit.people

    assert overview(world.prisons[0]) == overview(world.teams[0]) == 1
    assert application.transcript(eve, AskTranscript(person_id=ann)).person_id == ann
    for elsewhere in (world.root, world.north, world.prisons[1], world.uuid()):
        with refused(Rule.NOT_YOURS):
            overview(elsewhere)
        with refused(Rule.NOT_YOURS):
            application.staff(eve, AskStaff(unit_id=elsewhere, course=COURSE))
        with refused(Rule.NOT_YOURS):
            application.trend(eve, AskTrend(unit_id=elsewhere, course=COURSE))
    units = application.organisation(eve, AskOrganisation()).units
    assert [unit.unit_id for unit in units] == [world.prisons[0], world.teams[0]]
    assert units[0].parent_id is None, "what is above is not shown"

    world.move(world.teams[0], world.prisons[2])
    live.catch_up(world)
    assert overview(world.prisons[0]) == 0
    for gone in (
        lambda: overview(world.teams[0]),
        lambda: application.transcript(eve, AskTranscript(person_id=ann)),
    ):
        with refused(Rule.NOT_YOURS):
            gone()
    past = AskOverview(unit_id=world.prisons[0], course=COURSE, as_of=START + timedelta(hours=2))
    assert application.overview(eve, past).unit.people == 0, "not even as of the time when it was theirs"

    world.relieve(manager, world.prisons[0])
    live.catch_up(world)
    with refused(Rule.NOT_YOURS):
        overview(world.prisons[0])


def test_an_appointment_ends_by_itself(live: Live, application: Application) -> None:
    world = World(Random(3), people_count=0)
    manager = world.uuid()
    world.appoint(manager, world.prisons[0], until=NOW - timedelta(seconds=1))
    world.appoint(manager, world.prisons[1], until=NOW + timedelta(seconds=1))
    live.catch_up(world)
    units = application.organisation(actor(manager, Role.MANAGER), AskOrganisation()).units
    assert [unit.unit_id for unit in units] == [world.prisons[1], world.teams[1]]


def test_who_was_relieved_gets_nothing_back_when_an_appointment_was_to_begin(
    live: Live, application: Application
) -> None:
    world = World(Random(3), people_count=0)
    manager = world.uuid()
    for prison in world.prisons:
        world.appoint(manager, prison, since=NOW - timedelta(days=1))  # said long before
    world.relieve(manager, world.prisons[0])
    live.catch_up(world)
    units = application.organisation(actor(manager, Role.MANAGER), AskOrganisation()).units
    assert not {world.prisons[0], world.teams[0]} & {unit.unit_id for unit in units}
    assert {world.prisons[1], world.prisons[2]} <= {unit.unit_id for unit in units}, "the control"


def test_appointments_add_up(live: Live, application: Application) -> None:
    world = World(Random(3), people_count=0)
    manager, prison = world.uuid(), world.prisons[0]
    world.appoint(manager, prison, since=START, until=NOW + timedelta(days=1))
    world.appoint(manager, prison, since=START + timedelta(days=1), until=START + timedelta(days=2))
    live.catch_up(world)
    units = application.organisation(actor(manager, Role.MANAGER), AskOrganisation()).units
    assert prison in {unit.unit_id for unit in units}


def test_nobody_learns_whether_a_person_exists(live: Live, application: Application) -> None:
    world = World(Random(4), people_count=2)
    ann, bob = world.people
    live.catch_up(world)
    learner = actor(ann, Role.LEARNER)
    assert application.transcript(learner, AskTranscript(person_id=ann)).person_id == ann
    for other in (bob, world.uuid()):
        with refused(Rule.NOT_YOURS):
            application.transcript(learner, AskTranscript(person_id=other))
        with refused(Rule.NOT_YOURS):
            application.transcript(actor(ann, Role.MANAGER), AskTranscript(person_id=other))
    with refused(Rule.PERSON_UNKNOWN):
        application.history(AUDITOR, AskHistory(person_id=world.uuid()))
    with refused(Rule.UNIT_UNKNOWN):
        application.overview(AUDITOR, AskOverview(unit_id=world.uuid(), course=COURSE))


# --- waiting, jobs, bad input, bad days ----------------------------------------------------------


def test_a_question_waits_for_a_position_and_says_when_it_is_not_reached(
    live: Live, application: Application
) -> None:
    world = World(Random(5))
    live.catch_up(world)
    head = world.feeds["scheduling"][-1].position
    found = application.organisation(AUDITOR, AskOrganisation(at_least={"scheduling": head}))
    assert found.positions["scheduling"] == head
    with refused(Rule.POSITION_NOT_REACHED):
        application.organisation(AUDITOR, AskOrganisation(at_least={"scheduling": head + 1}))


@pytest.mark.parametrize(
    "cursor", ["", "overdue", "overdue~x~y", "late~1~" + str(UUID(int=1)), "passed~-1~1"]
)
def test_a_cursor_that_is_not_ours_is_refused(live: Live, application: Application, cursor: str) -> None:
    world = World(Random(6))
    live.catch_up(world)
    with refused(Rule.CURSOR_UNREADABLE):
        application.staff(AUDITOR, AskStaff(unit_id=world.root, course=COURSE, cursor=cursor))


def test_one_rebuild_at_a_time(live: Live, application: Application) -> None:
    job = application.rebuild(AUDITOR, Rebuild(read_model="training-status"))
    assert application.rebuild_status(job.job_id).state == "waiting"
    with refused(Rule.REBUILD_RUNNING):
        application.rebuild(AUDITOR, Rebuild())
    with refused(Rule.REBUILD_UNKNOWN):
        application.rebuild(AUDITOR, Rebuild(read_model="nothing"))
    with refused(Rule.REBUILD_UNKNOWN):
        application.rebuild_status(UUID(int=1))
    (line,) = application.rebuilds(AskRebuilds()).jobs
    assert (line.job_id, line.read_model, line.state) == (job.job_id, "training_status@5", "waiting")
    assert (line.requested_at, line.requested_by, line.equal) == (NOW, AUDITOR.person_id, None)


def test_health_says_where_every_read_model_is(live: Live, application: Application) -> None:
    world = World(Random(7))
    live.catch_up(world)
    found = {(each.read_model, each.feed): each.position for each in application.health().followers}
    assert found == {
        (model.name, feed): live.place(feed) for model in READ_MODELS for feed in sorted(model.feeds)
    }


def test_without_read_models_the_service_is_away_rather_than_wrong(
    live: Live, application: Application
) -> None:
    live.database.execute("DELETE FROM read_model_place")
    with pytest.raises(StoreAway):
        application.overview(AUDITOR, AskOverview(unit_id=UUID(int=1), course=COURSE))


def test_without_a_database_the_service_is_away(public_key: Path) -> None:
    away = Application("postgresql://nobody:nothing@127.0.0.1:1/nothing", public_key)
    try:
        with pytest.raises(StoreAway):
            away.overview(AUDITOR, AskOverview(unit_id=UUID(int=1), course=COURSE))
        with pytest.raises(StoreAway):
            away.rebuild(AUDITOR, Rebuild())
    finally:
        away.close()


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


def test_orders_and_what_stands_in_their_way_are_shown_to_those_in_whose_care_they_are(
    live: Live, application: Application
) -> None:
    world = World(Random(5))
    for _ in range(30):
        world.order()
    live.catch_up(world)
    manager = world.uuid()
    world.appoint(manager, world.north)
    live.catch_up(world)
    mine = actor(manager, Role.MANAGER)
    everything = application.orders(AUDITOR, AskOrders(unit_id=world.root)).orders
    assert len(everything) == 30
    north = application.orders(mine, AskOrders(unit_id=world.north)).orders
    elsewhere = {world.south, world.prisons[2], world.teams[2]}
    assert {o.order_id for o in north} == {o.order_id for o in everything if o.unit_id not in elsewhere}
    assert all(order.in_care == (order.unit_id not in (None, world.root)) for order in north)
    found = application.hindrances(AUDITOR, AskHindrances(unit_id=world.root))
    assert found.lines and {line.order_id for line in found.lines} <= {o.order_id for o in found.orders}
    for line in application.hindrances(mine, AskHindrances(unit_id=world.north)).lines:
        assert line.unit_id in {world.north, *world.prisons[:2], *world.teams[:2]}
    for ask in (AskOrders(unit_id=world.south), AskHindrances(unit_id=world.south)):
        with pytest.raises(RuleBroken, match=Rule.NOT_YOURS.value):
            (application.orders if isinstance(ask, AskOrders) else application.hindrances)(mine, ask)
