"""Whatever happens to a place or a seat, and whenever letters leave: a calendar that reads them shows what stands."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import icalendar
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.contracts.access import Actor, Role
from services.contracts.scheduling import SchedulingCommand
from services.contracts.scheduling.classes import (
    AcceptClassSeat,
    DecideClassRequest,
    GiveUpClassPlace,
    RequestClass,
    TendClass,
    place_id_of,
)
from services.contracts.scheduling.seats import BookSeat, MoveSeat, ReleaseSeat, booking_id_of
from services.scheduling.domain.class_session import ClassSession
from tests.integration.scheduling.post import Post
from tests.integration.scheduling.test_letters import (
    ITSELF,
    SOON,
    changing,
    days,
    held,
    manager,
    place,
    room,
    seat,
    slot,
    somebody,
)
from tests.integration.scheduling.words import COURSE, OPERATOR, actor, assigning, done, told

__all__ = ["manager", "room"]

PEOPLE = 2
WALKS = settings(
    max_examples=30,
    phases=[Phase.generate],
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


def walks(doings: str, people: int = 1) -> st.SearchStrategy[list[tuple[str, int, int]]]:
    """Many things in any order; what is named twice happens more often, and letters leave in between."""
    step = st.tuples(st.sampled_from(doings.split(", ")), st.integers(0, people - 1), st.integers(0, 6))
    return st.lists(step, min_size=12, max_size=24)


IN_CLASS = walks(
    "put, put, ask, approve, refuse, accept, give up, give up, tend, move, move, send, send, send", PEOPLE
)
ON_SEATS = walks("book, book, move, move, release, release, send, send")


class Entry(NamedTuple):
    """What a calendar program keeps of an appointment."""

    sequence: int
    status: str
    starts_at: datetime


def attempt(post: Post, command: SchedulingCommand, by: Actor) -> None:
    """It may be refused: that is another's test."""
    post.application.desk.execute([(by, command)])


def send(post: Post) -> None:
    post.follow()
    post.deliver(rounds=2)


def calendar_of(post: Post, address: str) -> dict[str, Entry]:
    """All letters to an address, read as calendar programs do: what is older than what they have changes nothing."""
    kept: dict[str, Entry] = {}
    for letter in post.letters_to(address):
        for part in letter.message.walk():
            if part.get_content_type() == "text/calendar":
                calendar = icalendar.Calendar.from_ical(part.get_payload(decode=True))
                (event,) = calendar.walk("VEVENT")
                entry = Entry(int(event["sequence"]), str(event["status"]), event["dtstart"].dt)
                known = kept.get(uid := str(event["uid"]))
                assert known is None or entry.sequence > known.sequence, "an older letter came later"
                assert (str(calendar["method"]) == "CANCEL") == (entry.status == "CANCELLED")
                kept[uid] = entry
    return kept


def shown(entry: Entry | None) -> datetime | None:
    return entry.starts_at if entry and entry.status == "CONFIRMED" else None


@WALKS
@given(walk=IN_CLASS)
def test_a_calendar_shows_the_session_in_which_its_person_has_a_seat_and_no_other(
    post: Post, prison: UUID, manager: Actor, walk: list[tuple[str, int, int]]
) -> None:
    here = held(post.application, prison, seats=2)
    people = [somebody(post, prison) for _ in range(PEOPLE)]
    for what, who, days_on in walk:
        person = people[who][0]
        at = (here.class_id, person)
        learner = actor(Role.LEARNER, person_id=person)
        doing: dict[str, Callable[[], Any]] = {
            "ask": lambda at=at, by=learner: attempt(post, place(RequestClass, *at), by),
            "put": lambda at=at: attempt(post, place(RequestClass, *at), manager),
            "approve": lambda at=at: attempt(post, place(DecideClassRequest, *at, approve=True), manager),
            "refuse": lambda at=at: attempt(
                post, place(DecideClassRequest, *at, approve=False, reason="Non"), manager
            ),
            "accept": lambda at=at, by=learner: attempt(post, place(AcceptClassSeat, *at), by),
            "give up": lambda at=at: attempt(post, place(GiveUpClassPlace, *at), manager),
            "tend": lambda: attempt(post, TendClass(**told(), class_id=here.class_id), ITSELF),
            "move": lambda on=days_on: attempt(
                post, changing(here, days=days(SOON + timedelta(days=on))), actor(Role.TRAINING_CENTRE)
            ),
            "send": lambda: send(post),
        }
        doing[what]()
    send(post)
    session = post.application.log.load([here.class_id])[here.class_id]
    assert isinstance(session, ClassSession)
    seated = set(session.those("seated"))
    for person, address in people:
        calendar = calendar_of(post, address)
        uid = f"{place_id_of(here.class_id, person)}@parcours"
        assert set(calendar) <= {uid}
        assert shown(calendar.get(uid)) == (session.starts_at if person in seated else None)
        waiting = [state for _, state, _ in post.fate(person) if state == "waiting"]
        assert waiting == []


@WALKS
@given(walk=ON_SEATS)
def test_a_calendar_shows_the_seat_that_its_person_has_and_no_other(
    post: Post, prison: UUID, room: UUID, walk: list[tuple[str, int, int]]
) -> None:
    person, address = somebody(post, prison)
    done(post.application, assigning(person_id=person))
    for what, _, on in walk:
        match what:
            case "book":
                attempt(post, seat(BookSeat, person, slot(room, 6 + on)), OPERATOR)
            case "move":
                attempt(post, seat(MoveSeat, person, slot(room, 6 + on)), OPERATOR)
            case "release":
                attempt(post, ReleaseSeat(**told(), person_id=person, course=COURSE, half=1), OPERATOR)
            case _:
                send(post)
    send(post)
    rows = post.connection.execute(
        "SELECT starts_at FROM mail_booking WHERE person_id = %s AND stands", (person,)
    ).fetchall()
    calendar = calendar_of(post, address)
    assert set(calendar) <= {f"{booking_id_of(person, COURSE, 1, 1)}@parcours"}
    found = [at for entry in calendar.values() if (at := shown(entry))]
    assert found == [row[0].astimezone(UTC) for row in rows]


def test_the_walks_would_see_a_letter_that_came_too_late() -> None:
    """The negative control: an older sequence after a newer one is caught."""

    class Late:
        def letters_to(self, address: str) -> list[Any]:
            return [_letter(2), _letter(1)]

    with pytest.raises(AssertionError, match="an older letter"):
        calendar_of(Late(), "x")  # type: ignore[arg-type]


def _letter(sequence: int) -> Any:
    from email.message import EmailMessage

    from services.scheduling.mail.calendar import Appointment, invitation

    appointment = Appointment(UUID(int=1), sequence, SOON, SOON + timedelta(hours=1), "x", "y", SOON)
    content, method = invitation(appointment, "a@example.org", "b@example.org")
    mail = EmailMessage()
    mail.set_content("x")
    mail.add_alternative(content.decode(), subtype="calendar", params={"method": method})

    class Letter:
        message = mail

    return Letter()
