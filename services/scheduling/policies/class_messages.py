"""Whom to tell what of in-person sessions: `messages@1` lets the messages go once feeds are read to their end.

Of each place only the last word is said. Whoever asked for it hears what became of that, also when
nothing had been said yet; a manager's booking that was undone before it was said is said by nobody.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg import Cursor
from psycopg.types.json import Jsonb

from services.contracts import scheduling
from services.contracts.scheduling import classes
from services.contracts.scheduling.classes import place_id_of
from services.scheduling.mail import outbox
from services.scheduling.mail.outbox import Kind, Message, Reason, message_id_of

OF_STATE: Final[dict[str, Kind]] = {
    "seated": "class_seat",
    "waiting": "class_waiting",
    "offered": "class_offered",
}
OF_CHANGE: Final[tuple[Kind, ...]] = ("class_moved",)
OF_PLACE: Final[tuple[Kind, ...]] = (*OF_STATE.values(), "class_refused", "class_moved", "class_ended")

Tx = Cursor[Any]


class ClassMessages:
    """`class_messages@1`: the sessions and places that letters tell of."""

    name = "class_messages@1"
    feeds = frozenset({"scheduling"})

    def apply(self, tx: Tx, feed: str, items: Sequence[Any]) -> None:
        """Keep what was said; note whom to tell."""
        began_at = tx.execute("SELECT began_at FROM mail_class_begin").fetchall()[0][0]
        for item in items:
            match event := item.event:
                case classes.ClassPublished():
                    tx.execute(CLASS, (event.class_id, event.course, Jsonb(event.title), *_told(event)))
                case classes.ClassChanged():
                    _changed(tx, event, item, began_at)
                case classes.ClassCancelled():
                    cancel = "UPDATE mail_class SET cancelled = %s WHERE class_id = %s"
                    tx.execute(cancel, (event.reason, event.class_id))
                case classes.ClassRequested():
                    tx.execute(ASKED, _asked(event, item.recorded_at))
                case classes.ClassSeatGiven():
                    _place(tx, event, item, began_at, "seated", {"cause": event.cause})
                case classes.ClassWaitlisted():
                    _place(tx, event, item, began_at, "waiting", {})
                case classes.ClassSeatOffered():
                    _place(tx, event, item, began_at, "offered", {}, event.until)
                case classes.ClassRequestRefused():
                    _ended(tx, event, item, began_at, "refused", "class_refused", {"reason": event.reason})
                case classes.ClassPlaceEnded():
                    said = {"had": event.had, "cause": event.cause}
                    _ended(tx, event, item, began_at, event.cause, "class_ended", said)
                case scheduling.PersonWithdrawn():
                    _left(tx, event.person_id, item.recorded_at)
                case _:
                    pass  # nobody is told


def _place(
    tx: Tx,
    event: Any,
    item: Any,
    began_at: datetime,
    state: str,
    said: dict[str, Any],
    until: datetime | None = None,
) -> None:
    """Somebody has another place than before: the newest is told."""
    place_id, sequence, _ = _put(tx, event, item.recorded_at, state, until)
    outbox.drop(tx, [place_id], OF_PLACE, "overtaken", item.recorded_at)
    _note(tx, event, item, began_at, OF_STATE[state], sequence, said, until=until)


def _ended(
    tx: Tx, event: Any, item: Any, began_at: datetime, state: str, kind: Kind, said: dict[str, Any]
) -> None:
    place_id, sequence, asked = _put(tx, event, item.recorded_at, state)
    untold = outbox.drop(tx, [place_id], OF_PLACE, "overtaken", item.recorded_at) > 0
    reason: Reason | None = None
    if state == "left":
        reason = "left"
    elif untold and not asked and not outbox.was_told(tx, place_id):
        reason = "overtaken"  # nobody was told of the place
    elif state == "withdrawn" and item.actor == event.person_id and said["had"] != "seated" and not untold:
        return  # they did it themselves, and their calendar knows of nothing
    _note(tx, event, item, began_at, kind, sequence, said, reason)


def _changed(tx: Tx, event: classes.ClassChanged, item: Any, began_at: datetime) -> None:
    """Whoever has a place hears of another day or place; trainers and numbers of seats are no news to them."""
    changed = tx.execute(CHANGED, (*_told(event), event.class_id, *_told(event))).rowcount
    if not changed:
        return
    for place_id, person_id, state, until, sequence in tx.execute(
        MOVED, (item.recorded_at, event.class_id)
    ).fetchall():
        never_said = outbox.drop(tx, [place_id], tuple(OF_STATE.values()), "overtaken", item.recorded_at) > 0
        outbox.drop(tx, [place_id], OF_CHANGE, "overtaken", item.recorded_at)
        kind = OF_STATE[state] if never_said and state in OF_STATE else "class_moved"
        facts = {"class_id": str(event.class_id), "sequence": sequence, "cause": None}
        begins = event.days[0].starts_at
        good_until = min(begins, until) if until and kind == "class_offered" else begins
        message = Message(
            message_id_of(kind, place_id, item.position),
            *(kind, person_id, place_id, facts, item.recorded_at, good_until),
        )
        if item.recorded_at >= began_at:
            outbox.put(tx, [message])


def _left(tx: Tx, person_id: UUID, at: datetime) -> None:
    rows = tx.execute("SELECT place_id FROM mail_place WHERE person_id = %s", (person_id,)).fetchall()
    outbox.drop(tx, [row[0] for row in rows], OF_PLACE, "left", at)


def _asked(event: classes.ClassRequested, at: datetime) -> tuple[Any, ...]:
    place_id = place_id_of(event.class_id, event.person_id)
    return (place_id, event.class_id, event.person_id, at)


def _put(
    tx: Tx, event: Any, at: datetime, state: str, until: datetime | None = None
) -> tuple[UUID, int, bool]:
    """The place as it is now; its identity, how often it has changed, and whether the person asked for it."""
    place_id = place_id_of(event.class_id, event.person_id)
    place = (place_id, event.class_id, event.person_id, state, until, at)
    rows = tx.execute(PLACE, place).fetchall()
    return place_id, *rows[0]


def _note(
    tx: Tx,
    event: Any,
    item: Any,
    began_at: datetime,
    kind: Kind,
    sequence: int,
    said: dict[str, Any],
    reason: Reason | None = None,
    until: datetime | None = None,
) -> None:
    if item.recorded_at < began_at:
        return
    begins = event.days[0].starts_at
    place_id = place_id_of(event.class_id, event.person_id)
    message = Message(
        message_id_of(kind, place_id, item.position),
        kind,
        event.person_id,
        place_id,
        {"class_id": str(event.class_id), "sequence": sequence, **said},
        item.recorded_at,
        min(begins, until) if until else begins,
    )
    outbox.note(tx, message, reason)


def _told(event: classes.ClassSaid) -> tuple[Any, ...]:
    days = [[day.starts_at.isoformat(), day.ends_at.isoformat()] for day in event.days]
    return (event.language, event.centre_id, event.room, Jsonb(days))


CLASS = (
    "INSERT INTO mail_class (class_id, course, title, language, centre_id, room, days)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"
)
CHANGED = (
    "UPDATE mail_class SET language = %s, centre_id = %s, room = %s, days = %s WHERE class_id = %s"
    " AND (language, centre_id, room, days) IS DISTINCT FROM (%s, %s, %s, %s)"
)
MOVED = (
    "UPDATE mail_place SET sequence = sequence + 1, changed_at = %s"
    " WHERE class_id = %s AND state IN ('asked', 'seated', 'waiting', 'offered')"
    " RETURNING place_id, person_id, state, until, sequence"
)
# Asking makes nothing that is still to be said untrue: a seat that was given back before is told of.
ASKED = """
INSERT INTO mail_place (place_id, class_id, person_id, state, asked, sequence, changed_at)
VALUES (%s, %s, %s, 'asked', true, 0, %s)
ON CONFLICT (place_id) DO UPDATE SET state = 'asked', until = NULL, asked = true
"""
PLACE = """
INSERT INTO mail_place (place_id, class_id, person_id, state, until, asked, sequence, changed_at)
VALUES (%s, %s, %s, %s, %s, false, 0, %s)
ON CONFLICT (place_id) DO UPDATE SET state = excluded.state, until = excluded.until,
    sequence = mail_place.sequence + 1, changed_at = excluded.changed_at
RETURNING sequence, asked
"""
