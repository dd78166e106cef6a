"""`python -m gateway serve | migrate | account add USER --person UUID --role ROLE…`."""

import argparse
import contextlib
import ctypes
import gc
import getpass
import sys
from pathlib import Path
from uuid import UUID

from gateway.limits import BIG_BLOCK_BYTES, GARBAGE_OBJECTS
from gateway.settings import Settings
from services.backbone.logs import set_up_logs
from services.contracts.access import Role


def serve(settings: Settings) -> None:
    """Answer HTTP until told to stop."""
    import uvicorn

    from gateway.app import make_app
    from gateway.server import server_config

    return_big_blocks()

    app = make_app(settings)
    # What stands now stands until the end: the garbage collector need not look at it again and again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_OBJECTS)
    server = uvicorn.Server(server_config(app, settings))
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit("gateway: it could not start; the log says why")


def return_big_blocks() -> None:
    """Keep glibc from holding on to the memory of password hashes; elsewhere do nothing."""
    with contextlib.suppress(OSError, AttributeError):
        m_mmap_threshold = -3  # malloc.h
        ctypes.CDLL(None).mallopt(m_mmap_threshold, BIG_BLOCK_BYTES)


def migrate(settings: Settings) -> None:
    """Bring the database up to date."""
    from services.backbone.migrate import migrate as apply

    applied = apply(_owner_url(settings, "migrate"), Path(__file__).parent / "migrations")
    print(f"gateway: {applied} migrations applied")  # noqa: T201


def account_add(settings: Settings, asked: argparse.Namespace) -> None:
    """Make an account, or make it as stated."""
    from gateway.accounts import add_account

    password = sys.stdin.readline().rstrip("\r\n") if asked.password_stdin else getpass.getpass("Password: ")
    if not password:
        sys.exit("gateway: an account needs a password")
    changed = add_account(
        _owner_url(settings, "account add"),
        settings.login_key_bytes,
        asked.user,
        password,
        asked.person,
        asked.role,
    )
    print("gateway: account made" if changed else "gateway: the account stood as stated")  # noqa: T201


def main() -> None:
    """Run the program named on the command line."""
    asked = _parser().parse_args()
    set_up_logs("gateway")
    settings = Settings()
    if asked.program == "serve":
        serve(settings)
    elif asked.program == "migrate":
        migrate(settings)
    else:
        account_add(settings, asked)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m gateway", description=__doc__)
    programs = parser.add_subparsers(dest="program", required=True)
    programs.add_parser("serve", help="answer HTTP until told to stop")
    programs.add_parser("migrate", help="bring the database up to date; safe to run twice")
    verbs = programs.add_parser("account", help="local accounts").add_subparsers(dest="verb", required=True)
    add = verbs.add_parser(
        "add", help="make an account, or make it as stated; its sessions end when it changed"
    )
    add.add_argument("user", help="user name; stored only as a keyed hash")
    add.add_argument("--person", type=UUID, required=True, help="person id, as in the directory")
    add.add_argument(
        "--role", type=Role, action="append", required=True, choices=list(Role), help="may be repeated"
    )
    add.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    return parser


def _owner_url(settings: Settings, program: str) -> str:
    if not settings.owner_database_url:
        sys.exit(f"gateway: {program} needs the owner's database URL; set GATEWAY_OWNER_DATABASE_URL.")
    return settings.owner_database_url


if __name__ == "__main__":
    main()
