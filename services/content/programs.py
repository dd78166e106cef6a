"""What each small program of content does. `serve` runs under eventlet; the others are plain Python."""

import sys

from services.content.settings import Settings


def serve() -> None:
    """Answer commands and questions."""
    from eventlet import tpool

    from services.backbone.bell import Bell
    from services.backbone.metrics import serve_metrics
    from services.backbone.rpc import serve as serve_rpc
    from services.content.application import Application
    from services.content.service import ContentService

    settings = Settings()
    serve_metrics(settings.serve_metrics_port)
    bell = Bell(settings.amqp_uri, "content")
    application = Application(
        settings.database_url,
        settings.actor_public_key,
        settings.media_folder,
        on_commit=bell.ring,
        in_thread=tpool.execute,
    )
    serve_rpc(ContentService, settings.amqp_uri, application)


def migrate() -> None:
    """Bring the database up to date."""
    from services.backbone.program import run_migrate

    run_migrate(Settings().owner_database_url, "services.content")


def verify() -> None:
    """Read every stored event as the feed does."""
    from services.backbone.feed import FeedSource
    from services.backbone.feed import verify as verify_log
    from services.backbone.log import EventLog
    from services.content.feed import to_contract

    log = EventLog("content", Settings().database_url)
    try:
        count = verify_log(FeedSource(log, to_contract), log, on_progress=lambda done: None)
    except ValueError as error:
        sys.exit(f"content: {error}")
    print(f"content: {count} events read, every stream whole")  # noqa: T201
