"""`./parcours` as a person types it, in a checkout of its own with stand-ins for the services."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.local.stack import REPOSITORY, Stack
from tests.integration.local.stand_in import write_stand_ins

UP_TIMEOUT_SECONDS = 120


@dataclass(frozen=True)
class Checkout:
    """A copy of the repository's command line in a folder of its own."""

    folder: Path

    @property
    def stack(self) -> Stack:
        return Stack(self.folder / ".parcours", root=self.folder)

    @property
    def environment(self) -> dict[str, str]:
        plain = {name: text for name, text in os.environ.items() if not name.startswith("PARCOURS_")}
        return plain | {"PYTHONPATH": str(self.folder), "COLUMNS": "120"}

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "deploy.cli", *arguments],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        with self.begin(*arguments) as process:
            output, _ = process.communicate(timeout=UP_TIMEOUT_SECONDS)
        return subprocess.CompletedProcess(arguments, process.returncode, output)


def checkout_in(folder: Path) -> Checkout:
    for part in ("local", "cli"):
        shutil.copytree(REPOSITORY / "deploy" / part, folder / "deploy" / part)
    (folder / "deploy" / "__init__.py").touch()
    return Checkout(write_stand_ins(folder))


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="parcours-local-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def checkout(place: Path) -> Iterator[Checkout]:
    checkout = checkout_in(place / "first")
    yield checkout
    checkout.stack.down()


def wait_for_line(process: subprocess.Popen[str], text: str) -> None:
    """Read until the line; a process that falls silent is killed, and the test fails."""
    assert process.stdout is not None
    alarm = threading.Timer(UP_TIMEOUT_SECONDS, process.kill)
    alarm.start()
    try:
        assert any(text in line for line in process.stdout), f"ended without saying {text!r}"
    finally:
        alarm.cancel()


def test_ctrl_c_stops_everything(checkout: Checkout) -> None:
    with checkout.begin("up", "--no-demo") as process:
        wait_for_line(process, "Ctrl-C stops everything")
        assert checkout.stack.supervisor.running
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=60)
    assert "Everything is stopped" in output
    assert not checkout.stack.supervisor.running
    assert {it.state for it in checkout.stack.status()} == {"down"}


def test_two_checkouts_stand_side_by_side(checkout: Checkout, place: Path) -> None:
    other = checkout_in(place / "second")
    with socket.create_server(("127.0.0.1", checkout_port(checkout))) as _another_program:
        first, second = checkout.begin("up", "-d"), other.begin("up", "-d")
        try:
            for process in (first, second):
                output, _ = process.communicate(timeout=UP_TIMEOUT_SECONDS)
                assert process.returncode == 0, output
            assert checkout.stack.is_ready()
            assert other.stack.is_ready()
            ports = [stack_ports(it) for it in (checkout, other)]
            assert not ports[0] & ports[1]
        finally:
            other.run("down")
    assert checkout.stack.is_ready()
    assert not other.stack.supervisor.running


def checkout_port(checkout: Checkout) -> int:
    """The gateway's port of the run before, which somebody else has taken meanwhile."""
    return int(checkout.stack.environment()["GATEWAY_PORT"])


def stack_ports(checkout: Checkout) -> set[int]:
    files = (".parcours/postgres", ".parcours/rabbitmq", ".parcours/secrets")
    return {
        port
        for file in files
        for port in json.loads((checkout.folder / file / "ports.json").read_text()).values()
    }


def test_up_again_says_that_it_is_up(checkout: Checkout) -> None:
    again = checkout.run("up")
    assert again.returncode == 0
    assert "up already" in again.stdout
    assert checkout.stack.gateway_url in again.stdout


def test_status_shows_a_restart(checkout: Checkout) -> None:
    checkout.stack.kill("content-serve")
    for _ in range(50):
        status = json.loads(checkout.run("status", "--json").stdout)
        content = next(it for it in status["processes"] if it["name"] == "content-serve")
        if content["pid"] and content["restarts"] == 1:
            break
    assert (content["restarts"], status["up"]) == (1, True)
    table = checkout.run("status").stdout
    assert all(name in table for name in checkout.stack.process_names())


def test_logs_show_what_a_process_said(checkout: Checkout) -> None:
    assert "progress work begins" in checkout.run("logs", "progress-work").stdout
    assert "gateway          | gateway serve begins" in checkout.run("logs").stdout
    unknown = checkout.run("logs", "nobody")
    assert unknown.returncode == 1
    assert "There is no log of nobody" in unknown.stdout


def test_down_says_what_it_did_and_an_up_that_was_killed_is_taken_over(checkout: Checkout) -> None:
    assert "Everything is stopped." in checkout.run("down").stdout
    assert "Nothing was running." in checkout.run("down").stdout
    with checkout.begin("up") as process:
        wait_for_line(process, "Bringing the databases up to date")
        process.kill()
    assert checkout.run("up", "-d").returncode == 0
    assert checkout.stack.is_ready()


def test_before_the_first_up_commands_say_what_to_do(place: Path) -> None:
    fresh = checkout_in(place / "fresh")
    asked = fresh.run("environment")
    assert asked.returncode == 1
    assert "run `./parcours up` first" in " ".join(asked.stdout.split())
    assert not (fresh.folder / ".parcours").exists()


def test_help_is_quick_and_names_every_command_that_is_there(checkout: Checkout) -> None:
    shown = checkout.run("--help")
    assert shown.returncode == 0
    for name in ("up", "down", "status", "logs", "test", "check"):
        assert f" {name} " in shown.stdout
    assert "--detach" in checkout.run("up", "--help").stdout


def test_a_folder_that_rabbitmq_does_not_like_is_refused_with_a_sentence(place: Path) -> None:
    refused = checkout_in(place / "it's").run("up", "-d")
    assert refused.returncode == 1
    assert "set PARCOURS_STATE to another folder" in " ".join(refused.stdout.split())
