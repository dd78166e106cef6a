"""What people and operators ask about messages and calendars, each in a transaction of its own."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from services.backbone.clock import Clock
from services.backbone.log import EventLog
from services.backbone.transaction import transaction
from services.contracts.access import Actor
from services.contracts.rules import Rule, RuleBroken
from services.contracts.scheduling.messages import AskReminders, MailQueue, MyCalendar, Reminders
from services.scheduling.domain import ORGANISATION, Organisation
from services.scheduling.domain.due import local_day, start_of_day
from services.scheduling.mail import appointments, calendar, tidings
from services.scheduling.mail.texts import language_of

CALENDAR_DAYS_BACK: Final = 31
"""How long what is over stays in a calendar that follows an address."""


class MailDesk:
    """Answers. Raises RuleBroken, StoreAway."""

    def __init__(self, database_url: str, log: EventLog, clock: Clock) -> None:
        """Nothing is connected before it is used."""
        self._database_url = database_url
        self._log = log
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

    def queue(self) -> MailQueue:
        """What waits, what fails, and what became of the rest; nobody is named."""
        with transaction(self._database_url) as tx:
            return tidings.queue(tx, self._clock())

    def reminders(self, actor: Actor, asked: AskReminders) -> Reminders:
        """Of what people in one's care were told, and will be. Raises RuleBroken(NOT_YOURS)."""
        self._in_care(actor, asked.unit_id)
        with transaction(self._database_url) as tx:
            return tidings.reminders(tx, asked.unit_id, asked.limit, self._clock())

    def _in_care(self, actor: Actor, unit_id: UUID) -> None:
        found = self._log.load([ORGANISATION]).get(ORGANISATION)
        if not isinstance(found, Organisation) or not found.in_care(unit_id, actor.person_id, self._clock()):
            raise RuleBroken(Rule.NOT_YOURS)
