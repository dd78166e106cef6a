"""What people and operators ask about messages and calendars, each in a transaction of its own."""

from datetime import timedelta
from typing import Final

from services.backbone.clock import Clock
from services.backbone.transaction import transaction
from services.contracts.access import Actor
from services.contracts.scheduling.messages import MyCalendar
from services.scheduling.domain.due import local_day, start_of_day
from services.scheduling.mail import appointments, calendar
from services.scheduling.mail.texts import language_of

CALENDAR_DAYS_BACK: Final = 31
"""How long what is over stays in a calendar that follows an address."""


class MailDesk:
    """Answers. Raises RuleBroken, StoreAway."""

    def __init__(self, database_url: str, clock: Clock) -> None:
        """Nothing is connected before it is used."""
        self._database_url = database_url
        self._clock = clock

    def my_calendar(self, actor: Actor) -> MyCalendar:
        """One's own seats and sessions, and nothing of anybody else."""
        since = start_of_day(local_day(self._clock()) - timedelta(days=CALENDAR_DAYS_BACK))
        with transaction(self._database_url) as tx:
            rows = tx.execute(
                "SELECT language FROM directory WHERE person_id = %s AND NOT erased", (actor.person_id,)
            ).fetchall()
            language = language_of(rows[0][0] if rows else None)
            found = appointments.calendar_of(tx, actor.person_id, language, since)
        return MyCalendar(content=calendar.feed(found, "Parcours").decode(), appointments=len(found))
