"""Every limit of the gateway, with its unit. What other parts must agree on stands in `services.backbone.limits`."""

from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB

BODY_BYTES_MAX: Final = 64 * KIB
"""An ordinary body."""

COMMANDS_BODY_BYTES_MAX: Final = 1 * MIB
"""A body with commands."""

COURSE_BYTES_MAX: Final = 512 * MIB
"""A course folder as a zip."""

STAFF_FILE_BYTES_MAX: Final = 9 * MIB
"""A body with a file of HR: the file, which may have 8 MiB, and the fields of its form."""

STAFF_FILE_SECONDS: Final = 120.0
"""How long a client may take to send a file of HR."""

STAFF_FILE_TIMEOUT_SECONDS: Final = 10.0
"""How long scheduling may take to put it in line: it is up to 8 MiB."""

COMMANDS_MAX: Final = 500
"""Commands in one body; no more than travel together."""

BODY_SECONDS: Final = 10.0
"""How long a client may take to send an ordinary body."""

UPLOAD_SECONDS: Final = 900.0
"""How long a client may take to send a course."""

UPLOADS_AT_ONCE_MAX: Final = 2
"""Courses that are received at the same time."""

PUBLISH_TIMEOUT_SECONDS: Final = 60.0
"""How long content may check and publish a course: the one call that reads hundreds of megabytes."""

RETRY_AFTER_SECONDS: Final = 2
"""What a client is told to wait when something is away."""

COMMAND_WAIT_SECONDS: Final = 4.5
"""How long a request with commands waits in all, in the queue and under way: 503 comes within 5 s."""

BATCHES_IN_FLIGHT_MAX: Final = 1
"""Batches under way at once. With one, the next gathers what came meanwhile; more would race for the same log."""

BATCH_BYTES_MAX: Final = 4 * MIB
"""Size of a batch, far below the broker's 16 MiB."""

QUEUE_COMMANDS_MAX: Final = 5_000
"""Commands that wait for the next batches."""

QUEUE_BYTES_MAX: Final = 32 * MIB
"""Their size."""

BROKER_HEARTBEAT_SECONDS: Final = 10
"""How often the broker and we show each other that we live."""

RECONNECT_SECONDS: Final = 0.5
"""Pause before the broker is tried again."""

READY_SECONDS: Final = 2.0
"""How long a service may take to say that it is there."""

READY_CACHE_SECONDS: Final = 1.0
"""How long an answer of /readyz stands: whoever asks in a loop asks the services once a second."""

DATABASE_CONNECTIONS_MAX: Final = 8
DATABASE_WAITING_MAX: Final = 200
"""Requests that wait for a database connection."""

SESSION_CACHE_SECONDS: Final = 10.0
"""How long a session is believed without asking the database; a sign-out elsewhere takes so long to be felt."""

SESSIONS_CACHED_MAX: Final = 10_000

SESSION_IDLE_SECONDS: Final = 60 * 60
"""A session ends after an hour without a request: a clip and a chapter take less."""

SESSION_SECONDS: Final = 12 * 60 * 60
"""A session ends after twelve hours in any case: longer than a shift."""

SEEN_SECONDS: Final = 60.0
"""How exactly the last request of a session is remembered in the database."""

ACTOR_TOKEN_SECONDS: Final = 300
"""How long a service may believe who acts."""

ACTOR_TOKEN_RENEW_SECONDS: Final = 60
"""A token with less left is not used any more."""

HASHES_AT_ONCE_MAX: Final = 2
"""Passwords that are checked at the same time (19 MiB and about 25 ms each)."""

HASHES_WAITING_MAX: Final = 256
"""Sign-ins that wait for it."""

ATTEMPTS_FREE: Final = 5
"""Wrong passwords in a row before an account is locked."""

LOCK_SECONDS: Final = 2
"""The first lock; each further wrong password doubles it."""

LOCK_SECONDS_MAX: Final = 15 * 60

REFUSAL_SECONDS: Final = 0.25
"""A refused sign-in is answered at a whole multiple of this, so that time says nothing about the reason."""

HASH_SECONDS: Final = 10.0
"""How long a password waits in all."""

USER_CHARS_MAX: Final = 200
PASSWORD_CHARS_MAX: Final = 1_000

SESSION_RATE_PER_SECOND: Final = 500
SESSION_BURST: Final = 1_000
"""Requests of one session: more than a fast client that waits for each answer, less than a loop gone wild."""

SIGN_IN_RATE_PER_SECOND: Final = 10
SIGN_IN_BURST: Final = 300
"""Sign-ins from one address; a whole prison may stand behind one."""

BUCKETS_MAX: Final = 20_000
"""Sessions and addresses whose rate is remembered."""

PAPERS_AT_ONCE_MAX: Final = 1
"""Certificates that are made at the same time (about 10 ms each)."""

PAPERS_WAITING_MAX: Final = 64
"""Certificates that wait for it."""

PAPER_SECONDS: Final = 10.0
"""How long a certificate may take, waiting included."""

CONFIRM_RATE_PER_SECOND: Final = 2
CONFIRM_BURST: Final = 60
"""Numbers of certificates looked up from one address: more than somebody with a pile of papers, less than a search."""

CONFIRM_TOKEN_SECONDS: Final = 30
"""How long a service may believe in whose name a certificate is confirmed."""

CALENDAR_RATE_PER_SECOND: Final = 1 / 60
CALENDAR_BURST: Final = 30
"""Looks at one person's calendar by its private address: several programs that look every few minutes."""

CALENDAR_READERS_RATE_PER_SECOND: Final = 10
CALENDAR_READERS_BURST: Final = 600
"""Looks at calendars from one address; a whole prison may stand behind one, and begins at eight."""

CALENDAR_TOKEN_SECONDS: Final = 30
"""How long a service may believe in whose name a calendar is read."""

EXPORT_PAGE_LINES: Final = 500
EXPORT_PAGES_MAX: Final = 2_000
"""Pages of a file for a spreadsheet: a million lines, as many as its sheet has."""

EXPORT_NAME_SECONDS: Final = 2.0
"""How long a file waits for the name of a unit or course that it was narrowed to."""

EXPORT_CHUNK_BYTES: Final = 64 * KIB
"""What is sent of a file at a time."""

SHEETS_AT_ONCE_MAX: Final = 1
"""Pages of XLSX files that are written at the same time (about 20 ms each)."""

SHEETS_WAITING_MAX: Final = 32
"""XLSX files that are made at the same time, a page in turn."""

SHEET_SECONDS: Final = 20.0
"""How long a page may take, waiting included; the end of a file, which compresses it, too."""

CONNECTIONS_MAX: Final = 2_000
"""HTTP connections and requests under way."""

HEAD_BYTES_MAX: Final = 64 * KIB
"""Request line and headers."""

HEAD_SECONDS: Final = 10.0
"""How long a client may take to send them."""

KEEP_ALIVE_SECONDS: Final = 75
"""How long a connection without a request stays open."""

SHUTDOWN_SECONDS: Final = 5
"""How long requests may take to end when the process is told to stop."""

BIG_BLOCK_BYTES: Final = 1 * MIB
"""Memory blocks of this size and more (argon2 takes 19 MiB) go back to the system when they are free."""

GARBAGE_OBJECTS: Final = 10_000
"""New objects after which the garbage collector looks; with the usual 700 it looks several times a millisecond."""
