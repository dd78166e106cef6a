"""What every program of a service does around its work: settings, logs, metrics, and ending in order."""

import json
import logging
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from pydantic import ValidationError
from pydantic_settings import SettingsConfigDict

from services.backbone.logs import set_up_logs
from services.backbone.metrics import COMMANDS, serve_metrics
from services.backbone.program import run, run_migrate
from services.backbone.settings import ServiceSettings

ROOT = Path(__file__).parents[3]


class Settings(ServiceSettings):
    """Settings of the jars."""

    model_config = SettingsConfigDict(env_prefix="JARS_", extra="ignore")


# --- settings ------------------------------------------------------------------------------------


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "JARS_DATABASE_URL": "postgresql://jars@localhost/jars",
        "JARS_AMQP_URI": "amqp://jars@localhost/",
        "JARS_WORK_METRICS_PORT": "9101",
        "PARCOURS_ACTOR_PUBLIC_KEY": "/etc/parcours/actor.pem",
        "JARS_SOMETHING_ELSE": "is not ours",
    }.items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    assert settings.database_url == "postgresql://jars@localhost/jars"
    assert (settings.serve_metrics_port, settings.work_metrics_port) == (0, 9101)
    assert settings.actor_public_key == Path("/etc/parcours/actor.pem")
    assert settings.owner_database_url is None


def test_a_setting_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PARCOURS_ACTOR_PUBLIC_KEY", raising=False)
    with pytest.raises(ValidationError) as error:
        Settings()
    missing = {str(fault["loc"][0]) for fault in error.value.errors()}
    assert missing == {"database_url", "amqp_uri", "PARCOURS_ACTOR_PUBLIC_KEY"}


# --- programs ------------------------------------------------------------------------------------


def test_migrate_says_which_setting_it_needs() -> None:
    with pytest.raises(SystemExit, match="set PROGRESS_OWNER_DATABASE_URL"):
        run_migrate(None, "services.progress")


def test_a_program_that_does_not_exist_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["progress", "dance"])
    with pytest.raises(SystemExit) as end:
        run("progress")
    assert end.value.code == 2
    assert "serve" in capsys.readouterr().err


WAITS = """
import sys, types
sys.argv = ["jars", "work"]
programs = types.ModuleType("services.jars.programs")
def work():
    import threading
    print("working", flush=True)
    threading.Event().wait(30)
programs.work = work
sys.modules["services.jars"] = types.ModuleType("services.jars")
sys.modules["services.jars.programs"] = programs
from services.backbone.program import run
run("jars")
"""


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_a_program_that_is_told_to_stop_ends_in_order(told: signal.Signals) -> None:
    program = subprocess.Popen([sys.executable, "-c", WAITS], cwd=ROOT, stdout=subprocess.PIPE)
    assert program.stdout is not None and program.stdout.readline() == b"working\n"
    program.send_signal(told)
    assert program.wait(10) == 0
    program.stdout.close()


# --- logs and metrics ----------------------------------------------------------------------------


@pytest.fixture
def logs_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def test_a_log_line_is_one_json_object_with_its_service(
    logs_as_before: None, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logs("jars")
    logging.getLogger("jars").warning("lid_missing", extra={"lids": 2})
    structlog.get_logger("jars").info("lid_found", lids=3)
    logging.getLogger("amqp").info("chatter")
    try:
        raise ValueError("no lid")
    except ValueError:
        logging.getLogger("jars").exception("lid_broken")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["event"], line["level"], line["service"]) for line in lines] == [
        ("lid_missing", "warning", "jars"),
        ("lid_found", "info", "jars"),
        ("lid_broken", "error", "jars"),
    ]
    assert (lines[0]["lids"], lines[1]["lids"]) == (2, 3)
    assert "ValueError: no lid" in lines[2]["exception"]
    assert lines[0]["timestamp"].endswith("Z")


def test_metrics_are_served_on_loopback_and_only_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, str]] = []
    monkeypatch.setattr(
        "services.backbone.metrics.start_http_server", lambda port, addr: asked.append((port, addr))
    )
    serve_metrics(0)
    serve_metrics(9101)
    assert asked == [(9101, "127.0.0.1")]


def test_metrics_have_no_labels_for_persons() -> None:
    from prometheus_client import REGISTRY

    COMMANDS.labels("jars.put_in", "accepted").inc()
    labels = {name for family in REGISTRY.collect() for sample in family.samples for name in sample.labels}
    assert not {name for name in labels if "person" in name or "actor" in name or "user" in name}
