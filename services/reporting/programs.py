"""What each small program of reporting does. `serve` runs under eventlet; the others are plain Python."""

import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from services.reporting.settings import Settings

if TYPE_CHECKING:
    from psycopg import Connection

    from services.backbone.seal.witness import Witness
    from services.backbone.wire import Wire

HEADS_SECONDS = 1.0
"""How often `work` writes down how far feeds have come."""

STOP_SECONDS = 3.0
"""How long `work` waits for its second thread when it is told to stop."""


def serve() -> None:
    """Answer questions."""
    from services.backbone.metrics import serve_metrics
    from services.backbone.rpc import serve as serve_rpc
    from services.reporting.application import Application
    from services.reporting.service import ReportingService

    settings = Settings()
    serve_metrics(settings.serve_metrics_port)
    application = Application(settings.database_url, settings.actor_public_key)
    serve_rpc(ReportingService, settings.amqp_uri, application)


def work() -> None:
    """Follow all feeds, cosign what is signed about them, and rebuild read models when asked to."""
    from services.backbone.follower import Follower
    from services.backbone.metrics import serve_metrics
    from services.reporting.models import FEEDS, READ_MODELS
    from services.reporting.rebuild import PagesByWire, Turn
    from services.reporting.rebuilder import Rebuilder

    settings = Settings()
    serve_metrics(settings.work_metrics_port)
    witness = _witness(settings)
    turn, heads = Turn(), _Heads()
    rebuilder = Rebuilder(settings.database_url, FEEDS, READ_MODELS, turn, PagesByWire(settings.amqp_uri))

    def after_round(database: "Connection[Any]", wire: "Wire") -> None:
        heads.tell(database, follower.heads)
        if witness:
            witness.look(database, wire)

    follower = Follower(
        "reporting",
        settings.database_url,
        settings.amqp_uri,
        FEEDS,
        [*READ_MODELS, witness] if witness else READ_MODELS,
        on_lead=rebuilder.lead,
        on_round=after_round,
        turn=turn,
    )
    over = threading.Event()
    second = threading.Thread(target=rebuilder.run, args=(over.is_set,), name="rebuilder", daemon=True)
    second.start()
    try:
        follower.run(over.is_set)
    finally:  # SIGTERM arrives as KeyboardInterrupt
        over.set()
        second.join(STOP_SECONDS)


def _witness(settings: Settings) -> "Witness | None":
    """Who cosigns what is signed about the logs; None without a key. Ends the process when a key is of no use."""
    from services.backbone.seal.witness import witness_of

    if settings.witness_key is None or settings.witness_folder is None or settings.log_keys is None:
        return None
    try:
        return witness_of(
            settings.witness_name, settings.witness_key, settings.witness_folder, settings.log_keys
        )
    except (ValueError, OSError) as error:
        sys.exit(f"reporting: logs cannot be witnessed: {error}")


class _Heads:
    """Writes down how far feeds have come, and when we last had all of each: `serve` cannot see feeds."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}
        self._next = 0.0

    def tell(self, database: "Connection[Any]", heads: dict[str, int]) -> None:
        """Once a second at most."""
        self._seen |= heads
        if time.monotonic() < self._next:
            return
        database.execute(
            "INSERT INTO feed_head SELECT h.feed, h.head, now()"
            " FROM unnest(%s::text[], %s::bigint[]) AS h(feed, head)"
            " ON CONFLICT (feed) DO UPDATE SET head = excluded.head, caught_up_at = CASE WHEN excluded.head <="
            " (SELECT min(position) FROM follower_checkpoint c JOIN read_model_place ON read_model = follower"
            "  WHERE c.feed = excluded.feed)"
            " THEN excluded.caught_up_at ELSE feed_head.caught_up_at END",
            (list(self._seen), list(self._seen.values())),
        )
        self._seen, self._next = {}, time.monotonic() + HEADS_SECONDS


def migrate() -> None:
    """Bring the database up to date."""
    from services.backbone.program import run_migrate

    run_migrate(Settings().owner_database_url, "services.reporting")


def verify() -> None:
    """Read every row of every read model, and see that no checkpoint is beyond its feed."""
    from services.reporting.verify import Fault, verify_all

    try:
        lines = verify_all(Settings().database_url)
    except Fault as fault:
        sys.exit(f"reporting: {fault}")
    for line in lines:
        print(f"reporting: {line}")  # noqa: T201
