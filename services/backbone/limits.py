"""Every limit that more than one part must agree on, with its unit. Each wait in the system ends by one of these."""

from typing import Final

PAGE_EVENTS_MAX: Final = 5_000
"""Items in a feed page: about 2 MB, far below the broker's 16 MiB."""

BATCH_COMMANDS_MAX: Final = 500
"""Commands that travel, and commit, together."""

RPC_TIMEOUT_SECONDS: Final = 4.0
"""How long a caller waits for an answer; the edge must say 503 within 5 s."""

RPC_EXPIRY_SECONDS: Final = 4.5
"""After this the broker drops an unread request: it must not run when its caller has given up."""

FEED_TIMEOUT_SECONDS: Final = 15.0
"""How long a follower waits for a page; nobody waits for the follower."""

LOOK_SECONDS: Final = 2.0
"""How often a follower looks without having heard the bell."""

GATHER_SECONDS: Final = 0.02
"""How long a follower lets events gather after a bell."""

DATABASE_CONNECT_SECONDS: Final = 2
"""How long to wait for a database connection, new or from the pool."""

LOCK_TIMEOUT_SECONDS: Final = 3
"""How long a writer waits for its turn at the log."""

STATEMENT_TIMEOUT_SECONDS: Final = 10
"""How long a statement of a request may run."""

BROKER_CONNECT_SECONDS: Final = 3
"""How long to wait for a broker connection."""

CLOCK_SKEW_SECONDS: Final = 300
"""How far in the future a client's time may lie (its clock may be wrong)."""

STEP_AGE_DAYS: Final = 14
"""How old a learner's step may be when it arrives: a PC that was offline over the holidays."""

SEAL_LOOK_SECONDS: Final = 0.5
"""How often a sealer looks for events that are not sealed yet."""

SEAL_SECONDS: Final = 15.0
"""At least so long lies between two signatures under one log; twice that is promised when something is new."""
