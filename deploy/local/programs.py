"""Where the programs that we start are on this machine."""

import os
import re
import shutil
from pathlib import Path

from deploy.local.errors import ServerMissing

POSTGRES_MAJOR_MIN = 14
POSTGRES_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)
# Debian's /usr/sbin/rabbitmq-server changes user and folder; the script behind it does not.
RABBITMQ_SCRIPTS = (
    "/usr/lib/rabbitmq/bin/rabbitmq-server",
    "/opt/homebrew/sbin/rabbitmq-server",
    "/usr/local/sbin/rabbitmq-server",
)
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")


def postgres_folder(major: int | None = None) -> Path:
    """The folder with `postgres` and `initdb`; of this major version when one is given.

    `PARCOURS_POSTGRES_BIN` names the folder on a machine that keeps it elsewhere.
    Raises `ServerMissing`.
    """
    if chosen := os.environ.get("PARCOURS_POSTGRES_BIN"):
        return Path(chosen)
    installed = _postgres_folders()
    if major is not None:
        if major in installed:
            return installed[major]
        message = (
            f"The data in the state folder belongs to PostgreSQL {major}, which is not "
            f"installed: run `apt-get install postgresql-{major}`, or set PARCOURS_POSTGRES_BIN."
        )
        raise ServerMissing(message)
    usable = [number for number in installed if number >= POSTGRES_MAJOR_MIN]
    if usable:
        return installed[max(usable)]
    message = (
        f"PostgreSQL {POSTGRES_MAJOR_MIN} or newer is not installed: run "
        "`apt-get install postgresql` as root, or set PARCOURS_DATABASE_URL."
    )
    raise ServerMissing(message)


def rabbitmq_script() -> Path:
    """The `rabbitmq-server` program. Raises `ServerMissing`."""
    for place in (*RABBITMQ_SCRIPTS, shutil.which("rabbitmq-server")):
        if place and Path(place).is_file():
            return Path(place)
    message = (
        "RabbitMQ is not installed: run `apt-get install rabbitmq-server` as root, or set PARCOURS_AMQP_URI."
    )
    raise ServerMissing(message)


def chromium() -> Path:
    """The browser with which tests and screenshots look at pages. Raises `ServerMissing`."""
    for name in CHROMIUM_NAMES:
        if place := shutil.which(name):
            return Path(place)
    raise ServerMissing("Chromium is not installed: run `apt-get install chromium` as root.")


def _postgres_folders() -> dict[int, Path]:
    folders: dict[int, Path] = {}
    for pattern in POSTGRES_FOLDERS:
        for folder in Path("/").glob(pattern.lstrip("/")):
            number = re.search(r"(\d+)", str(folder.parent.name))
            if number and (folder / "postgres").is_file() and (folder / "initdb").is_file():
                folders[int(number.group(1))] = folder
    return folders
