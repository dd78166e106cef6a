"""In-person sessions: a learner sees their own place, a manager those in their care, a centre who comes."""

from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from services.contracts.access import Actor, Role
from services.contracts.reporting.overview import AskOverview
from services.contracts.reporting.sessions import AskSessions, SessionLine
from services.contracts.reporting.transcripts import AskMyTraining
from services.contracts.scheduling import ManagerAppointed, UnitCreated, classes
from services.reporting.application import Application
from tests.integration.reporting.conftest import Live
from tests.integration.reporting.world import START, World


@pytest.fixture
def now() -> datetime:
    return START


def line(application: Application, person_id: UUID, *roles: Role) -> SessionLine:
    actor = Actor(person_id=person_id, roles=frozenset(roles), expires_at=START)
    (line,) = application.sessions(actor, AskSessions()).sessions
    return line


def states(line: SessionLine) -> dict[UUID, str]:
    return {each.person_id: each.place.state for each in line.people}


def about(world: World, class_id: UUID, **more: Any) -> dict[str, Any]:
    (published,) = [
        item.event for item in world.feeds["scheduling"] if isinstance(item.event, classes.ClassPublished)
    ]
    said = {"class_id": class_id, "course": "in-depth", "days": published.days}
    return {**said, "occurred_at": published.occurred_at, **more}


def test_each_sees_what_is_theirs_to_see(live: Live, application: Application) -> None:
    world = World(Random(11))
    ann, ben, cid, dia, eve = world.people[:5]
    world.hold_class(ann, ben, cid, dia)
    manager = world.uuid()
    appointed = {"person_id": manager, "unit_id": world.root, "until": None}
    world.say("scheduling", ManagerAppointed(**appointed, occurred_at=START))
    live.catch_up(world)

    own = line(application, cid, Role.LEARNER)
    assert (own.seats, own.taken, own.waiting, own.people) == (2, 2, 1, ())
    assert own.mine is not None
    assert (own.mine.state, own.mine.rank) == ("waiting", 1)
    assert line(application, eve, Role.LEARNER).mine is None
    assert line(application, eve, Role.MANAGER).people == ()  # who has nobody in their care
    assert states(line(application, manager, Role.MANAGER)).keys() <= {ann, ben, cid, dia}
    assert states(line(application, world.uuid(), Role.TRAINING_CENTRE)) == {
        ann: "seated",
        ben: "seated",
        cid: "waiting",
    }
    asking = Actor(person_id=ann, roles=frozenset({Role.LEARNER}), expires_at=START)
    told = application.sessions(asking, AskSessions())
    assert (told.wishes, told.demand) == (("other",), ())
    asking = asking.model_copy(update={"roles": frozenset({Role.TRAINING_CENTRE})})
    seen = application.sessions(asking, AskSessions())
    (demand,) = seen.demand
    assert (seen.wishing, seen.trainers, [each.name for each in seen.centres]) == ((), (), [])
    assert (demand.course, demand.language, demand.people) == ("other", "nl", 1)


def test_an_offer_attendance_a_reservation_and_what_is_over_are_told(
    live: Live, application: Application
) -> None:
    world = World(Random(12))
    ann, ben, cid, dia = world.people[:4]
    class_id = world.hold_class(ann, ben, cid, dia)
    for kind, more in (
        (classes.ClassPlaceEnded, {"person_id": ann, "had": "seated", "cause": "withdrawn"}),
        (classes.ClassSeatOffered, {"person_id": cid, "until": START}),
        (classes.ClassRequestRefused, {"person_id": dia, "reason": "Effectif"}),
        (
            classes.ClassAttendanceNoted,
            {
                "person_id": ben,
                "day": 1,
                "present": True,
                "attended": (True, None),
                "language": "fr",
                "validity_months": 24,
            },
        ),
    ):
        world.say("scheduling", kind(**about(world, class_id, **more)))
    reserved = {"reservation_id": UUID(int=3), "unit_id": world.root, "seats": 1, "release_on": START.date()}
    said = about(world, class_id, **reserved)
    del said["days"]
    world.say("scheduling", classes.ClassSeatsReserved(**said))
    wish = {"person_id": ann, "course": "other", "cause": "withdrawn", "occurred_at": START}
    world.say("scheduling", classes.ClassWishEnded(**wish))
    over = about(world, class_id, reason="Panne")
    del over["days"]
    world.say("scheduling", classes.ClassCancelled(**over))
    live.catch_up(world)

    told = line(application, cid, Role.TRAINING_CENTRE, Role.LEARNER)
    assert states(told) == {ben: "seated", cid: "offered"}
    assert (told.taken, told.waiting, told.cancelled) == (3, 0, "Panne")
    assert told.people[0].place.attended == (True, None)
    assert told.mine is not None
    assert told.mine.until == START
    assert [each.seats for each in told.reservations] == [1]
    refused = line(application, dia, Role.LEARNER)
    assert refused.reservations == ()
    assert refused.over is not None
    assert (refused.mine, refused.over.cause, refused.over.reason) == (None, "refused", "Effectif")
    gave_up = line(application, ann, Role.LEARNER)
    assert gave_up.over is not None and gave_up.over.cause == "withdrawn"


def test_who_may_teach_where_which_courses_and_who_wishes(live: Live, application: Application) -> None:
    world = World(Random(14))
    ann, ben = world.people[:2]
    named = {"course": "in-depth", "validity_months": 24, "occurred_at": START}
    for title in ("Approfondir", "Approfondir encore"):
        world.say("scheduling", classes.ClassCourseNamed(**named, title={"fr": title}))
    centre = world.uuid()
    world.say(
        "scheduling",
        UnitCreated(
            unit_id=centre, kind="centre", name={"fr": "Sud"}, parent_id=world.root, occurred_at=START
        ),
    )
    world.place(ben, centre)
    world.hold_class(ann, ben)
    manager = world.uuid()
    world.appoint(manager, world.root)
    live.catch_up(world)
    asking = Actor(person_id=manager, roles=frozenset({Role.MANAGER}), expires_at=START)
    told = application.sessions(asking, AskSessions())
    assert [(each.course, each.title) for each in told.courses] == [
        ("in-depth", {"fr": "Approfondir encore"})
    ]
    assert [(each.unit_id, each.name) for each in told.centres] == [(centre, {"fr": "Sud"})]
    assert [each.person_id for each in told.wishing] == [ann]
    assert (told.demand, told.trainers) == ((), ())
    asking = asking.model_copy(update={"roles": frozenset({Role.TRAINING_CENTRE})})
    told = application.sessions(asking, AskSessions())
    assert [each.person_id for each in told.trainers] == [ben]
    assert told.sessions[0].people[0].unit_name is not None


def test_what_came_of_a_session_is_told_as_other_completions_are(
    live: Live, application: Application
) -> None:
    world = World(Random(13))
    world.place(world.people[0], world.teams[0])
    ann, ben = world.people[:2]
    first, second = world.hold_class(ann, ben), world.hold_class(ann)
    for person, session, outcome, period in (
        (ann, first, "begun", 1),
        (ann, first, "completed", 1),
        (ann, first, "partial", 1),
        (ann, second, "completed", 2),
        (ben, first, "absent", 1),
    ):
        world.attend(person, session, outcome, period)  # type: ignore[arg-type]
    live.catch_up(world)

    told = application.my_training(learner(ann), AskMyTraining())
    missed, followed = sorted(told.lines, key=lambda line: line.period)
    assert missed.in_person is not None and followed.in_person is not None
    assert (missed.status, missed.in_person.outcome, missed.in_person.class_id) == (
        "failed",
        "partial",
        first,
    )
    assert followed.in_person.title == {"fr": "Approfondir"}
    assert (followed.status, followed.period, followed.course_version) == ("passed", 2, None)
    assert followed.completed_at is not None and followed.expires_on is not None
    kinds = {(step.kind, step.outcome) for step in missed.steps}
    assert kinds == {("in_person", "begun"), ("in_person", "completed"), ("in_person", "partial")}
    (absent,) = application.my_training(learner(ben), AskMyTraining()).lines
    assert (absent.status, absent.in_person and absent.in_person.outcome) == ("failed", "absent")

    auditor = Actor(person_id=world.uuid(), roles=frozenset({Role.AUDITOR}), expires_at=START)
    asked = AskOverview(unit_id=world.root, course="in-depth", as_of=START + timedelta(days=30))
    assert application.overview(auditor, asked).unit.counts == {"passed": 1, "failed": 1}


def learner(person_id: UUID) -> Actor:
    return Actor(person_id=person_id, roles=frozenset({Role.LEARNER}), expires_at=START)
