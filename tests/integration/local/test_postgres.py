"""A private PostgreSQL: loopback, a password, fsync; it survives what a bad day does to it."""

import contextlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from deploy.local.errors import NotRunning
from deploy.local.postgres import Postgres


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="parcours-local-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def server(open_folder: Path) -> Iterator[Postgres]:
    postgres = Postgres(open_folder / "it's a folder" / "postgres")
    yield postgres
    postgres.remove()


def ask(server: Postgres, query: str) -> object:
    with psycopg.connect(server.admin_url, connect_timeout=5) as connection:
        row = connection.execute(query).fetchone()  # type: ignore[call-overload]
    assert row is not None
    return row[0]


def test_it_keeps_data_over_stop_and_kill(server: Postgres) -> None:
    server.start()
    with psycopg.connect(server.admin_url) as connection:
        connection.execute("CREATE TABLE kept (fact text)")
        connection.execute("INSERT INTO kept VALUES ('a')")
    server.stop()
    assert not server.running
    with pytest.raises(NotRunning):
        _ = server.pid

    server.start()
    killed = server.pid
    server.kill()
    assert not psutil.pid_exists(killed)
    server.start()

    assert server.pid != killed
    assert ask(server, "SELECT fact FROM kept") == "a"


def test_starting_twice_is_starting_once(server: Postgres) -> None:
    server.start()
    first = server.pid
    Postgres(server.folder).start()
    assert server.pid == first


def test_it_is_safe_by_its_settings(server: Postgres) -> None:
    server.start()
    assert ask(server, "SHOW fsync") == "on"
    assert ask(server, "SHOW synchronous_commit") == "on"
    assert ask(server, "SHOW data_checksums") == "on"
    assert {it.laddr.ip for it in psutil.Process(server.pid).net_connections("inet")} == {"127.0.0.1"}
    assert stat.S_IMODE((server.folder / "admin-password").stat().st_mode) == 0o600
    assert os.geteuid() != 0 or psutil.Process(server.pid).username() == "postgres"


def test_a_wrong_password_is_refused(server: Postgres) -> None:
    server.start()
    password = (server.folder / "admin-password").read_text()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server.admin_url.replace(password, "wrong"))


def test_a_stale_pid_file_of_somebody_else_does_not_stop_it(server: Postgres) -> None:
    server.start()
    server.stop()
    (server.data / "postmaster.pid").write_text(f"{os.getpid()}\n{server.data}\n")
    server.start()
    assert server.running


def test_an_interrupted_first_start_is_begun_anew(server: Postgres) -> None:
    unfinished = server.folder / "data.unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("15")
    server.start()
    assert server.running


@pytest.mark.skipif(os.geteuid() != 0, reason="2026-11-22: only root needs another user for the server")
def test_a_folder_that_the_server_cannot_reach_gets_its_data_elsewhere(open_folder: Path) -> None:
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    server = Postgres(closed / "postgres")
    try:
        server.start()
        spare = server.data.parent
        assert closed not in server.data.parents
        assert ask(server, "SELECT 1") == 1
        server.stop()
        server.start()  # found again behind the link
        assert server.data.parent == spare
    finally:
        with contextlib.suppress(OSError):
            server.remove()
    assert not spare.exists()
