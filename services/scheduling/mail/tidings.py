"""What became of messages: the queue as operators see it, and reminders as managers do. No names, no addresses."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from psycopg import Cursor

from services.contracts.scheduling.messages import (
    FailingMessage,
    MailCount,
    MailDrop,
    MailQueue,
    MessageKind,
    Reminders,
    ReminderSent,
    ReminderToCome,
)
from services.scheduling.domain.due import add_days, local_day, start_of_day
from services.scheduling.domain.reminder import to_come

Tx = Cursor[Any]

QUEUE_DAYS: Final = 7
FAILURES_MAX: Final = 50
REMINDER_DAYS: Final = 30
ABOUT_DUE_DATES: Final[tuple[MessageKind, ...]] = (
    *("assigned", "due_changed", "withdrawn"),
    *("due_30", "due_7", "due_1", "overdue"),
)


def queue(tx: Tx, now: datetime) -> MailQueue:
    """What waits, fails, was sent, was dropped."""
    since = now - timedelta(days=QUEUE_DAYS)
    waiting, later, oldest_at, failing = tx.execute(WAITING, (now, now, now)).fetchall()[0]
    kinds = tx.execute(KINDS, (since,)).fetchall()
    drops = tx.execute(DROPS, (since,)).fetchall()
    failures = tx.execute(FAILING, (FAILURES_MAX,)).fetchall()
    return MailQueue(
        at=now,
        days=QUEUE_DAYS,
        waiting=waiting,
        later=later,
        oldest_at=oldest_at,
        failing=failing,
        last_sent_at=tx.execute(LAST_SENT).fetchall()[0][0],
        kinds=tuple(MailCount(kind=row[0], waiting=row[1], sent=row[2], dropped=row[3]) for row in kinds),
        drops=tuple(MailDrop(reason=reason, messages=count) for reason, count in drops),
        failures=tuple(
            FailingMessage(message_id=id_, kind=kind, noted_at=noted_at, attempts=attempts, next_at=next_at)
            for id_, kind, noted_at, attempts, next_at in failures
        ),
    )


def reminders(tx: Tx, unit_id: UUID, limit: int, now: datetime) -> Reminders:
    """Of the people who are in the unit, or below it, at present."""
    today = local_day(now)
    until = add_days(today, REMINDER_DAYS)
    since = now - timedelta(days=REMINDER_DAYS)
    sent = tx.execute(SENT, (unit_id, list(ABOUT_DUE_DATES), since, limit + 1)).fetchall()
    # Of each only what comes next decides whether it is among the first: no more ways than lines are read.
    ways = tx.execute(WAYS, (unit_id, until, today, start_of_day(today), limit + 1)).fetchall()
    coming = sorted(
        (on, person_id, course, due_on, stage)
        for person_id, course, due_on, told_at in ways
        for on, stage in to_come(due_on, local_day(told_at), today, until)
    )
    return Reminders(
        days=REMINDER_DAYS,
        sent=tuple(_sent(row) for row in sent[:limit]),
        more_sent=len(sent) > limit,
        to_come=tuple(
            ReminderToCome.model_validate(
                {"person_id": person_id, "kind": stage, "course": course, "due_on": due_on, "on": on}
            )
            for on, person_id, course, due_on, stage in coming[:limit]
        ),
        more_to_come=len(coming) > limit or len(ways) > limit,
    )


def _sent(row: Sequence[Any]) -> ReminderSent:
    person_id, kind, course, due_on, at, state, reason = row
    return ReminderSent(
        person_id=person_id,
        kind=kind,
        course=course,
        due_on=date.fromisoformat(due_on) if due_on else None,
        at=at,
        state=state,
        reason=reason,
    )


WAITING = (
    "SELECT count(*) FILTER (WHERE not_before <= %s), count(*) FILTER (WHERE not_before IS NULL OR not_before > %s),"
    " min(not_before) FILTER (WHERE not_before <= %s), count(*) FILTER (WHERE attempts > 0)"
    " FROM outbox WHERE state = 'waiting'"
)
LAST_SENT = (
    "SELECT max(ended_at) FROM (SELECT ended_at FROM outbox WHERE state = 'sent' AND ended_at IS NOT NULL"
    " ORDER BY ended_at DESC LIMIT 1) AS newest"
)
KINDS = (
    "SELECT kind, count(*) FILTER (WHERE state = 'waiting'), count(*) FILTER (WHERE state = 'sent'),"
    " count(*) FILTER (WHERE state = 'dropped') FROM (SELECT kind, state FROM outbox WHERE state = 'waiting'"
    " UNION ALL SELECT kind, state FROM outbox WHERE ended_at >= %s) AS told GROUP BY kind ORDER BY kind"
)
DROPS = (
    "SELECT reason, count(*) FROM outbox WHERE state = 'dropped' AND ended_at >= %s"
    " GROUP BY reason ORDER BY count(*) DESC, reason"
)
FAILING = (
    "SELECT message_id, kind, noted_at, attempts, not_before FROM outbox"
    " WHERE state = 'waiting' AND attempts > 0 ORDER BY noted_at LIMIT %s"
)
BELOW = (
    "WITH RECURSIVE below AS (SELECT unit_id FROM mail_unit WHERE unit_id = %s"
    " UNION SELECT u.unit_id FROM mail_unit u JOIN below b ON u.parent_id = b.unit_id),"
    " people AS (SELECT person_id FROM mail_person JOIN below USING (unit_id)"
    " WHERE left_at IS NULL OR placed_at > left_at)"
)
SENT = (
    f"{BELOW} SELECT o.person_id, o.kind, o.facts->>'course', o.facts->>'due_on',"  # noqa: S608 - our own words
    " coalesce(o.ended_at, o.noted_at), o.state, o.reason FROM people JOIN outbox o USING (person_id)"
    " WHERE o.kind = ANY(%s) AND o.noted_at >= %s"
    " AND (o.state <> 'dropped' OR o.reason IN ('no_address', 'refused', 'too_late'))"
    " ORDER BY coalesce(o.ended_at, o.noted_at) DESC, o.message_id LIMIT %s"
)
WAYS = (
    f"{BELOW} SELECT w.person_id, w.course, w.due_on, w.told_at FROM people JOIN mail_way w USING (person_id)"  # noqa: S608
    " WHERE w.state = 'open' AND w.look_on <= %s AND (w.due_on >= %s OR w.told_at >= %s)"
    " ORDER BY w.look_on, w.assignment_id LIMIT %s"
)
