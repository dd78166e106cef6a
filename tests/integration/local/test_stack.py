"""The supervised stack: what dies comes back, data stays, and each process sees its own settings.

Servers and supervision are real; services and gateway are stand-ins (see `stand_in`).
"""

import json
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from deploy.local.errors import LocalStackError, NotRunning
from deploy.local.management import Management
from deploy.local.postgres import Postgres
from deploy.local.processes import FOR_ONE_PROGRAM, MARK
from deploy.local.provision import unprovision
from deploy.local.rabbitmq import RabbitMQ
from deploy.local.running import kill, marked
from deploy.local.stack import Stack
from tests.integration.local.stand_in import write_stand_ins

COMES_BACK_SECONDS = 30


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder that every user may enter; its name is long, and no shell would like it."""
    folder = Path(tempfile.mkdtemp(prefix="parcours-local-"))
    folder.chmod(0o711)
    yield folder / "a 100% $HOME; #folder" / ("deep" * 20)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def stack(place: Path) -> Iterator[Stack]:
    stack = Stack(place / "state", root=write_stand_ins(place))
    try:
        stack.up()
        yield stack
    finally:
        cut_power(stack)
        if (note := stack.state / "socket-folder").exists():
            shutil.rmtree(note.read_text(), ignore_errors=True)


def cut_power(stack: Stack) -> None:
    """SIGKILL everything of this stack at once."""
    if stack.supervisor.running:
        kill([psutil.Process(stack.supervisor.pid)])
    kill(marked(MARK, str(stack.state)))
    for server in (stack.database, stack.broker):
        assert isinstance(server, Postgres | RabbitMQ)
        server.kill()


def eventually(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + COMES_BACK_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"{what} not within {COMES_BACK_SECONDS} s"
        time.sleep(0.1)


def ask_database(stack: Stack, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(stack.environment()["PROGRESS_OWNER_DATABASE_URL"], connect_timeout=2) as connection:
        found = connection.execute(query)  # type: ignore[call-overload]
        return found.fetchall() if found.description else []


def database_answers(stack: Stack) -> bool:
    try:
        return ask_database(stack, "SELECT 1") == [(1,)]
    except psycopg.OperationalError:
        return False


def restarts(stack: Stack, name: str) -> int:
    return next(it.restarts for it in stack.status() if it.name == name)


def seen_by(stack: Stack, process: str) -> dict[str, str]:
    seen: dict[str, str] = json.loads((stack.state / "seen" / f"{process}.json").read_text())
    return seen


def test_everything_runs_and_is_ready(stack: Stack) -> None:
    assert [it.name for it in stack.status()] == stack.process_names()
    assert stack.is_ready()
    eventually(lambda: {it.state for it in stack.status()} == {"running"}, "all running")


def test_up_twice_is_up_once(stack: Stack) -> None:
    before = {it.name: it.pid for it in stack.status()}
    assert stack.up() is False
    assert {it.name: it.pid for it in stack.status()} == before


def test_each_process_sees_its_own_settings_only(stack: Stack) -> None:
    everything = stack.environment()
    for part, verb in (
        ("content", "serve"),
        ("progress", "serve"),
        ("content", "work"),
        ("progress", "work"),
        ("reporting", "work"),
    ):
        seen = seen_by(stack, f"{part}-{verb}")
        ours = {name for name in everything if name in seen}
        own = {name for name in everything if name.startswith(part.upper())}
        hidden = {f"{part.upper()}_{it}" for it, program in FOR_ONE_PROGRAM.items() if program != verb}
        assert f"{part.upper()}_OWNER_DATABASE_URL" in hidden
        assert ours == own - hidden | {"PARCOURS_ACTOR_PUBLIC_KEY", "PARCOURS_SEAL_SITE"}
        others = {text for name, text in everything.items() if name not in ours}
        others.discard(everything["CONTENT_MEDIA_FOLDER"])  # content fills it, the gateway serves it
        assert not others & set(seen.values())
    assert "PROGRESS_OWNER_DATABASE_URL" in seen_by(stack, "progress-migrate")
    assert "CONTENT_OWNER_DATABASE_URL" not in seen_by(stack, "progress-migrate")
    assert "PROGRESS_SEAL_KEY" in seen_by(stack, "progress-work")
    assert "PROGRESS_SEAL_KEY" not in seen_by(stack, "progress-serve")
    assert "GATEWAY_ACTOR_PRIVATE_KEY" in seen_by(stack, "gateway-serve")


@pytest.mark.parametrize("name", ["progress-serve", "reporting-work", "gateway"])
def test_a_killed_process_comes_back(stack: Stack, name: str) -> None:
    killed, before = stack.process(name), restarts(stack, name)
    stack.kill(name)

    def is_back() -> bool:
        status = next(it for it in stack.status() if it.name == name)
        return status.state == "running" and status.pid != killed

    eventually(is_back, f"{name} back")
    assert restarts(stack, name) == before + 1


def test_a_killed_database_comes_back_with_its_data(stack: Stack) -> None:
    ask_database(stack, "CREATE TABLE IF NOT EXISTS survives (n int)")
    ask_database(stack, "INSERT INTO survives VALUES (1)")
    killed = stack.process("postgres")
    os.kill(killed, signal.SIGKILL)  # the postmaster alone: its children must not be in the way
    eventually(lambda: not psutil.pid_exists(killed) and database_answers(stack), "postgres back")
    assert ask_database(stack, "SELECT count(*) >= 1 FROM survives") == [(True,)]


def test_a_killed_broker_comes_back_with_its_users(stack: Stack) -> None:
    users = api_users(stack)
    stack.kill("rabbitmq")
    eventually(lambda: api_users(stack) == users, "rabbitmq back")
    assert "parcours_progress" in users


def api_users(stack: Stack) -> set[str]:
    try:
        users = Management(stack.broker.management_url, stack.broker.admin_uri).get("users")
    except LocalStackError:
        return set()
    return {user["name"] for user in users}


def test_a_stopped_process_stays_stopped(stack: Stack) -> None:
    stack.stop("scheduling-work")
    with pytest.raises(NotRunning):
        stack.process("scheduling-work")
    stack.start("scheduling-work")
    assert psutil.pid_exists(stack.process("scheduling-work"))


def test_an_unknown_process_is_named(stack: Stack) -> None:
    with pytest.raises(LocalStackError, match="no process nobody"):
        stack.process("nobody")


def test_after_down_nothing_is_left_and_up_finds_the_data(stack: Stack) -> None:
    ask_database(stack, "CREATE TABLE IF NOT EXISTS kept (n int)")
    settings = stack.environment()
    assert stack.down() is True
    assert stack.down() is False
    assert marked(MARK, str(stack.state)) == []
    assert marked("RABBITMQ_MNESIA_BASE", str(stack.state / "rabbitmq" / "mnesia")) == []
    assert {it.state for it in stack.status()} == {"down"}

    assert stack.up() is True

    assert stack.environment() == settings
    assert ask_database(stack, "SELECT count(*) FROM kept") == [(0,)]


def test_what_a_crash_left_behind_is_cleared_and_two_ups_are_one(stack: Stack) -> None:
    os.kill(stack.supervisor.pid, signal.SIGKILL)
    eventually(lambda: not stack.supervisor.running, "supervisord gone")
    orphans = {it.pid for it in marked(MARK, str(stack.state))}
    assert len(orphans) >= 10
    results: list[bool] = []
    rival = threading.Thread(target=lambda: results.append(Stack(stack.state, stack.root).up()))
    rival.start()
    results.append(stack.up())
    rival.join(timeout=120)
    assert sorted(results) == [False, True]
    assert not orphans & {it.pid for it in marked(MARK, str(stack.state))}
    assert len(marked(MARK, str(stack.state))) == 10


def test_a_broken_migration_is_a_sentence_with_its_reason(stack: Stack) -> None:
    cut_power(stack)
    (stack.state / "break-scheduling").touch()
    with pytest.raises(
        LocalStackError, match=r"(?s)database of scheduling .* migration of scheduling is broken"
    ):
        stack.up()


def test_a_process_that_ends_again_and_again_is_a_sentence_with_its_reason(stack: Stack) -> None:
    cut_power(stack)
    (stack.state / "break-scheduling").unlink(missing_ok=True)
    fault = stack.state / "break-progress-work"
    fault.touch()
    with pytest.raises(
        LocalStackError, match=r"(?s)progress-work ended \d times while starting\. .* progress work is broken"
    ):
        stack.up()
    fault.unlink()


def test_existing_servers_take_the_place_of_private_ones(
    place: Path, postgres: Postgres, rabbitmq: RabbitMQ, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARCOURS_DATABASE_URL", postgres.admin_url)
    monkeypatch.setenv("PARCOURS_AMQP_URI", rabbitmq.admin_uri)
    monkeypatch.setenv("PARCOURS_AMQP_MANAGEMENT_URL", rabbitmq.management_url)
    stack = Stack(place / "lent", root=place)
    try:
        assert stack.up() is True
        assert not {"postgres", "rabbitmq"} & {it.name for it in stack.status()}
        server = postgres.admin_url.rpartition("@")[2].partition("/")[0]
        assert server in stack.environment()["PROGRESS_DATABASE_URL"]
        general = {name for name in seen_by(stack, "progress-serve") if name.startswith("PARCOURS_")}
        assert general == {"PARCOURS_ACTOR_PUBLIC_KEY", "PARCOURS_SEAL_SITE", MARK}  # no administrator's URL
    finally:
        stack.down()
        unprovision(postgres.admin_url, rabbitmq.admin_uri, rabbitmq.management_url, names="parcours")
    assert postgres.running
    assert rabbitmq.running
