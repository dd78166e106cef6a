"""What each small program of content does. `serve` runs under eventlet; the others are plain Python."""

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


def work() -> None:
    """Seal the log."""
    import sys

    from services.backbone.metrics import serve_metrics
    from services.backbone.program import sealer_of

    settings = Settings()
    serve_metrics(settings.work_metrics_port)
    sealer = sealer_of("content", settings)
    if sealer is None:
        sys.exit(
            "content: `work` seals the log and does nothing else; set CONTENT_SEAL_KEY and CONTENT_SEAL_FOLDER."
        )
    sealer.run(stop=lambda: False)


def migrate() -> None:
    """Bring the database up to date."""
    from services.backbone.program import run_migrate

    run_migrate(Settings().owner_database_url, "services.content")


def verify() -> None:
    """Read every stored event as the feed does."""
    from services.backbone.program import run_verify
    from services.content.feed import to_contract

    run_verify("content", Settings(), to_contract)


def seal_key() -> None:
    """Show the public key that goes with the seal of the log."""
    from services.backbone.program import run_seal_key

    run_seal_key("content", Settings())
