"""`sessions@2`: in-person courses and sessions as they are at present: seats, places, reservations, wishes."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from psycopg.types.json import Jsonb

from services.contracts.message import FeedItem, Language, Localised
from services.contracts.scheduling import classes
from services.reporting.read_model import Column, Table, Tx

NAME: Final = "sessions@2"

COURSES = Table(
    NAME,
    "in_person_course",
    (
        Column("course", "text"),
        Column("title", "jsonb"),
        Column("validity_months", "int4"),
    ),
    key=("course",),
    key_first=True,  # it is named anew by key
)

SESSIONS = Table(
    NAME,
    "in_person_session",
    (
        Column("class_id", "uuid"),
        Column("course", "text"),
        Column("title", "jsonb"),
        Column("language", "text"),
        Column("centre_id", "uuid"),
        Column("room", "text"),
        Column("days", "jsonb"),
        Column("trainers", "uuid[]"),
        Column("ends_at", "timestamptz"),
        Column("seats", "int4"),
        Column("cancelled", "text", null=True),
    ),
    key=("class_id",),
    indexes=("(ends_at)",),
    key_first=True,  # it is changed by key
)

PLACES = Table(
    NAME,
    "in_person_place",
    (
        Column("class_id", "uuid"),
        Column("person_id", "uuid"),
        Column("state", "text"),
        Column("until", "timestamptz", null=True),
        Column("turn", "int8"),
        Column("since", "timestamptz"),
        Column("attended", "jsonb"),
        Column("over", "text", null=True),
        Column("reason", "text", null=True),
    ),
    key=("class_id", "person_id"),
    indexes=("(person_id)",),
    key_first=True,  # places change by key
)

RESERVATIONS = Table(
    NAME,
    "in_person_reservation",
    (
        Column("reservation_id", "uuid"),
        Column("class_id", "uuid"),
        Column("unit_id", "uuid"),
        Column("seats", "int4"),
        Column("release_on", "date"),
    ),
    key=("reservation_id",),
    indexes=("(class_id)",),
    key_first=True,  # seats are named by key
)

WISHES = Table(
    NAME,
    "in_person_wish",
    (
        Column("person_id", "uuid"),
        Column("course", "text"),
        Column("language", "text"),
        Column("centre_id", "uuid", null=True),
    ),
    key=("person_id", "course"),
    key_first=True,  # wishes end by key
)

PUT: Final = """
INSERT INTO in_person_place (class_id, person_id, state, until, turn, since, attended)
VALUES (%s, %s, %s, %s, %s, %s, '[]')
ON CONFLICT (class_id, person_id) DO UPDATE
SET state = excluded.state, until = excluded.until, turn = excluded.turn, since = excluded.since,
    over = NULL, reason = NULL
"""
OVER: Final = """
UPDATE in_person_place SET state = 'over', until = NULL, since = %s, over = %s, reason = %s
WHERE class_id = %s AND person_id = %s
"""
"""Nobody's place any more; whose it was is told what became of it."""
NAMED: Final = """
INSERT INTO in_person_course (course, title, validity_months) VALUES (%s, %s, %s)
ON CONFLICT (course) DO UPDATE SET title = excluded.title, validity_months = excluded.validity_months
"""
WISH: Final = """
INSERT INTO in_person_wish (person_id, course, language, centre_id) VALUES (%s, %s, %s, %s)
ON CONFLICT (person_id, course) DO UPDATE
SET language = excluded.language, centre_id = excluded.centre_id
"""


class SessionsModel:
    """Keeps the present; what was, transcripts keep."""

    name = NAME
    feeds = frozenset({"scheduling"})
    tables: tuple[Table, ...] = (COURSES, SESSIONS, PLACES, RESERVATIONS, WISHES)

    def apply(self, tx: Tx, feed: str, items: Sequence[Any]) -> None:
        """One after another: events of sessions are few."""
        for item in items:
            match event := item.event:
                case classes.ClassCourseNamed():
                    tx.execute(NAMED, (event.course, Jsonb(event.title), event.validity_months))
                case classes.ClassPublished():
                    SESSIONS.fill(tx, [_row(event)])
                case classes.ClassChanged():
                    tx.execute(
                        "UPDATE in_person_session SET language = %s, centre_id = %s, room = %s, days = %s,"
                        " trainers = %s, ends_at = %s, seats = %s WHERE class_id = %s",
                        (*_told(event), event.class_id),
                    )
                case classes.ClassCancelled():
                    cancel = "UPDATE in_person_session SET cancelled = %s WHERE class_id = %s"
                    tx.execute(cancel, (event.reason, event.class_id))
                case classes.ClassRequested():
                    _put(tx, item, "asked")
                case classes.ClassWaitlisted():
                    _put(tx, item, "waiting")
                case classes.ClassSeatOffered():
                    _put(tx, item, "offered")
                case classes.ClassSeatGiven():
                    _put(tx, item, "seated")
                    tx.execute(
                        "UPDATE in_person_reservation SET seats = seats - 1 WHERE reservation_id = %s",
                        (event.reservation_id,),
                    )
                case classes.ClassRequestRefused():
                    place = (event.class_id, event.person_id)
                    tx.execute(OVER, (item.recorded_at, "refused", event.reason, *place))
                case classes.ClassPlaceEnded():
                    place = (event.class_id, event.person_id)
                    tx.execute(OVER, (item.recorded_at, event.cause, None, *place))
                case classes.ClassSeatsReserved():
                    about = (event.reservation_id, event.class_id, event.unit_id)
                    RESERVATIONS.fill(tx, [(*about, event.seats, event.release_on)])
                case classes.ClassReservationEnded():
                    over = "DELETE FROM in_person_reservation WHERE reservation_id = %s"
                    tx.execute(over, (event.reservation_id,))
                case classes.ClassAttendanceNoted():
                    tx.execute(
                        "UPDATE in_person_place SET attended = %s WHERE class_id = %s AND person_id = %s",
                        (Jsonb(list(event.attended)), event.class_id, event.person_id),
                    )
                case classes.ClassWished():
                    tx.execute(WISH, (event.person_id, event.course, event.language, event.centre_id))
                case classes.ClassWishEnded():
                    ended = "DELETE FROM in_person_wish WHERE person_id = %s AND course = %s"
                    tx.execute(ended, (event.person_id, event.course))
                case _:
                    pass  # no session, no place in one, no wish

    def bulk(self) -> "SessionsModel":
        """Few rows, changed by key, which is there from the beginning."""
        return self

    def finish(self, tx: Tx) -> None:
        """Nothing was put off."""


def _put(tx: Tx, item: FeedItem[Any], state: str) -> None:
    event = item.event
    until = getattr(event, "until", None)
    tx.execute(PUT, (event.class_id, event.person_id, state, until, item.position, item.recorded_at))


def _row(event: classes.ClassPublished) -> tuple[Any, ...]:
    return (event.class_id, event.course, Jsonb(event.title), *_told(event), None)


def _told(event: classes.ClassPublished | classes.ClassChanged) -> tuple[Any, ...]:
    days = Jsonb([day.model_dump(mode="json") for day in event.days])
    ends_at, trainers = event.days[-1].ends_at, list(event.trainers)
    return event.language, event.centre_id, event.room, days, trainers, ends_at, event.seats


class Session(NamedTuple):
    """A session as it was published or last changed."""

    class_id: UUID
    course: str
    title: Localised
    language: Language
    centre_id: UUID
    room: str
    days: Any
    trainers: Sequence[UUID]
    seats: int
    cancelled: str | None


def since(tx: Tx, moment: datetime) -> list[Session]:
    """Sessions that end after a moment, in order of their end."""
    rows = tx.execute(
        "SELECT class_id, course, title, language, centre_id, room, days, trainers, seats, cancelled"
        " FROM in_person_session WHERE ends_at > %s ORDER BY ends_at, class_id",
        (moment,),
    )
    return [Session._make(row) for row in rows]


def titles_of(tx: Tx, sessions: Iterable[UUID]) -> dict[UUID, Localised]:
    """What these sessions were called when they were published."""
    rows = tx.execute(
        "SELECT class_id, title FROM in_person_session WHERE class_id = ANY(%s)", (list(sessions),)
    ).fetchall()
    return dict(rows)


def places_in(tx: Tx, sessions: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Everybody's place in these sessions, in the order in which they came to it."""
    return tx.execute(
        "SELECT class_id, person_id, state, until, since, attended FROM in_person_place"
        " WHERE class_id = ANY(%s) AND state <> 'over' ORDER BY turn",
        (list(sessions),),
    ).fetchall()


def over_in(tx: Tx, sessions: Sequence[Any], person_id: Any) -> list[tuple[Any, ...]]:
    """What became of the places that somebody had in these sessions and has no more."""
    return tx.execute(
        "SELECT class_id, over, reason, since FROM in_person_place"
        " WHERE class_id = ANY(%s) AND person_id = %s AND state = 'over'",
        (list(sessions), person_id),
    ).fetchall()


def courses(tx: Tx) -> list[tuple[Any, ...]]:
    """The in-person courses that there are."""
    return tx.execute(
        "SELECT course, title, validity_months FROM in_person_course ORDER BY course"
    ).fetchall()


def reservations_in(tx: Tx, sessions: Sequence[Any]) -> list[tuple[Any, ...]]:
    """What is reserved without names in these sessions; a reservation that is used up is passed over."""
    return tx.execute(
        "SELECT class_id, reservation_id, unit_id, seats, release_on FROM in_person_reservation"
        " WHERE class_id = ANY(%s) AND seats > 0 ORDER BY release_on, reservation_id",
        (list(sessions),),
    ).fetchall()


def demand(tx: Tx) -> list[tuple[Any, ...]]:
    """How many people wish for which course, in which language, in which centre."""
    return tx.execute(
        "SELECT course, language, centre_id, count(*) FROM in_person_wish"
        " GROUP BY course, language, centre_id ORDER BY course, language, centre_id"
    ).fetchall()


def wishing(tx: Tx) -> list[tuple[Any, ...]]:
    """Who wishes for which course, in which language, in which centre."""
    return tx.execute(
        "SELECT person_id, course, language, centre_id FROM in_person_wish ORDER BY course, person_id"
    ).fetchall()


def wishes_of(tx: Tx, person_id: Any) -> list[str]:
    """The courses that somebody wishes to follow in person."""
    rows = tx.execute(
        "SELECT course FROM in_person_wish WHERE person_id = %s ORDER BY course", (person_id,)
    ).fetchall()
    return [row[0] for row in rows]
