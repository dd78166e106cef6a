"""Every stored event has the public face it should have, or none on purpose; and survives storing."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from pydantic import BaseModel

from services.backbone.aggregate import Act, Fact
from services.backbone.log import EventMapper
from services.contracts.message import Event
from services.contracts.scheduling.classes import (
    ChangeClass,
    ClassDay,
    NameClassCourse,
    PublishClass,
    WishClass,
)
from services.contracts.scheduling.duties import GiveOrder, NoteHindrance
from services.contracts.scheduling.exemptions import GrantExemption
from services.contracts.scheduling.seats import ChangeRoom, OpenRoom
from services.scheduling.domain import (
    Assignment,
    ClassCourse,
    ClassSession,
    ClassWish,
    Exemption,
    Hindrance,
    Organisation,
    Person,
    Room,
    Slot,
    StandingOrder,
)
from services.scheduling.domain.room import Closure
from services.scheduling.domain.slot import Booking
from services.scheduling.feed import to_contract
from tests.contracts.golden import messages
from tests.support.examples import NOON

NORTH, PRISON, ANN = (UUID(int=n) for n in range(1, 4))
DUE = date(2027, 8, 31)


SAME = {"command_id": uuid4(), "occurred_at": NOON, "course": "recognising"}
GIVING = GiveOrder(**SAME, order_id=UUID(int=5), unit_id=PRISON, after_days=30, recurrence={}, from_on=DUE)
GRANTING = GrantExemption(
    **SAME, person_id=ANN, reason="administrative", sentence="Works abroad.", effective_on=NOON.date()
)
NOTING = NoteHindrance(**SAME, kind="past", order_id=UUID(int=5), person_id=ANN, period=1, due_on=DUE)


def act(days: int) -> Act:
    return Act(UUID(int=9), uuid4(), NOON + timedelta(days=days), NOON + timedelta(days=100))


def every_event() -> list[Fact]:
    """One life of each aggregate, in which everything that can happen happens."""
    organisation = Organisation.found(act(0))
    organisation.create_unit(NORTH, "region", {"fr": "Nord", "nl": "Noord"}, None, act(0))
    organisation.create_unit(PRISON, "prison", {"fr": "Val-Clair"}, None, act(0))
    organisation.move_unit(PRISON, NORTH, act(1))
    organisation.code_unit(PRISON, "VC", act(1))
    organisation.appoint(PRISON, ANN, datetime(2028, 1, 1, tzinfo=UTC), act(1))
    organisation.name_deputy(ANN, UUID(int=5), datetime(2027, 12, 1, tzinfo=UTC), act(1))
    organisation.end_deputy(ANN, UUID(int=5), act(2))
    organisation.relieve(PRISON, ANN, act(2))
    organisation.rename_unit(PRISON, {"fr": "Val-Obscur"}, act(2))
    organisation.create_unit(UUID(int=4), "team", {"fr": "Nuit"}, PRISON, act(2))
    organisation.close_unit(UUID(int=4), act(3))
    person = Person.register(ANN, PRISON, act(0))
    person.withdraw(act(1))
    person.take_back(NORTH, act(2))
    assignment = Assignment.assign(ANN, "recognising", 1, DUE, act(0))
    assignment.assign_again(DUE + timedelta(days=1), act(1))
    assignment.withdraw(act(2))
    assignment.assign_again(DUE, act(3))
    order = StandingOrder.give(GIVING, act(0))
    order.end(act(1))
    hindrance = Hindrance.find(NOTING, act(0))
    hindrance.go(act(1))
    hindrance.find_again(NOTING, act(2))
    exemption = Exemption.grant(GRANTING, act(0))
    exemption.revoke("Not so.", act(1))
    exemption.grant_again(GRANTING.model_copy(update={"effective_on": act(5).occurred_at.date()}), act(5))
    told = (organisation, person, assignment, order, hindrance, exemption, *seats(), *classes())
    return [e for a in told for e in a.collect_events()]  # type: ignore[misc]


def seats() -> list[Room | Slot]:
    """A room and two of its slots; somebody moves from one to the other, and comes late."""
    about = {"command_id": uuid4(), "occurred_at": NOON, "room_id": UUID(int=6)}
    hours = ({"weekday": 1, "opens": "08:00", "closes": "00:00"},)
    room = Room.open(OpenRoom(**about, unit_id=PRISON, name="Local", seats=4, hours=hours), act(0))
    room.change(ChangeRoom(**about, name="Local", seats=3, hours=hours), act(1))
    room.close(UUID(int=7), Closure(DUE, DUE), "Travaux", act(2))
    room.lift(UUID(int=7), act(3))
    one, other = (
        Slot.open(room.id, PRISON, (NOON + timedelta(days=n), NOON + timedelta(days=n + 1)), 4, act(0))
        for n in (40, 50)
    )
    one.resize(3, act(1))
    booking = Booking(ANN, "recognising", 1, 2)
    one.book(booking, ("after-due-date",), act(1))
    other.move_here(booking, one, (), act(2))
    other.note(booking.id, False, act(3))
    other.note(booking.id, True, act(3))
    other.cancel("Panne", "closed", act(4))
    other.open_again(NOON + timedelta(days=51), 4, act(5))
    return [room, one, other]


def classes() -> list[ClassCourse | ClassSession | ClassWish]:
    """A course, a wish for it, and a class in which everything happens to Ann."""
    about = {"command_id": uuid4(), "occurred_at": NOON, "course": "in-depth"}
    naming = NameClassCourse(**about, title={"fr": "Approfondir"}, validity_months=24)
    course = ClassCourse.name(naming, act(0))
    course.name_again(naming.model_copy(update={"validity_months": 36}), act(1))
    wishing = WishClass(**about, person_id=ANN, language="fr")
    wish = ClassWish.wish(wishing, act(0))
    wish.end("requested", act(1))
    wish.wish_again(wishing, act(2))
    days = tuple(
        ClassDay(starts_at=NOON + timedelta(days=n), ends_at=NOON + timedelta(days=n, hours=7))
        for n in (200, 201)
    )
    said = {"language": "fr", "centre_id": NORTH, "room": "B", "days": days, "seats": 2}
    about["class_id"] = UUID(int=8)
    held = ClassSession.publish(PublishClass(**about, **said), {"fr": "Approfondir"}, 24, act(0))
    del about["course"]
    held.change(ChangeClass(**about, **{**said, "seats": 1}), act(1))
    held.request(ANN, act(1))
    held.refuse(ANN, "Effectif", act(1))
    held.reserve(UUID(int=7), PRISON, 1, days[0].starts_at.date(), act(1))
    held.approve(ANN, act(1))
    held.end_reservation(UUID(int=7), act(2))
    held.tend(frozenset(), act(2))
    held.accept(ANN, act(2))
    late = Act(UUID(int=9), uuid4(), NOON + timedelta(days=210), NOON + timedelta(days=210))
    held.note_attendance(ANN, 1, True, late)
    held.give_up(ANN, "withdrawn", act(3))
    held.cancel("Panne", act(4))
    return [course, wish, held]


EVENTS = every_event()


CLASSES = (ClassCourse, ClassWish, ClassSession)


def test_the_example_holds_every_kind_of_event_that_the_domain_has() -> None:
    kinds = {
        kind
        for aggregate in (
            Organisation,
            Person,
            Assignment,
            Exemption,
            StandingOrder,
            Hindrance,
            Room,
            Slot,
            *CLASSES,
        )
        for kind in vars(aggregate).values()
        if isinstance(kind, type) and issubclass(kind, Fact) and hasattr(kind, "TOPIC")
    }
    assert {type(event) for event in EVENTS} == kinds


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__qualname__)
def test_an_event_is_read_as_it_was_stored(event: Fact) -> None:
    mapper = EventMapper()
    assert mapper.to_domain_event(mapper.to_stored_event(event)) == event


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__qualname__)
def test_an_event_has_a_public_face_that_says_the_same(event: Fact) -> None:
    face = to_contract(event)
    if isinstance(event, Organisation.Founded | Slot.SeatMovedAway):
        assert face is None
        return
    assert face is not None
    assert face.occurred_at == event.occurred_at
    told = face.model_dump(exclude={"type", "version"})
    for name, value in told.items():
        if (
            name in ("assignment_id", "hindrance_id", "exemption_id", "class_id")
            or (name == "slot_id" and not hasattr(event, name))
            or (name == "room_id" and not hasattr(event, name))
            or (name == "order_id" and isinstance(event, StandingOrder.Given | StandingOrder.Ended))
            or (name == "person_id" and isinstance(event, _PERSONAL))
        ):
            assert value == event.originator_id
        else:
            assert value == plain(getattr(event, name))
    assert type(face).model_validate_json(face.model_dump_json()) == face


_PERSONAL = (Person.Registered, Person.Placed, Person.Withdrawn, Person.Returned)


def plain(value: object) -> object:
    if isinstance(value, tuple):
        return tuple(plain(each) for each in value)
    return value.model_dump() if isinstance(value, BaseModel) else value


def test_every_contract_is_somebodys_public_face() -> None:
    faces = {type(face) for event in EVENTS if (face := to_contract(event))}
    events = {kind for kind in messages("scheduling") if issubclass(kind, Event)}
    assert faces == events


def test_an_event_that_nobody_translates_is_an_error() -> None:
    with pytest.raises(ValueError, match="no public face"):
        to_contract(Fact(UUID(int=1), 1, NOON, NOON, UUID(int=2), UUID(int=3)))
