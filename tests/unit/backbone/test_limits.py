"""Limits that must fit one another, and commands from the future."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.backbone import limits
from services.backbone.clock import utc_now
from services.backbone.commands import CommandDesk, Streams, check_time
from services.backbone.log import EventLog, StoreAway, TurnTakingRecorder
from services.contracts.message import Command
from services.contracts.rules import Breach, Rule, RuleBroken, breach_of
from tests.support.jars import Jar, Jars, act, put_in, somebody
from tests.support.memory_log import MemoryLog

NOON = datetime(2027, 6, 30, 10, 0, tzinfo=UTC)
EDGE_ANSWERS_WITHIN_SECONDS = 5.0


def command_at(occurred_at: datetime) -> Command:
    return Command(command_id=uuid4(), type="jars.put_in", occurred_at=occurred_at)


@pytest.mark.parametrize("seconds", [-86_400 * 365, -1, 0, 299, 300])
def test_the_past_and_a_little_of_the_future_are_accepted(seconds: float) -> None:
    check_time(command_at(NOON + timedelta(seconds=seconds)), NOON, limits.CLOCK_SKEW_SECONDS)


@pytest.mark.parametrize("seconds", [300.001, 3600, 86_400 * 365])
def test_the_future_is_refused(seconds: float) -> None:
    with pytest.raises(RuleBroken) as broken:
        check_time(command_at(NOON + timedelta(seconds=seconds)), NOON, limits.CLOCK_SKEW_SECONDS)
    assert broken.value.rule is Rule.TIME_IN_FUTURE


def test_times_are_compared_whatever_their_zone() -> None:
    brussels = datetime.fromisoformat("2027-06-30T12:04:00+02:00")
    check_time(command_at(brussels), NOON, limits.CLOCK_SKEW_SECONDS)


def test_the_clock_says_its_zone() -> None:
    assert utc_now().tzinfo is UTC


def test_a_request_dies_before_the_edge_gives_up_and_after_its_caller_did() -> None:
    assert limits.RPC_TIMEOUT_SECONDS < limits.RPC_EXPIRY_SECONDS < EDGE_ANSWERS_WITHIN_SECONDS


def test_a_writer_waits_less_for_its_turn_than_its_caller_for_the_answer() -> None:
    assert limits.LOCK_TIMEOUT_SECONDS < limits.RPC_TIMEOUT_SECONDS
    assert limits.DATABASE_CONNECT_SECONDS < limits.RPC_TIMEOUT_SECONDS


def test_every_rule_has_a_breach_and_unlisted_ones_are_conflicts() -> None:
    assert {breach_of(rule) for rule in Rule} == set(Breach)
    assert breach_of(Rule.SESSION_ABANDONED) is Breach.CONFLICT
    with pytest.raises(ValueError, match="unheard-of"):
        breach_of("unheard-of")


def test_a_decision_that_records_and_then_refuses_is_a_mistake_in_the_code() -> None:
    class RecordsFirst(Jars):
        def decide(self, command, actor, what, streams: Streams) -> None:  # type: ignore[no-untyped-def]
            streams.begin(Jar.begin(Jar.Opened, command.jar_id, what))
            raise RuleBroken(Rule.UNIT_EXISTS)

    log = MemoryLog()
    desk = CommandDesk(log, RecordsFirst(), lambda _: None)  # type: ignore[arg-type]
    with pytest.raises(AssertionError, match="refused after it had recorded something"):
        desk.execute([(somebody(), put_in(uuid4(), "a"))])
    assert log.head() == 0


def test_an_aggregate_refuses_events_of_another() -> None:
    jar, other = Jar.begin(Jar.Opened, uuid4(), act()), Jar.begin(Jar.Opened, uuid4(), act())
    other.record(Jar.PutIn, act(), thing="a")
    with pytest.raises(Exception, match=str(jar.id)):
        other.pending_events[-1].mutate(jar)


def test_a_log_whose_database_is_away_says_so_within_the_time_of_a_call() -> None:
    started = datetime.now(UTC)
    log = EventLog("jars", "postgresql://nobody:nothing@127.0.0.1:1/nowhere")
    with pytest.raises(StoreAway):
        log.head()
    assert datetime.now(UTC) - started < timedelta(seconds=limits.RPC_TIMEOUT_SECONDS)
    log.close()


def test_a_log_that_would_not_take_turns_does_not_start() -> None:
    log = EventLog("jars", "postgresql://nobody:nothing@127.0.0.1:1/nowhere")
    log._store.enable_db_functions = True
    with pytest.raises(ValueError, match="taking turns"):
        TurnTakingRecorder(log._store)
    log.close()
