"""COMMIT whose answer is lost: nobody knows whether it stands, until the same command is sent again."""

import random
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pytest
from psycopg.conninfo import conninfo_to_dict

from services.backbone.commands import CommandDesk
from services.backbone.log import EventLog, StoreAway
from services.contracts.message import Done, Outcome, Refused
from tests.integration.conftest import Database
from tests.support.jars import Jar, Jars, PutIn, put_in, somebody
from tests.support.proxy import Cut, CuttingProxy

PERSON = somebody()
COMMANDS = 32
SENDINGS_MAX = 20
SEED = 20270630


@pytest.fixture
def proxy(database: Database) -> Iterator[CuttingProxy]:
    where = conninfo_to_dict(database.url)
    with CuttingProxy(str(where["host"]), int(where["port"])) as proxy:
        yield proxy


@pytest.fixture
def log(database: Database, proxy: CuttingProxy) -> Iterator[EventLog]:
    parts = urlsplit(database.url)
    account = parts.netloc.rpartition("@")[0]
    log = EventLog("jars", urlunsplit(parts._replace(netloc=f"{account}@127.0.0.1:{proxy.port}")))
    yield log
    log.close()


@pytest.fixture
def desk(log: EventLog) -> CommandDesk[PutIn]:
    return CommandDesk(log, Jars(), lambda _: None)


def until_answered(desk: CommandDesk[PutIn], command: PutIn) -> tuple[Outcome, int]:
    """What a client does: send the same again until there is an answer; how often that was."""
    for sending in range(1, SENDINGS_MAX + 1):
        try:
            return desk.execute([(PERSON, command)])[0], sending
        except StoreAway:
            continue
    raise AssertionError(f"no answer after {SENDINGS_MAX} sendings")


def test_a_commit_whose_answer_is_lost_stands_and_is_found_by_sending_again(
    log: EventLog, desk: CommandDesk[PutIn], proxy: CuttingProxy
) -> None:
    start, command = log.head(), put_in(uuid4(), "a")
    proxy.cut_next("after commit")
    with pytest.raises(StoreAway):
        desk.execute([(PERSON, command)])
    assert len(log.read(start, 10)) == 2, "it was committed although nobody heard so"
    (again,) = desk.execute([(PERSON, command)])
    assert again == Done(outcome="duplicate", command_id=command.command_id, position=log.head())
    assert len(log.read(start, 10)) == 2


def test_a_commit_that_never_arrived_has_no_effect_until_it_is_sent_again(
    log: EventLog, desk: CommandDesk[PutIn], proxy: CuttingProxy
) -> None:
    start, command = log.head(), put_in(uuid4(), "a")
    proxy.cut_next("before commit")
    with pytest.raises(StoreAway):
        desk.execute([(PERSON, command)])
    assert log.read(start, 10) == []
    (again,) = desk.execute([(PERSON, command)])
    assert again.outcome == "accepted"
    assert len(log.read(start, 10)) == 2


def test_a_refusal_whose_answer_is_lost_is_the_same_refusal_afterwards(
    log: EventLog, desk: CommandDesk[PutIn], proxy: CuttingProxy
) -> None:
    jar = uuid4()
    desk.execute([(PERSON, put_in(jar, thing)) for thing in "abc"])
    late = put_in(jar, "d")
    proxy.cut_next("after commit")
    with pytest.raises(StoreAway):
        desk.execute([(PERSON, late)])
    answers = [desk.execute([(PERSON, late)])[0] for _ in range(2)]
    assert isinstance(answers[0], Refused) and answers[0] == answers[1]
    assert log.load([jar])[jar].version == 4


def test_every_retry_of_every_command_ends_in_the_same_answer_and_one_effect(
    log: EventLog, desk: CommandDesk[PutIn], proxy: CuttingProxy
) -> None:
    """Two commands in three lose their connection around COMMIT; afterwards the log is counted."""
    chance = random.Random(SEED)
    start, jars = log.head(), [uuid4() for _ in range(COMMANDS // 4)]
    commands = [put_in(jar, thing) for jar in jars for thing in "abcd"]
    sendings = 0
    for command in commands:
        where: Cut | None = chance.choice(["before commit", "after commit", None])
        if where:
            proxy.cut_next(where)
        answer, sent = until_answered(desk, command)
        sendings += sent
        again, _ = until_answered(desk, command)
        if isinstance(answer, Done):
            assert again == answer.model_copy(update={"outcome": "duplicate"})
        else:
            assert again == answer
    assert proxy.cuts > COMMANDS // 2
    assert sendings >= COMMANDS + proxy.cuts
    effects = Counter(
        stored.event.command_id for stored in log.read(start, 10_000) if isinstance(stored.event, Jar.PutIn)
    )
    accepted = [command.command_id for command in commands if command.thing != "d"]
    assert effects == Counter(accepted), "each accepted command has one effect, each refused one none"
