"""Who answers for a unit, on any day; and the staff, for those who have it in care."""

from datetime import timedelta
from random import Random
from uuid import UUID

import pytest

from services.contracts.access import Actor, Role
from services.contracts.reporting.organisation import AskOrganisation, AskUnit, UnitView
from services.contracts.reporting.overview import AskOverview
from services.contracts.reporting.people import AskDirectory, AskPerson
from services.contracts.rules import Rule, RuleBroken
from services.reporting.application import Application
from tests.integration.reporting.asking import COURSE, NOW, actor
from tests.integration.reporting.conftest import Live
from tests.integration.reporting.world import START, World

AUDITOR, OPERATOR = actor(UUID(int=5), Role.AUDITOR), actor(UUID(int=6), Role.OPERATOR)


def refused(rule: Rule) -> "pytest.RaisesExc[RuleBroken]":
    return pytest.raises(RuleBroken, match=f"^{rule.value}$")


def days(number: float) -> timedelta:
    return timedelta(days=number)


def in_care(application: Application, person_id: UUID) -> set[UUID]:
    told = application.organisation(actor(person_id, Role.MANAGER), AskOrganisation())
    return {unit.unit_id for unit in told.units}


def who(view: UnitView) -> list[tuple[UUID, UUID | None]]:
    """Who answers, and as whose deputy."""
    return [(each.person_id, each.deputy_of.person_id if each.deputy_of else None) for each in view.answering]


class TestDeputies:
    def test_a_deputy_sees_what_the_manager_sees_within_the_period(
        self, live: Live, application: Application
    ) -> None:
        world = World(Random(3), people_count=0)
        manager, deputy, early, late, another = (world.uuid() for _ in range(5))
        world.appoint(manager, world.prisons[0])
        world.name_deputy(deputy, manager, until=NOW + days(1))
        world.name_deputy(early, manager, until=NOW)
        world.name_deputy(late, manager, until=NOW + days(5), since=NOW + days(1))
        world.name_deputy(another, deputy, until=NOW + days(1))
        live.catch_up(world)
        assert (
            in_care(application, manager)
            == in_care(application, deputy)
            == {
                world.prisons[0],
                world.teams[0],
            }
        )
        for nobody in (early, late, another):
            assert in_care(application, nobody) == set()

    def test_not_when_it_was_ended_nor_when_the_manager_was_relieved(
        self, live: Live, application: Application
    ) -> None:
        world = World(Random(3), people_count=0)
        manager, relieved, deputy, ended = (world.uuid() for _ in range(4))
        world.appoint(manager, world.prisons[0])
        world.appoint(relieved, world.prisons[1])
        for of in (manager, relieved):
            world.name_deputy(deputy, of, until=NOW + days(1))
            world.name_deputy(ended, of, until=NOW + days(1))
            world.end_deputy(ended, of)
        world.relieve(relieved, world.prisons[1])
        live.catch_up(world)
        assert in_care(application, deputy) == {world.prisons[0], world.teams[0]}
        assert in_care(application, ended) == set()


class TestAUnit:
    def test_tells_who_answers_for_it_nearest_first_on_the_day_asked_about(
        self, live: Live, application: Application
    ) -> None:
        world = World(Random(3), people_count=0)
        head, first, second, deputy = (world.uuid() for _ in range(4))
        world.appoint(head, world.prisons[0], since=START)
        team = AskUnit(unit_id=world.teams[0], as_of=START + days(1))
        live.catch_up(world)
        assert who(application.unit(AUDITOR, team)) == [(head, None)], "who is responsible above"
        world.appoint(first, world.teams[0], since=START + days(5), until=START + days(9))
        world.appoint(second, world.teams[0], since=START + days(5))
        world.name_deputy(deputy, first, since=START + days(6), until=START + days(20))
        live.catch_up(world)
        told = {
            day: set(who(application.unit(AUDITOR, team.model_copy(update={"as_of": START + days(day)}))))
            for day in (1, 5, 6, 10)
        }
        assert told == {
            1: {(head, None)},
            5: {(first, None), (second, None)},
            6: {(first, None), (second, None), (deputy, first)},
            10: {(second, None)},
        }

    def test_has_its_managers_and_their_deputies_over_time(
        self, live: Live, application: Application
    ) -> None:
        world = World(Random(3), people_count=1)
        (ann,) = world.people
        ben, prison = world.uuid(), world.prisons[0]
        world.appoint(ann, prison, since=START, until=START + days(4))
        world.appoint(ann, prison, since=START + days(2), until=START + days(8))
        world.appoint(ann, prison, since=START + days(20))
        world.name_deputy(ben, ann, since=START + days(3), until=START + days(5))
        live.catch_up(world)
        told = application.unit(OPERATOR, AskUnit(unit_id=prison))
        assert [(term.since, term.until) for term in told.managers] == [
            (START, START + days(8)),
            (START + days(20), None),
        ]
        assert {term.family_name for term in told.managers} == {"Family 0"}
        (deputy,) = told.deputies
        assert (deputy.person_id, deputy.family_name, deputy.deputy_of.family_name) == (ben, None, "Family 0")

    def test_what_was_said_later_was_not_known_before(self, live: Live, application: Application) -> None:
        world = World(Random(3), people_count=0)
        manager, prison = world.uuid(), world.prisons[0]
        world.appoint(manager, prison)
        world.relieve(manager, prison)
        live.catch_up(world)
        relief = world.feeds["scheduling"][-1].recorded_at
        before = AskUnit(unit_id=prison, known_at=relief - timedelta(seconds=1))
        assert (manager, None) in who(application.unit(AUDITOR, before))
        assert (manager, None) not in who(application.unit(AUDITOR, AskUnit(unit_id=prison)))

    def test_tells_how_it_came_to_be_so(self, live: Live, application: Application) -> None:
        world = World(Random(3), people_count=0)
        team = world.teams[0]
        world.rename(team, {"fr": "Nuit", "nl": "Nacht"})
        world.move(team, world.prisons[1])
        live.catch_up(world)
        told = application.unit(AUDITOR, AskUnit(unit_id=team))
        assert [fact.kind for fact in told.history] == ["created", "renamed", "moved"]
        assert told.history[-1].parent_id == world.prisons[1]
        assert told.unit.name == {"fr": "Nuit", "nl": "Nacht"}
        assert [unit.unit_id for unit in told.above] == [world.root, world.north, world.prisons[1]]
        before = application.unit(AUDITOR, AskUnit(unit_id=team, as_of=START))
        assert before.unit.name == {"fr": "Unité 6", "nl": "Eenheid 6"}
        assert [unit.unit_id for unit in before.above][-1] == world.prisons[0]

    def test_is_told_to_those_in_whose_care_it_is_and_nothing_above(
        self, live: Live, application: Application
    ) -> None:
        world = World(Random(3), people_count=0)
        manager = world.uuid()
        world.appoint(manager, world.prisons[0])
        live.catch_up(world)
        eve = actor(manager, Role.MANAGER)
        told = application.unit(eve, AskUnit(unit_id=world.teams[0]))
        assert [unit.unit_id for unit in told.above] == [world.prisons[0]]
        assert application.unit(eve, AskUnit(unit_id=world.prisons[0])).history[0].parent_id is None
        for elsewhere in (world.north, world.teams[1], world.uuid()):
            with refused(Rule.NOT_YOURS):
                application.unit(eve, AskUnit(unit_id=elsewhere))
        with refused(Rule.UNIT_UNKNOWN):
            application.unit(OPERATOR, AskUnit(unit_id=world.uuid()))


def test_a_closed_unit_is_on_no_list_any_more_and_its_past_still_counts(
    live: Live, application: Application
) -> None:
    world = World(Random(3), people_count=0)
    ann, manager = world.uuid(), world.uuid()
    world.place(ann, world.teams[0])
    world.appoint(manager, world.prisons[0])
    world.leave(ann)
    world.close(world.teams[0])
    live.catch_up(world)
    eve = actor(manager, Role.MANAGER)
    assert in_care(application, manager) == {world.prisons[0]}
    past = {"course": COURSE, "as_of": START + timedelta(minutes=30)}
    told = application.overview(eve, AskOverview(unit_id=world.prisons[0], **past))
    assert (told.unit.people, [each.unit_id for each in told.below]) == (1, [world.teams[0]])
    now = application.overview(eve, AskOverview(unit_id=world.prisons[0], course=COURSE))
    assert (now.unit.people, now.below) == (0, ())
    closed = application.unit(eve, AskUnit(unit_id=world.teams[0]))
    assert (closed.closed, [fact.kind for fact in closed.history]) == (True, ["created", "closed"])
    assert not application.unit(eve, AskUnit(unit_id=world.teams[0], as_of=START)).closed


class TestStaff:
    def test_pages_by_name_with_nobody_twice_and_nobody_missing(
        self, live: Live, application: Application
    ) -> None:
        world = World(Random(3), people_count=23)
        for number, person_id in enumerate(world.people):
            world.name(person_id, number, family_name="Peeters" if number % 2 else "aerts")
        live.catch_up(world)
        found, cursor = [], None
        while True:
            page = application.directory(OPERATOR, AskDirectory(limit=5, cursor=cursor))
            found += page.lines
            if (cursor := page.cursor) is None:
                break
        assert sorted(line.person_id for line in found) == sorted(world.people)
        assert [line.family_name for line in found] == ["aerts"] * 12 + ["Peeters"] * 11
        names = [(line.family_name, line.given_name) for line in found if line.family_name]
        assert names == sorted(names, key=lambda each: (each[0].lower(), str(each[1]).lower()))

    def test_is_found_by_name_and_unit_within_ones_care(self, live: Live, application: Application) -> None:
        world = World(Random(3), people_count=0)
        ann, bob, cas = (world.uuid() for _ in range(3))
        for number, person_id in enumerate((ann, bob, cas)):
            world.name(person_id, number)
        world.place(ann, world.teams[0])
        world.place(bob, world.teams[1])
        world.place(cas, world.teams[0])
        manager = world.uuid()
        world.appoint(manager, world.prisons[0])
        live.catch_up(world)
        eve = actor(manager, Role.MANAGER)

        def found(by: Actor, **asked: object) -> set[UUID]:
            return {line.person_id for line in application.directory(by, AskDirectory(**asked)).lines}

        assert found(eve) == {ann, cas}
        assert found(eve, called="given 1") == set()
        assert found(OPERATOR, called="given 1") == {bob}
        assert found(AUDITOR, unit_id=world.prisons[1]) == {bob}
        with refused(Rule.NOT_YOURS):
            found(eve, unit_id=world.teams[1])
        assert application.person(eve, AskPerson(person_id=ann)).person.given_name == "Given 0"
        for other in (bob, world.uuid()):
            with refused(Rule.NOT_YOURS):
                application.person(eve, AskPerson(person_id=other))
        with refused(Rule.PERSON_UNKNOWN):
            application.person(AUDITOR, AskPerson(person_id=world.uuid()))
        with refused(Rule.CURSOR_UNREADABLE):
            application.directory(eve, AskDirectory(cursor="not ours"))

    def test_one_person_with_what_they_answer_for_and_who_for_them(
        self, live: Live, application: Application
    ) -> None:
        world = World(Random(3), people_count=2)
        ann, bob = world.people
        world.appoint(ann, world.prisons[0])
        world.appoint(bob, world.prisons[1])
        world.name_deputy(bob, ann, until=NOW + days(2))
        live.catch_up(world)
        told = application.person(OPERATOR, AskPerson(person_id=ann))
        assert [term.unit_id for term in told.manages] == [world.prisons[0]]
        assert [(term.person_id, term.given_name) for term in told.deputies] == [(bob, "Given 1")]
        assert (told.person.language, told.person.email) == ("fr", None)
        (term,) = application.person(OPERATOR, AskPerson(person_id=bob)).deputises
        assert term.deputy_of.person_id == ann

    def test_who_left_and_who_was_erased(self, live: Live, application: Application) -> None:
        world = World(Random(3), people_count=2)
        ann, bob = world.people
        world.leave(ann)
        world.name(bob, -1)
        live.catch_up(world)
        assert application.directory(OPERATOR, AskDirectory()).lines == ()
        left = application.person(OPERATOR, AskPerson(person_id=ann)).person
        assert (left.family_name, left.unit_id) == ("Family 0", None)
        assert application.person(OPERATOR, AskPerson(person_id=bob)).person.family_name is None
