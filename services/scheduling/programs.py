"""What each small program of scheduling does. `serve` runs under eventlet; the others are plain Python."""

from typing import TYPE_CHECKING

from services.scheduling.settings import Settings

if TYPE_CHECKING:
    from services.scheduling.mail.postman import Postman

STOP_SECONDS = 5.0
"""How long `work` waits for its other threads when it is told to stop."""


def serve() -> None:
    """Answer commands and questions."""
    from services.backbone.bell import Bell
    from services.backbone.metrics import serve_metrics
    from services.backbone.rpc import serve as serve_rpc
    from services.scheduling.application import Application
    from services.scheduling.service import SchedulingService

    settings = Settings()
    serve_metrics(settings.serve_metrics_port)
    bell = Bell(settings.amqp_uri, "scheduling")
    application = Application(settings.database_url, settings.actor_public_key, on_commit=bell.ring)
    serve_rpc(SchedulingService, settings.amqp_uri, application)


def work() -> None:
    """Follow feeds, do what follows from them and from time; beside it, work on files of HR and have plans made."""
    import threading
    from typing import Any

    from psycopg import Connection

    from services.backbone.bell import Bell
    from services.backbone.follower import Follower, Projection
    from services.backbone.metrics import serve_metrics
    from services.backbone.program import seal_beside
    from services.scheduling.application import Application
    from services.scheduling.catalogue import FEEDS, Catalogue
    from services.scheduling.importer import Importer
    from services.scheduling.policies import Policy, Timekeeper
    from services.scheduling.policies.class_messages import ClassMessages
    from services.scheduling.policies.classes import Classes
    from services.scheduling.policies.duties import Duties
    from services.scheduling.policies.messages import Messages
    from services.scheduling.policies.seats import Seats
    from services.scheduling.proposals.ground import Ground
    from services.scheduling.proposals.planner import Planner

    settings = Settings()
    serve_metrics(settings.work_metrics_port)
    seal_beside("scheduling", settings)
    bell = Bell(settings.amqp_uri, "scheduling")
    application = Application(settings.database_url, settings.actor_public_key, on_commit=bell.ring)
    seats, messages = Seats(), Messages()
    policies: list[Policy] = [Duties(), Classes(application.log), seats, messages]
    timekeeper = Timekeeper(application.desk, policies)
    projections: list[Projection] = [Catalogue(), Ground(), ClassMessages(), *policies]
    follower = Follower(
        "scheduling",
        settings.database_url,
        settings.amqp_uri,
        {name: FEEDS[name] for projection in projections for name in sorted(projection.feeds)},
        projections,
        on_round=lambda database, _wire: after_round(database),
    )

    def after_round(database: Connection[Any]) -> None:
        seats.heard(follower.heads)
        messages.heard(follower.heads)
        timekeeper.act(database)

    over = threading.Event()
    apart = Application(settings.database_url, settings.actor_public_key, on_commit=bell.ring)
    importer = Importer(settings.database_url, apart.log, apart.desk)
    planner = Planner(settings.database_url)
    beside = [
        threading.Thread(target=each.run, args=(over.is_set,), name=type(each).__name__, daemon=True)
        for each in (importer, planner)
    ]
    if (postman := _postman(settings)) is not None:
        beside.append(threading.Thread(target=postman.run, args=(over,), name="postman", daemon=True))
    for thread in beside:
        thread.start()
    try:
        follower.run(stop=over.is_set)
    finally:  # SIGTERM arrives as KeyboardInterrupt
        over.set()
        for thread in beside:
            thread.join(STOP_SECONDS)


def plan() -> None:
    """Make the proposal that waits longest: a child of `work`, that ends with it and yields to all others."""
    import os

    from services.backbone.clock import utc_now
    from services.backbone.log import EventLog
    from services.scheduling.proposals.desk import organisation_in
    from services.scheduling.proposals.making import make_one
    from services.scheduling.proposals.planner import NICENESS, end_with_parent
    from services.scheduling.proposals.situation import situation

    end_with_parent()
    os.nice(NICENESS)
    settings = Settings()
    log = EventLog("scheduling", settings.database_url)
    make_one(
        settings.database_url,
        lambda tx, asked: situation(tx, organisation_in(log), asked, utc_now()),
    )


def _postman(settings: Settings) -> "Postman | None":
    """Who takes messages to the mail server; without one they wait."""
    from services.scheduling.mail.carrier import Carrier
    from services.scheduling.mail.letters import Sender
    from services.scheduling.mail.postman import Postman

    if settings.smtp_host is None:
        return None
    password = settings.smtp_password.get_secret_value() if settings.smtp_password else None
    server = (settings.smtp_host, settings.smtp_port, settings.smtp_security, settings.smtp_user, password)
    sender = Sender(settings.mail_from, settings.site_url)
    return Postman(settings.database_url, Carrier(*server), sender, settings.mail_per_minute)


def migrate() -> None:
    """Bring the database up to date."""
    from services.backbone.program import run_migrate

    run_migrate(Settings().owner_database_url, "services.scheduling")


def verify() -> None:
    """Read every stored event as the feed does, and compare who belongs where with what they say."""
    from services.backbone.program import run_verify
    from services.scheduling.feed import to_contract
    from services.scheduling.store import check_membership

    run_verify(
        "scheduling",
        Settings(),
        to_contract,
        lambda log: f"{check_membership(log)} people where the log says",
    )


def seal_key() -> None:
    """Show the public key that goes with the seal of the log."""
    from services.backbone.program import run_seal_key

    run_seal_key("scheduling", Settings())
