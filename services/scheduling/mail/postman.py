"""Takes what waits in the outbox to the mail server, one letter after the other.

An attempt is counted, and on disk, before the letter leaves; it is marked as sent after the server said
that it has it. Killed in between, the postman sends it again, under the same Message-ID: no message is
lost, and one that comes twice can be folded. docs/decisions/0022 says what that means.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

import psycopg
from prometheus_client import Counter, Gauge
from psycopg import Connection

from services.backbone.clock import Clock, utc_now
from services.backbone.limits import DATABASE_CONNECT_SECONDS, STATEMENT_TIMEOUT_SECONDS
from services.scheduling.mail import letters, outbox
from services.scheduling.mail.appointments import note_invited
from services.scheduling.mail.carrier import Carrier, NotTaken, ServerAway
from services.scheduling.mail.letters import Sender
from services.scheduling.mail.outbox import Pointless

_log = logging.getLogger(__name__)

LOCK: Final = "scheduling-postman"
LOOK_SECONDS: Final = 1.0
LETTERS_A_LOOK: Final = 50
AWAY_SECONDS: Final = (1.0, 300.0)
"""How long a mail server that is away is left alone: at first, and at most."""
BROKEN_SECONDS: Final = 10.0
"""How long the postman rests after a fault of its own."""
TRY_AGAIN_MINUTES: Final = (1, 60)
"""How long a letter that was not taken waits: at first, and at most."""
GIVE_UP_DAYS: Final = 3
"""How long an address that is refused for the moment is tried."""

WAITING = Gauge("parcours_mail_waiting", "Messages in the outbox whose time has come")
OLDEST = Gauge("parcours_mail_oldest_seconds", "How long the oldest of them has been waiting")
SENT = Counter("parcours_mail_sent_total", "Messages that the mail server took", ["kind"])
DROPPED = Counter("parcours_mail_dropped_total", "Messages that the postman dropped", ["reason"])
FAILED = Counter("parcours_mail_failed_total", "Attempts that came to nothing", ["cause"])
"""`away`: no server; `later`, `refused`: it would not take the letter; `unwritten`, `broken`: a fault of ours, in one
letter or in the postman."""
SERVER_UP = Gauge("parcours_mail_server_up", "1 when the mail server took or answered the last attempt")

QUEUE = "SELECT count(*), min(not_before) FROM outbox WHERE state = 'waiting' AND not_before <= %s"


class Postman:
    """One works at a time, by an advisory lock; it goes with the connection."""

    def __init__(
        self,
        database_url: str,
        carrier: Carrier,
        sender: Sender,
        per_minute: int,
        clock: Clock = utc_now,
        on_step: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`on_step` is told of each step that something could happen after."""
        self._database_url = database_url
        self._carrier = carrier
        self._sender = sender
        self._pace = 60.0 / per_minute
        self._clock = clock
        self._on_step = on_step
        self._away_seconds = AWAY_SECONDS[0]

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop; database and mail server may come and go."""
        while not stop.is_set():
            try:
                with psycopg.connect(
                    self._database_url,
                    autocommit=True,
                    connect_timeout=DATABASE_CONNECT_SECONDS,
                    options=f"-c statement_timeout={STATEMENT_TIMEOUT_SECONDS}s",
                ) as database:
                    self._work(database, stop)
            except psycopg.Error as error:
                _log.warning("postman_interrupted", extra={"error": type(error).__name__})
                stop.wait(LOOK_SECONDS)
            except Exception as error:  # a fault of ours: letters are not to wait for somebody to notice
                _log.error("postman_failed", extra={"error": type(error).__name__})
                FAILED.labels("broken").inc()
                self._carrier.close()
                stop.wait(BROKEN_SECONDS)

    def _work(self, database: Connection[Any], stop: threading.Event) -> None:
        while not stop.is_set():
            row = database.execute("SELECT pg_try_advisory_lock(hashtext(%s))", (LOCK,)).fetchone()
            if row and row[0]:
                break
            stop.wait(LOOK_SECONDS)
        while not stop.is_set():
            stop.wait(self.round(database, stop))

    def round(self, database: Connection[Any], stop: threading.Event) -> float:
        """Take what waits; how many seconds to rest then."""
        with database.cursor() as tx:
            count, since = tx.execute(QUEUE, (self._clock(),)).fetchall()[0]
            WAITING.set(count)
            OLDEST.set((self._clock() - since).total_seconds() if since else 0)
            waiting = outbox.next_waiting(tx, self._clock(), LETTERS_A_LOOK)
        for message in waiting:
            if stop.is_set():
                break
            began = time.monotonic()
            try:
                with database.cursor() as tx:
                    carried = self._deliver(tx, message)
            except ServerAway as away:
                SERVER_UP.set(0)
                FAILED.labels("away").inc()
                rest = self._away_seconds
                self._away_seconds = min(rest * 2, AWAY_SECONDS[1])
                _log.warning("mail_server_away", extra={"error": str(away), "rest_seconds": rest})
                return rest
            if carried:
                SERVER_UP.set(1)
                self._away_seconds = AWAY_SECONDS[0]
                stop.wait(max(self._pace - (time.monotonic() - began), 0))
        if not waiting:
            self._carrier.close()
        return 0.0 if len(waiting) == LETTERS_A_LOOK else LOOK_SECONDS

    def _deliver(self, tx: outbox.Tx, message: outbox.Waiting) -> bool:
        """One message; whether the mail server was spoken to. Raises ServerAway."""
        id_, now = message.message_id, self._clock()
        try:
            letter = letters.compose(tx, message, self._sender, now)
        except Pointless as pointless:
            outbox.give_up(tx, id_, pointless.reason, now)
            DROPPED.labels(pointless.reason).inc()
            return False
        except Exception as error:
            if tx.connection.closed:
                raise
            # A fault of ours in one message does not stop the others. What the error says may hold a name.
            _log.error("letter_not_written", extra={"kind": message.kind, "error": type(error).__name__})
            FAILED.labels("unwritten").inc()
            outbox.later(tx, id_, now + timedelta(minutes=TRY_AGAIN_MINUTES[1]))
            return False
        self._on_step("written")
        if not outbox.take(tx, id_):
            return False
        if letter.invites:  # before it leaves: rather take out what nobody has than leave what somebody has
            note_invited(tx, message.about, invited=True)
        self._on_step("taken")
        try:
            self._carrier.carry(self._sender.address, letter.to, letter.content)
        except NotTaken as refused:
            self._not_taken(tx, message, refused, now)
            return True
        self._on_step("carried")
        outbox.sent(tx, id_, self._clock())
        if letter.invites is False:
            note_invited(tx, message.about, invited=False)
        self._on_step("marked")
        SENT.labels(message.kind).inc()
        return True

    def _not_taken(self, tx: outbox.Tx, message: outbox.Waiting, refused: NotTaken, now: datetime) -> None:
        FAILED.labels("refused" if refused.for_good else "later").inc()
        if refused.for_good or now - message.noted_at > timedelta(days=GIVE_UP_DAYS):
            outbox.give_up(tx, message.message_id, "refused", now)
            DROPPED.labels("refused").inc()
        else:
            minutes = min(TRY_AGAIN_MINUTES[0] * 2**message.attempts, TRY_AGAIN_MINUTES[1])
            outbox.later(tx, message.message_id, now + timedelta(minutes=minutes))
        _log.warning("letter_not_taken", extra={"kind": message.kind, "code": refused.code})
