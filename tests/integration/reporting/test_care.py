"""Who may see whom: care is of now, and to all others it is the same whether somebody exists."""

from datetime import timedelta
from random import Random
from uuid import UUID

import pytest

from services.contracts.access import Role
from services.contracts.reporting.audit import AskHistory
from services.contracts.reporting.duties import AskHindrances, AskOrders
from services.contracts.reporting.organisation import AskOrganisation
from services.contracts.reporting.overview import AskOverview, AskTrend
from services.contracts.reporting.people import AskStaff
from services.contracts.reporting.transcripts import AskTranscript
from services.contracts.rules import Rule, RuleBroken
from services.reporting.application import Application
from tests.integration.reporting.asking import AUDITOR, COURSE, NOW, actor, refused
from tests.integration.reporting.conftest import Live
from tests.integration.reporting.world import START, World


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
