"""The log in memory keeps the promises of every log, so that other tests may lean on it."""

from uuid import uuid4

import pytest

from services.backbone.commands import CommandDesk
from tests.support.jars import Jars, put_in, somebody
from tests.support.log_suite import EventLogSuite
from tests.support.memory_log import MemoryLog


class TestMemoryLog(EventLogSuite):
    @pytest.fixture
    def log(self) -> MemoryLog:
        return MemoryLog()


def test_what_is_no_event_is_written_with_the_events_or_not_at_all() -> None:
    log = MemoryLog()
    desk = CommandDesk(log, Jars(), lambda _: None)  # type: ignore[arg-type]
    desk.execute(
        [(somebody(), put_in(uuid4(), "a", note="kept")), (somebody(), put_in(uuid4(), "broken", note="not"))]
    )
    assert [params for _, params in log.also.statements] == [("kept",)]


def test_an_aggregate_is_kept_between_commands() -> None:
    log = MemoryLog()
    desk = CommandDesk(log, Jars(), lambda _: None)  # type: ignore[arg-type]
    jar = uuid4()
    for thing in "ab":
        desk.execute([(somebody(), put_in(jar, thing))])
    assert log.loaded_from_memory == 1
