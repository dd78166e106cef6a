"""What people are told: their own calendar, what waits to be sent, and of what a unit's people are reminded.

No message says a name or an address here: whoever shows one gets the name from reporting, and letters
get the address when they are written.
"""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from services.contracts.message import Message, Slug, Whole

MessageKind = Literal[
    "assigned",
    "due_changed",
    "withdrawn",
    "due_30",
    "due_7",
    "due_1",
    "overdue",
    "digest",
    "booked",
    "moved",
    "cancelled",
    "class_seat",
    "class_waiting",
    "class_offered",
    "class_refused",
    "class_moved",
    "class_ended",
]
"""What a message is about."""

DropReason = Literal["overtaken", "finished", "withdrawn", "left", "too_late", "no_address", "refused"]
"""Why a message is not sent.

`overtaken`: something newer says it; `finished`, `withdrawn`: the course was completed, or need not be
followed; `left`: the person left or was erased; `too_late`: what it announced is over; `no_address`: the
directory has none that could be written to; `refused`: the mail server would not take it.
"""


class AskMyCalendar(Message):
    """When is the person expected who asks?"""


class MyCalendar(Message):
    """Seats and in-person sessions from a month ago on, as an iCalendar text in the person's language.

    The same text as long as nothing changes.
    """

    content: str
    appointments: Whole


class AskMailQueue(Message):
    """What waits to be sent, what fails, and what became of the rest?"""


class FailingMessage(Message):
    """A message that was tried and not taken: nothing of whom it is for."""

    message_id: UUID
    kind: MessageKind
    noted_at: datetime
    attempts: Whole
    next_at: datetime


class MailCount(Message):
    """Messages of one kind."""

    kind: MessageKind
    waiting: Whole
    sent: Whole
    dropped: Whole


class MailDrop(Message):
    """Messages that were not sent for one reason."""

    reason: DropReason
    messages: Whole


class MailQueue(Message):
    """The queue of messages; `sent` and `dropped` are of the last `days` days.

    `waiting`: their time has come; `later`: it has not; `failing`: those of them that were tried.
    """

    at: datetime
    days: Whole
    waiting: Whole
    later: Whole
    oldest_at: datetime | None
    failing: Whole
    last_sent_at: datetime | None
    kinds: tuple[MailCount, ...]
    drops: tuple[MailDrop, ...]
    failures: tuple[FailingMessage, ...]


class AskReminders(Message):
    """Of what were the people of a unit and below it told, and of what will they be?"""

    unit_id: UUID
    limit: Annotated[Whole, Field(ge=1, le=500)] = 200


class ReminderSent(Message):
    """A message about a due date: under way, sent, or not sent and why; never one that something newer replaced."""

    person_id: UUID
    kind: MessageKind
    course: Slug
    due_on: date | None
    at: datetime
    state: Literal["waiting", "sent", "dropped"]
    reason: DropReason | None


class ReminderToCome(Message):
    """A reminder that somebody will get, should nothing change."""

    person_id: UUID
    kind: MessageKind
    course: Slug
    due_on: date
    on: date


class Reminders(Message):
    """The last `days` days, the newest first; and as many days to come, the next first. `more`: the limit cut it."""

    days: Whole
    sent: tuple[ReminderSent, ...]
    more_sent: bool
    to_come: tuple[ReminderToCome, ...]
    more_to_come: bool
