"""What follows from free seats, from time, and from people who leave, in classes.

The policy keeps when to look at which class, and who has a place. What is to be done the class itself
knows: it is read from the log when its time has come.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import uuid5

from psycopg import Cursor

from services.backbone.log import EventLog
from services.contracts import scheduling
from services.contracts.message import Outcome
from services.contracts.scheduling import SchedulingCommand
from services.contracts.scheduling import classes as contracts
from services.contracts.scheduling.classes import GiveUpClassPlace, TendClass
from services.scheduling.domain.class_session import ClassSession
from services.scheduling.policies import SERVICE

Tx = Cursor[Any]

LOOK: Final = """
INSERT INTO class_look (class_id, version, look_at) VALUES (%s, %s, '-infinity')
ON CONFLICT (class_id) DO UPDATE SET version = excluded.version, look_at = excluded.look_at
"""
HELD: Final = "INSERT INTO class_place (class_id, person_id) VALUES (%s, %s) ON CONFLICT DO NOTHING"
ENDED: Final = "DELETE FROM class_place WHERE class_id = %s AND person_id = %s"
LEFT: Final = "UPDATE class_place SET leaving = %s WHERE person_id = %s"


class Classes:
    """`classes@1`: when to look at which class."""

    name = "classes@1"
    feeds = frozenset({"scheduling"})

    def __init__(self, log: EventLog) -> None:
        """Read classes from `log`."""
        self._log = log

    def apply(self, tx: Tx, feed: str, items: Sequence[Any]) -> None:
        """Every event of a class is a reason to look at it; who leaves has places to give back."""
        for item in items:
            event = item.event
            match event:
                case (
                    contracts.ClassRequested()
                    | contracts.ClassSeatGiven()
                    | contracts.ClassWaitlisted()
                    | contracts.ClassSeatOffered()
                ):
                    tx.execute(HELD, (event.class_id, event.person_id))
                case contracts.ClassPlaceEnded() | contracts.ClassRequestRefused():
                    tx.execute(ENDED, (event.class_id, event.person_id))
                case scheduling.PersonWithdrawn():
                    tx.execute(LEFT, (item.command_id, event.person_id))
                case scheduling.PersonReturned():
                    tx.execute(LEFT, (None, event.person_id))
                case _:
                    pass
            if isinstance(event, contracts.ClassFact):
                tx.execute(LOOK, (event.class_id, item.stream_version))

    def due(self, tx: Tx, now: datetime, limit: int) -> Sequence[SchedulingCommand]:
        """Places of those who left are given back; classes whose time has come are tended."""
        leaving = tx.execute(
            "SELECT class_id, person_id, leaving FROM class_place WHERE leaving IS NOT NULL LIMIT %s",
            (limit,),
        ).fetchall()
        commands: list[SchedulingCommand] = [
            GiveUpClassPlace(
                command_id=uuid5(SERVICE, f"class-left/{class_id}/{person_id}/{cause}"),
                occurred_at=now,
                class_id=class_id,
                person_id=person_id,
                cause="left",
            )
            for class_id, person_id, cause in leaving
        ]
        rows = tx.execute(
            "SELECT class_id FROM class_look WHERE look_at <= %s ORDER BY look_at LIMIT %s",
            (now, limit - len(commands)),
        ).fetchall()
        found = self._log.load([row[0] for row in rows])
        for (class_id,) in rows:
            held = found.get(class_id)
            look = held.next_look(now) if isinstance(held, ClassSession) else None
            if look is not None and look <= now and isinstance(held, ClassSession):
                about = f"tend/{class_id}/{held.version}/{look.isoformat() if look < now else ''}"
                commands.append(
                    TendClass(command_id=uuid5(SERVICE, about), occurred_at=now, class_id=class_id)
                )
                continue
            tx.execute("UPDATE class_look SET look_at = %s WHERE class_id = %s", (look, class_id))
        self._log.keep(found.values())
        return commands

    def answered(self, tx: Tx, answers: Sequence[tuple[SchedulingCommand, Outcome]], now: datetime) -> None:
        """A class that was tended is looked at again when its events arrive; a place is tried to give back once."""
        for command, _ in answers:
            match command:
                case TendClass():
                    # Its own events say when to look next; should there be none, look in an hour.
                    tx.execute(
                        "UPDATE class_look SET look_at = %s + interval '1 hour' WHERE class_id = %s",
                        (now, command.class_id),
                    )
                case GiveUpClassPlace():
                    tx.execute(ENDED, (command.class_id, command.person_id))
                case _:
                    pass
