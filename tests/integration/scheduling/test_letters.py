"""Seats and in-person sessions in letters and in calendars: invited, moved, gone; read by parsers not ours."""

import itertools
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import icalendar
import pytest
import vobject

from services.contracts.access import Actor, Role
from services.contracts.message import FeedItem
from services.contracts.scheduling import AppointManager, WithdrawPerson
from services.contracts.scheduling.classes import (
    AcceptClassSeat,
    CancelClass,
    ChangeClass,
    DecideClassRequest,
    GiveUpClassPlace,
    NameClassCourse,
    PublishClass,
    RequestClass,
    TendClass,
    place_id_of,
)
from services.contracts.scheduling.seats import (
    BookSeat,
    MoveSeat,
    OpenRoom,
    OpenSlots,
    ReleaseSeat,
    SeatBooked,
    SeatReleased,
    booking_id_of,
    slot_id_of,
)
from services.scheduling.application import Application
from services.scheduling.decisions.matter import SERVICE
from services.scheduling.domain.due import LOCAL
from tests.integration.scheduling.post import Post
from tests.integration.scheduling.words import (
    COURSE,
    NEXT_YEAR,
    OPERATOR,
    actor,
    assigning,
    done,
    joining,
    told,
)

IN_DEPTH = "in-depth"
CENTRE = actor(Role.TRAINING_CENTRE)
ITSELF = Actor(person_id=SERVICE, roles=frozenset({Role.OPERATOR}), expires_at=OPERATOR.expires_at)
MONDAY = NEXT_YEAR - timedelta(days=NEXT_YEAR.weekday() + 100)
HOURS = timedelta(hours=2)
TOLD = itertools.count()
NOW = datetime.now(UTC)
SOON = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)


@pytest.fixture(scope="module")
def manager(application: Application, prison: UUID) -> Actor:
    naming = NameClassCourse(**told(), course=IN_DEPTH, title={"fr": "Approfondir"}, validity_months=24)
    done(application, naming, by=CENTRE)
    person = joining(prison)
    done(application, person)
    done(application, AppointManager(**told(), unit_id=prison, person_id=person.entry.person_id))
    return actor(Role.MANAGER, person_id=person.entry.person_id)


@pytest.fixture(scope="module")
def room(application: Application, prison: UUID) -> UUID:
    opening = OpenRoom(**told(), room_id=uuid4(), unit_id=prison, name="Salle; 1, rez", seats=9)
    done(application, opening)
    slots = OpenSlots(
        **told(),
        room_id=opening.room_id,
        from_on=MONDAY,
        to_on=MONDAY + timedelta(days=20),
        starts="09:00",
        minutes=120,
    )
    done(application, slots)
    return opening.room_id


def slot(room_id: UUID, days: int) -> UUID:
    day = MONDAY + timedelta(days=days)
    return slot_id_of(room_id, datetime(day.year, day.month, day.day, 9, tzinfo=LOCAL))


def somebody(post: Post, prison: UUID, language: str = "fr") -> tuple[UUID, str]:
    address = f"{uuid4().hex}@example.org"
    person = joining(prison, email=address, language=language)
    done(post.application, person)
    return person.entry.person_id, address


def seat(kind: Any, person_id: UUID, slot_id: UUID, half: int = 1) -> Any:
    return kind(**told(), person_id=person_id, course=COURSE, half=half, slot_id=slot_id)


def held(application: Application, prison: UUID, seats: int = 2, start: datetime = SOON) -> PublishClass:
    publishing = PublishClass(
        **told(),
        class_id=uuid4(),
        course=IN_DEPTH,
        language="fr",
        centre_id=prison,
        room="B",
        days=days(start),
        seats=seats,
    )
    done(application, publishing, by=CENTRE)
    return publishing


def days(start: datetime) -> list[dict[str, datetime]]:
    spans = [(start + timedelta(days=n), start + timedelta(days=n, hours=7)) for n in (0, 1)]
    return [{"starts_at": since, "ends_at": until} for since, until in spans]


def changing(published: PublishClass, **said: Any) -> ChangeClass:
    same = {name: getattr(published, name) for name in ("language", "centre_id", "room", "days", "seats")}
    return ChangeClass(**{**told(), "class_id": published.class_id, **same, **said})


def place(kind: Any, class_id: UUID, person_id: UUID, **said: Any) -> Any:
    return kind(**told(), class_id=class_id, person_id=person_id, **said)


def send(post: Post, address: str) -> list[str]:
    """What came to this address in all, oldest first."""
    post.follow()
    post.deliver(rounds=2)
    return subjects(post, address)


def subjects(post: Post, address: str) -> list[str]:
    return [str(letter.message["Subject"]) for letter in post.letters_to(address)]


def invitations(post: Post, address: str) -> list[tuple[str, bytes]]:
    """The method that the mail says, and the calendar as it came."""
    found = []
    for letter in post.letters_to(address):
        for part in letter.message.walk():
            if part.get_content_type() == "text/calendar":
                found.append((str(part.get_param("method")), part.get_payload(decode=True)))
    return found


def read_twice(content: bytes) -> dict[str, Any]:
    """One entry as two parsers that know nothing of each other read it: they must agree."""
    ours = icalendar.Calendar.from_ical(content)
    (event,) = ours.walk("VEVENT")
    theirs = vobject.readOne(content.decode()).vevent
    read = {
        "method": str(ours["method"]),
        "uid": str(event["uid"]),
        "sequence": int(event["sequence"]),
        "starts_at": event["dtstart"].dt,
        "ends_at": event["dtend"].dt,
        "status": str(event["status"]),
        "where": str(event["location"]),
    }
    assert read == {
        "method": vobject.readOne(content.decode()).method.value,
        "uid": theirs.uid.value,
        "sequence": int(theirs.sequence.value),
        "starts_at": theirs.dtstart.value,
        "ends_at": theirs.dtend.value,
        "status": theirs.status.value,
        "where": theirs.location.value,
    }
    assert max(len(line) for line in content.split(b"\r\n")) <= 75  # RFC 5545, 3.1
    assert b"\n" not in content.replace(b"\r\n", b"")
    return read


@pytest.fixture
def khal(tmp_path: Path) -> Callable[[bytes | None], list[str]]:
    """Import into a calendar that khal keeps; what it lists afterwards."""
    (tmp_path / "calendar").mkdir()
    config = tmp_path / "config"
    config.write_text(
        f"[calendars]\n[[own]]\npath = {tmp_path / 'calendar'}\n[sqlite]\npath = {tmp_path / 'cache.db'}\n"
        "[locale]\nlocal_timezone = Europe/Brussels\ndefault_timezone = Europe/Brussels\n"
        "dateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\ntimeformat = %H:%M\n"
        "datetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n"
    )
    program = str(Path(sys.executable).with_name("khal"))

    def ran(*arguments: str) -> str:
        return subprocess.run(
            [program, "-c", str(config), *arguments],
            env={**os.environ, "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout

    def listed(content: bytes | None) -> list[str]:
        if content is not None:
            (tmp_path / "mail.ics").write_bytes(content)
            ran("import", "--batch", str(tmp_path / "mail.ics"))
        shown = "{cancelled}{start-long} {title}"
        first = (MONDAY - timedelta(days=400)).isoformat()
        return ran("list", "--day-format", "", "--once", "--format", shown, first, "800d").splitlines()

    return listed


def test_a_seat_that_is_planned_moved_and_cancelled_is_one_entry_that_moves_and_is_gone(
    post: Post, prison: UUID, room: UUID, khal: Callable[[bytes | None], list[str]]
) -> None:
    ann, address = somebody(post, prison)
    done(post.application, assigning(person_id=ann))
    done(post.application, seat(BookSeat, ann, slot(room, 0)))
    send(post, address)
    done(post.application, seat(MoveSeat, ann, slot(room, 1)))
    send(post, address)
    done(post.application, ReleaseSeat(**told(), person_id=ann, course=COURSE, half=1))
    said = send(post, address)
    assert [line.split(" ")[:2] for line in said[1:]] == [["Votre", "place"]] * 3
    methods, contents = zip(*invitations(post, address), strict=True)
    assert methods == ("REQUEST", "REQUEST", "CANCEL")
    invited, moved, gone = map(read_twice, contents)
    assert invited["uid"] == moved["uid"] == gone["uid"] == f"{booking_id_of(ann, COURSE, 1, 1)}@parcours"
    assert (invited["sequence"], moved["sequence"], gone["sequence"]) == (0, 1, 2)
    assert [each["status"] for each in (invited, moved, gone)] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert invited["starts_at"] == datetime(MONDAY.year, MONDAY.month, MONDAY.day, 9, tzinfo=LOCAL)
    assert moved["starts_at"] - invited["starts_at"] == timedelta(days=1)
    assert invited["where"] == "Salle; 1, rez, Équipe"
    tuesday = MONDAY + timedelta(days=1)
    assert khal(contents[0]) == [f"{MONDAY} 09:00 {COURSE} (1/2)"]
    assert khal(contents[1]) == [f"{tuesday} 09:00 {COURSE} (1/2)"]
    assert khal(contents[2]) == [f"CANCELLED {tuesday} 09:00 {COURSE} (1/2)"]


def test_khal_keeps_two_entries_of_two_uids(khal: Callable[[bytes | None], list[str]]) -> None:
    """The negative control: an invitation under a new identity does not move the old one."""
    event = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\n"
        "DTSTAMP:20260101T000000Z\r\nDTSTART:{day}T080000Z\r\nDTEND:{day}T090000Z\r\nSUMMARY:x\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    khal(event.format(uid="a", day=f"{MONDAY:%Y%m%d}").encode())
    assert len(khal(event.format(uid="b", day=f"{MONDAY + timedelta(days=1):%Y%m%d}").encode())) == 2


@pytest.mark.parametrize("missed_first", [True, False], ids=["the miss first", "the seat first"])
def test_a_seat_that_is_freed_together_with_the_miss_before_it_is_cancelled(
    post: Post, prison: UUID, room: UUID, missed_first: bool
) -> None:
    person_id, address = somebody(post, prison)
    about = {"person_id": person_id, "course": COURSE, "period": 1, "half": 1, "room_id": room}
    about["booking_id"] = booking_id_of(person_id, COURSE, 1, 1)

    def at(start: datetime) -> dict[str, Any]:
        return {**about, "slot_id": slot_id_of(room, start), "starts_at": start, "ends_at": start + HOURS}

    missed, again = at(SOON - timedelta(days=40)), at(SOON + timedelta(minutes=7))
    tell(post, SeatBooked(**missed, occurred_at=NOW, despite=()))
    tell(post, SeatBooked(**again, occurred_at=NOW, despite=()))
    assert len(send(post, address)) == 1
    freed = [SeatReleased(**each, occurred_at=NOW, cause="finished") for each in (missed, again)]
    tell(post, *(freed if missed_first else reversed(freed)))
    send(post, address)
    assert [method for method, _ in invitations(post, address)] == ["REQUEST", "CANCEL"]


def tell(post: Post, *events: Any) -> None:
    """Facts of seats as they come by the feed."""
    positions = itertools.count(10**9 + next(TOLD) * 10)
    items = [
        FeedItem[Any].model_construct(position=next(positions), event=event, recorded_at=post.clock())
        for event in events
    ]
    with post.connection.transaction(), post.connection.cursor() as tx:
        post.messages.apply(tx, "scheduling", items)


def test_only_the_last_word_about_a_seat_is_said(post: Post, prison: UUID, room: UUID) -> None:
    ann, address = somebody(post, prison, "nl")
    done(post.application, assigning(person_id=ann))
    done(post.application, seat(BookSeat, ann, slot(room, 2)))
    done(post.application, seat(MoveSeat, ann, slot(room, 3)))
    send(post, address)
    ((method, content),) = invitations(post, address)
    assert (method, read_twice(content)["sequence"]) == ("REQUEST", 1)
    assert ("booked", "dropped", "overtaken") in post.fate(ann)
    ben, nothing = somebody(post, prison)
    done(post.application, assigning(person_id=ben))
    done(post.application, seat(BookSeat, ben, slot(room, 2)))
    done(post.application, ReleaseSeat(**told(), person_id=ben, course=COURSE, half=1))
    assert len(send(post, nothing)) == 1  # the assignment: a seat of which nobody knew is not cancelled
    assert invitations(post, nothing) == []


def test_a_request_is_approved_or_refused_and_its_person_hears_why(
    post: Post, prison: UUID, manager: Actor
) -> None:
    here = held(post.application, prison)
    (ann, to_ann), (ben, to_ben) = somebody(post, prison), somebody(post, prison, "nl")
    for person in (ann, ben):
        asking = place(RequestClass, here.class_id, person)
        done(post.application, asking, by=actor(Role.LEARNER, person_id=person))
    assert send(post, to_ann) == []
    done(post.application, place(DecideClassRequest, here.class_id, ann, approve=True), by=manager)
    refusing = place(DecideClassRequest, here.class_id, ben, approve=False, reason="Te weinig volk")
    done(post.application, refusing, by=manager)
    (approved,) = send(post, to_ann)
    assert approved.endswith(": Approfondir")
    ((method, content),) = invitations(post, to_ann)
    read = read_twice(content)
    assert (method, read["uid"]) == ("REQUEST", f"{place_id_of(here.class_id, ann)}@parcours")
    assert (read["starts_at"], read["ends_at"]) == (here.days[0].starts_at, here.days[1].ends_at)
    (letter,) = post.letters_to(to_ben)
    assert letter.message["Subject"] == "Uw aanvraag is geweigerd: Approfondir"
    assert "Te weinig volk" in letter.message.get_body(("plain",)).get_content()
    assert invitations(post, to_ben) == []


def test_who_waits_is_offered_a_seat_and_an_offer_that_is_over_is_not_sent(
    post: Post, prison: UUID, manager: Actor
) -> None:
    here = held(post.application, prison, seats=1)
    (ann, _), (ben, to_ben), (cas, to_cas) = (somebody(post, prison) for _ in range(3))
    for person in (ann, ben, cas):
        done(post.application, place(RequestClass, here.class_id, person), by=manager)
    assert len(send(post, to_ben)) == 1
    done(post.application, place(GiveUpClassPlace, here.class_id, ann), by=manager)
    done(post.application, TendClass(**told(), class_id=here.class_id), by=ITSELF)
    waiting, offered = send(post, to_ben)
    assert "liste d’attente" in waiting
    assert "à accepter" in offered
    assert invitations(post, to_ben) == []
    accepting = place(AcceptClassSeat, here.class_id, ben)
    done(post.application, accepting, by=actor(Role.LEARNER, person_id=ben))
    send(post, to_ben)
    assert [method for method, _ in invitations(post, to_ben)] == ["REQUEST"]
    done(post.application, place(GiveUpClassPlace, here.class_id, ben), by=manager)
    done(post.application, TendClass(**told(), class_id=here.class_id), by=ITSELF)
    post.read()
    post.now = datetime.now(UTC) + timedelta(days=4)  # the mail was away for as long as the offer stood
    try:
        post.follow()
        post.deliver(rounds=2)
    finally:
        post.now = None
    assert len(subjects(post, to_cas)) == 1
    assert ("class_offered", "dropped", "too_late") in post.fate(cas)


def test_a_session_that_moves_or_is_cancelled_tells_everybody_in_it(
    post: Post, prison: UUID, manager: Actor
) -> None:
    here = held(post.application, prison, seats=1)
    (ann, to_ann), (ben, to_ben), (cas, to_cas) = (somebody(post, prison) for _ in range(3))
    for person in (ann, ben):
        done(post.application, place(RequestClass, here.class_id, person), by=manager)
    asking = place(RequestClass, here.class_id, cas)
    done(post.application, asking, by=actor(Role.LEARNER, person_id=cas))
    send(post, to_ann)
    done(post.application, changing(here, trainers=[uuid4()], seats=1), by=CENTRE)
    assert len(send(post, to_ann)) == 1  # who teaches is no other appointment
    done(post.application, changing(here, days=days(SOON + timedelta(days=1))), by=CENTRE)
    assert send(post, to_ann)[1] == "La session a changé\u00a0: Approfondir"
    assert subjects(post, to_ben)[1] == subjects(post, to_cas)[0] == "La session a changé\u00a0: Approfondir"
    done(
        post.application, CancelClass(**told(), class_id=here.class_id, reason="Formateur malade"), by=CENTRE
    )
    said = [send(post, address)[-1] for address in (to_ann, to_ben, to_cas)]
    assert all("est annulée" in line for line in said)
    for address in (to_ann, to_ben, to_cas):
        letter = post.letters_to(address)[-1].message.get_body(("plain",)).get_content()
        assert "Formateur malade" in letter
    invited, moved, gone = (read_twice(content) for _, content in invitations(post, to_ann))
    assert invited["uid"] == moved["uid"] == gone["uid"]
    assert invited["sequence"] < moved["sequence"] < gone["sequence"]
    assert moved["starts_at"] - invited["starts_at"] == timedelta(days=1)
    assert (moved["method"], gone["method"]) == ("REQUEST", "CANCEL")
    assert invitations(post, to_ben) == invitations(post, to_cas) == []


def test_a_manager_s_booking_that_was_undone_before_it_was_said_is_said_by_nobody(
    post: Post, prison: UUID, manager: Actor
) -> None:
    here = held(post.application, prison)
    (ann, to_ann), (ben, to_ben) = somebody(post, prison), somebody(post, prison)
    done(post.application, place(RequestClass, here.class_id, ann), by=manager)
    by_himself = actor(Role.LEARNER, person_id=ben)
    done(post.application, place(RequestClass, here.class_id, ben), by=by_himself)
    done(post.application, place(DecideClassRequest, here.class_id, ben, approve=True), by=manager)
    done(post.application, CancelClass(**told(), class_id=here.class_id, reason="Grève"), by=CENTRE)
    assert send(post, to_ann) == []
    never = {("class_seat", "dropped", "overtaken"), ("class_ended", "dropped", "overtaken")}
    assert set(post.fate(ann)) == never
    assert len(subjects(post, to_ben)) == 1  # he had asked


def test_who_left_is_written_to_no_more(post: Post, prison: UUID, manager: Actor) -> None:
    here = held(post.application, prison)
    ann, address = somebody(post, prison)
    done(post.application, place(RequestClass, here.class_id, ann), by=manager)
    done(post.application, WithdrawPerson(**told(), person_id=ann))
    assert send(post, address) == []
    assert ("class_seat", "dropped", "left") in post.fate(ann)


def test_a_calendar_that_is_followed_has_what_stands_and_nothing_of_others(
    post: Post, prison: UUID, room: UUID, manager: Actor
) -> None:
    (ann, _), (ben, _) = somebody(post, prison, "nl"), somebody(post, prison)
    here = held(post.application, prison)
    for person in (ann, ben):
        done(post.application, assigning(person_id=person))
        done(post.application, seat(BookSeat, person, slot(room, 5)))
    done(post.application, place(RequestClass, here.class_id, ann), by=manager)
    post.read()
    desk = post.application.mail
    first = desk.my_calendar(actor(Role.LEARNER, person_id=ann))
    again = desk.my_calendar(actor(Role.LEARNER, person_id=ann))
    assert (first.appointments, first) == (2, again)
    events = icalendar.Calendar.from_ical(first.content).walk("VEVENT")
    others = {each.uid.value: each for each in vobject.readOne(first.content).vevent_list}
    seat_uid, class_uid = f"{booking_id_of(ann, COURSE, 1, 1)}@parcours", f"{place_id_of(here.class_id, ann)}"
    assert [str(event["uid"]) for event in events] == [f"{class_uid}@parcours", seat_uid]  # by their time
    assert [others[str(event["uid"])].dtstart.value for event in events] == [e["dtstart"].dt for e in events]
    assert str(ann) not in first.content
    assert "ATTENDEE" not in first.content
    done(post.application, ReleaseSeat(**told(), person_id=ann, course=COURSE, half=1))
    post.read()
    assert seat_uid not in desk.my_calendar(actor(Role.LEARNER, person_id=ann)).content
    assert desk.my_calendar(actor(Role.LEARNER, person_id=uuid4())).appointments == 0
