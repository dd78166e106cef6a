"""The small programs of a service: `python -m services.<name> serve | work | migrate | verify | seal-key`.

eventlet patches the standard library, so `serve` does that before anything else is imported;
this module therefore imports nothing that opens a socket.
"""

import argparse
import gc
import importlib
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.backbone.feed import Faces
    from services.backbone.log import EventLog
    from services.backbone.seal.sealer import Sealer
    from services.backbone.settings import LogSettings

    Check = Callable[[EventLog], str]

GC_ALLOCATIONS = 250_000
"""A feed page is some 50,000 small objects that all die young, and a rebuild has several in hand: looking for cycles
every 700 objects, as Python does by default, doubles the cost of parsing it."""


def run(service: str, programs: tuple[str, ...] = ("serve", "work", "migrate", "verify", "seal-key")) -> None:
    """Run the program named on the command line of this service."""
    parser = argparse.ArgumentParser(
        prog=f"python -m services.{service}", description=__doc__.splitlines()[0]
    )
    parser.add_argument("program", choices=programs)
    program = parser.parse_args().program
    if program == "serve":
        _patch()
    from services.backbone.logs import set_up_logs

    set_up_logs(service)
    gc.set_threshold(GC_ALLOCATIONS)
    signal.signal(signal.SIGTERM, _stop)
    main = importlib.import_module(f"services.{service}.programs")
    try:
        getattr(main, program.replace("-", "_"))()
    except KeyboardInterrupt:
        sys.exit(0)


def _patch() -> None:
    """Make blocking calls switch greenlets, psycopg's included (its compiled wait would block them all)."""
    os.environ["PSYCOPG_WAIT_FUNC"] = "wait_selector"
    warnings.filterwarnings(
        "ignore", message="\\s*Eventlet is deprecated"
    )  # nameko needs it; nothing else may
    import eventlet

    eventlet.monkey_patch()


def _stop(signum: int, frame: object) -> None:
    raise KeyboardInterrupt


def run_migrate(owner_database_url: str | None, package: str) -> None:
    """The `migrate` program: say what was done, or which setting is missing."""
    from services.backbone.migrate import migrate

    if not owner_database_url:
        setting = f"{package.split('.')[-1].upper()}_OWNER_DATABASE_URL"
        sys.exit(f"{package}: migrate works as the owner of the database; set {setting}.")
    module = importlib.import_module(package)
    assert module.__file__ is not None
    applied = migrate(owner_database_url, Path(module.__file__).parent / "migrations")
    print(f"{package}: {applied} migrations applied")  # noqa: T201


def run_seal_key(service: str, settings: "LogSettings") -> None:
    """The `seal-key` program: the public key by which others check what is signed for this log."""
    if (sealer := sealer_of(service, settings)) is None:
        sys.exit(
            f"{service}: no key was given; set {service.upper()}_SEAL_KEY and {service.upper()}_SEAL_FOLDER."
        )
    print(sealer.public_key)  # noqa: T201


def sealer_of(service: str, settings: "LogSettings") -> "Sealer | None":
    """Who seals the log of this service; None when no key was given. Ends the process when the key is of no use."""
    from services.backbone.seal.sealer import Sealer

    if settings.seal_key is None or settings.seal_folder is None:
        return None
    try:
        return Sealer.from_files(
            service, settings.database_url, settings.seal_site, settings.seal_key, settings.seal_folder
        )
    except (ValueError, OSError) as error:
        sys.exit(f"{service}: the log cannot be sealed: {error}")


def seal_beside(service: str, settings: "LogSettings") -> None:
    """Seal the log of this service in a thread of its own, until the process ends."""
    if (sealer := sealer_of(service, settings)) is not None:
        threading.Thread(target=sealer.run, args=(lambda: False,), name="sealer", daemon=True).start()


def run_verify(service: str, settings: "LogSettings", faces: "Faces", *also: "Check") -> None:
    """The `verify` program: read every stored event as the feed does, then what else must agree with the log."""
    from services.backbone.feed import verify
    from services.backbone.log import EventLog
    from services.backbone.seal.audit import check_seal_of

    log = EventLog(service, settings.database_url)
    sealed = (
        (lambda _: check_seal_of(sealer, settings.database_url))
        if (sealer := sealer_of(service, settings))
        else None
    )
    try:
        said = [f"{verify(log, faces)} events read, every stream whole"]
        said += [check(log) for check in (*also, sealed) if check]
    except ValueError as error:
        sys.exit(f"{service}: {error}")
    print(f"{service}: {', '.join(said)}")  # noqa: T201
