"""What each small program of progress does. `serve` runs under eventlet; the others are plain Python."""

from services.progress.settings import Settings


def serve() -> None:
    """Answer commands and questions."""
    from services.backbone.bell import Bell
    from services.backbone.metrics import serve_metrics
    from services.backbone.rpc import serve as serve_rpc
    from services.progress.application import Application
    from services.progress.service import ProgressService

    settings = Settings()
    serve_metrics(settings.serve_metrics_port)
    bell = Bell(settings.amqp_uri, "progress")
    application = Application(settings.database_url, settings.actor_public_key, on_commit=bell.ring)
    serve_rpc(ProgressService, settings.amqp_uri, application)


def work() -> None:
    """Follow content and scheduling, take what trainers noted into people's histories, and seal the log."""
    from services.backbone.bell import Bell
    from services.backbone.follower import Follower
    from services.backbone.metrics import serve_metrics
    from services.backbone.policies import Timekeeper
    from services.backbone.program import seal_beside
    from services.progress.application import Application
    from services.progress.attendance import Attendance, acting
    from services.progress.catalogue import FEEDS, Catalogue, Roster

    settings = Settings()
    serve_metrics(settings.work_metrics_port)
    seal_beside("progress", settings)
    bell = Bell(settings.amqp_uri, "progress")
    application = Application(settings.database_url, settings.actor_public_key, on_commit=bell.ring)
    attendance = Attendance()
    timekeeper = Timekeeper(application.desk, [attendance], acting=acting)
    follower = Follower(
        "progress",
        settings.database_url,
        settings.amqp_uri,
        FEEDS,
        [Catalogue(), Roster(), attendance],
        on_round=lambda database, _wire: timekeeper.act(database),
    )
    follower.run(stop=lambda: False)


def migrate() -> None:
    """Bring the database up to date."""
    from services.backbone.program import run_migrate

    run_migrate(Settings().owner_database_url, "services.progress")


def verify() -> None:
    """Read every stored event as the feed does."""
    from services.backbone.program import run_verify
    from services.progress.feed import to_contract

    run_verify("progress", Settings(), to_contract)


def seal_key() -> None:
    """Show the public key that goes with the seal of the log."""
    from services.backbone.program import run_seal_key

    run_seal_key("progress", Settings())
