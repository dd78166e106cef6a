"""A witness makes the tree again from a feed, and cosigns what is true: with a database and a folder of its own."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.backbone.follower import Feed, Follower
from services.backbone.log import EventLog
from services.backbone.schema import event_log, follower_checkpoint, seal, seal_alarm
from services.backbone.seal import witness as witness_module
from services.backbone.seal.kept import Kept
from services.backbone.seal.notes import COSIGNS, Checkpoint, Note, Signer, note_of
from services.backbone.seal.sealer import Sealer, notes_after
from services.backbone.seal.witness import Witness
from services.contracts.message import FeedPage, Reply
from tests.integration.conftest import Database
from tests.support.following import DirectWire
from tests.support.jars import ThingPutIn, filled

LOG, ORIGIN, WITNESS = "jars", "prisons.example/jars", "prisons.example/witness"
JARS = Feed(LOG, LOG, FeedPage[ThingPutIn])
NOW = datetime(2026, 3, 1, tzinfo=UTC)


class TalkingWire(DirectWire):
    """Answers for notes too: those that the log's database has, or that somebody made up."""

    def __init__(self, log: EventLog) -> None:
        super().__init__(log, lambda: 3)
        self._log = log
        self.made_up: list[str] | None = None

    def ask(self, service: str, method: str, request: str) -> str:
        if method != "read_notes":
            return super().ask(service, method, request)
        return method if service not in self.away else "nobody"

    def answer(self, ticket: str, timeout_seconds: float = 0.0) -> str:
        if ticket != "read_notes":
            return super().answer(ticket)
        notes = notes_after(self._log, 0)
        if self.made_up is not None:
            notes = notes.model_copy(update={"notes": tuple(self.made_up)})
        return Reply[Any](answer=notes).model_dump_json()


class World:
    """A sealed log in one database, its witness in another."""

    def __init__(self, database: Database, other: Database, folder: Path) -> None:
        self.database, self.other, self.folder = database, other, folder
        self.log = EventLog(LOG, database.url)
        self.signer = Signer(ORIGIN, Ed25519PrivateKey.generate())
        self.witness_signer = Signer(WITNESS, Ed25519PrivateKey.generate(), COSIGNS)
        self.wire = TalkingWire(self.log)
        self.now = NOW
        self.restart()

    def restart(self) -> None:
        """A new process of the witness."""
        self.witness = Witness(
            {LOG: self.signer.public}, self.witness_signer, Kept(self.folder), lambda: self.now
        )

    def store_and_seal(self, jars: int) -> None:
        """Each jar is a private event and a public one."""
        self.log.append([event for _ in range(jars) for event in filled(uuid4(), "a")], [])
        self.now += timedelta(minutes=1)
        sealer = Sealer(LOG, self.database.url, self.signer, Kept(self.folder), lambda: self.now)
        with psycopg.connect(self.database.url, autocommit=True) as connection:
            sealer.seal(connection)

    def follow(self) -> None:
        """Come to the head of the feed."""
        with psycopg.connect(self.other.url, autocommit=True) as connection:
            wire: Any = self.wire
            Follower(LOG, "unused", "unused", {LOG: JARS}, [self.witness]).catch_up(connection, wire)

    def look(self) -> None:
        """Ask for notes."""
        with psycopg.connect(self.other.url, autocommit=True) as connection:
            wire: Any = self.wire
            self.witness.look(connection, wire)

    def cosigned(self) -> list[Note]:
        with psycopg.connect(self.other.url) as connection:
            rows = connection.execute("SELECT note FROM seal_note ORDER BY size").fetchall()
        return [Note.parse(row[0]) for row in rows]

    def alarm(self) -> str | None:
        with psycopg.connect(self.other.url) as connection:
            row = connection.execute("SELECT why FROM seal_alarm").fetchone()
        return row[0] if row else None


@pytest.fixture
def world(databases: dict[str, Database], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(witness_module, "LOOK_SECONDS", 0.0)
    log, witness = databases["progress"], databases["reporting"]
    for database in (log, witness):
        with psycopg.connect(database.owner_url) as owner:
            owner.execute(
                "DROP TABLE IF EXISTS stored_events, command_receipts, seal_tile, seal_note, seal_alarm,"
                " follower_checkpoint CASCADE"
            )
            owner.execute("DROP TYPE IF EXISTS stored_event_uuid")
            seal(owner)
            if database is log:
                event_log(owner)
            else:
                follower_checkpoint(owner)
                seal_alarm(owner)
    world = World(log, witness, tmp_path)
    yield world
    world.log.close()


def test_what_is_true_is_cosigned_with_the_time_at_which_it_was_seen(world: World) -> None:
    world.store_and_seal(5)
    world.follow()
    world.look()
    world.store_and_seal(2)
    world.follow()
    world.look()
    world.look()
    notes = world.cosigned()
    assert [note.checkpoint.size for note in notes] == [10, 14]
    for number, note in enumerate(notes, start=1):
        assert note.signed_by(world.signer.public)
        assert note.seen_at(world.witness_signer.public) == NOW + timedelta(minutes=number)
    assert Kept(world.folder).newest(f"{WITNESS}/{ORIGIN}") == notes[-1]


def test_a_note_about_events_that_did_not_come_yet_waits(world: World) -> None:
    world.store_and_seal(5)
    world.look()
    assert world.cosigned() == []
    assert world.alarm() is None
    world.follow()
    world.look()
    assert [note.checkpoint.size for note in world.cosigned()] == [10]


def test_a_feed_that_is_read_again_changes_nothing(world: World) -> None:
    world.store_and_seal(5)
    world.follow()
    with psycopg.connect(world.other.url, autocommit=True) as connection:
        connection.execute("DELETE FROM follower_checkpoint")
    world.follow()
    world.look()
    assert [note.checkpoint.size for note in world.cosigned()] == [10]


def test_nobody_answers_and_the_next_look_finds_it(world: World) -> None:
    world.store_and_seal(1)
    world.follow()
    world.wire.away.add(LOG)
    world.look()
    world.wire.away.clear()
    world.look()
    assert len(world.cosigned()) == 1


REWRITES = {
    "changed": "UPDATE stored_events SET state = state || ' ' WHERE notification_id = 3",
    "taken out": "DELETE FROM stored_events WHERE notification_id = 4",
    "a private one changed": "UPDATE stored_events SET state = state || ' ' WHERE notification_id = 1",
    "moved to another stream": "UPDATE stored_events SET originator_id = gen_random_uuid() WHERE notification_id = 2",
}


@pytest.mark.parametrize("what", REWRITES)
def test_a_history_that_was_rewritten_and_sealed_anew_with_the_right_key_is_not_cosigned(
    world: World, what: str
) -> None:
    world.store_and_seal(5)
    world.follow()
    world.look()
    with psycopg.connect(world.database.owner_url) as owner:
        owner.execute(REWRITES[what])  # type: ignore[arg-type]
        owner.execute("DELETE FROM seal_tile")
        owner.execute("DELETE FROM seal_note")
    world.folder.joinpath(f"{ORIGIN.replace('/', '.')}.checkpoint").unlink()
    world.store_and_seal(2)
    world.follow()
    world.restart()
    world.look()
    world.look()
    assert [note.checkpoint.size for note in world.cosigned()] == [10]
    assert world.alarm() is not None


def lose_the_database_of_the_witness(world: World) -> None:
    with psycopg.connect(world.other.owner_url, autocommit=True) as owner:
        owner.execute("TRUNCATE seal_tile, seal_note, seal_alarm, follower_checkpoint")
    world.restart()


def test_a_witness_that_lost_its_database_goes_on_from_what_its_folder_keeps(world: World) -> None:
    for jars in (5, 2):
        world.store_and_seal(jars)
        world.follow()
        world.look()
    lose_the_database_of_the_witness(world)
    world.look()
    assert world.cosigned() == []  # nothing of what it knows has come back yet
    world.follow()
    world.store_and_seal(1)
    world.follow()
    world.look()
    assert world.alarm() is None
    assert [note.checkpoint.size for note in world.cosigned()] == [14, 16]
    assert [len(note.signatures) for note in world.cosigned()] == [2, 2]


def test_a_witness_that_lost_its_database_is_told_no_other_history(world: World) -> None:
    world.store_and_seal(5)
    world.follow()
    world.look()
    lose_the_database_of_the_witness(world)
    with psycopg.connect(world.database.owner_url) as owner:
        owner.execute("UPDATE stored_events SET state = state || ' ' WHERE notification_id = 3")
        owner.execute("TRUNCATE seal_tile, seal_note")
    world.folder.joinpath(f"{ORIGIN.replace('/', '.')}.checkpoint").unlink()
    world.store_and_seal(2)
    world.follow()
    world.look()
    assert world.cosigned() == []
    assert world.alarm() is not None


def test_a_note_in_the_folder_that_is_damaged_is_an_alarm(world: World) -> None:
    world.store_and_seal(1)
    world.follow()
    world.look()
    world.folder.joinpath(f"{WITNESS}/{ORIGIN}.checkpoint".replace("/", ".")).write_text("torn")
    world.store_and_seal(1)
    world.follow()
    world.look()
    assert len(world.cosigned()) == 1
    assert "the folder" in str(world.alarm())


@pytest.mark.parametrize("made_up", ["another key", "another origin", "no note"])
def test_what_is_made_up_is_not_cosigned(world: World, made_up: str) -> None:
    world.store_and_seal(5)
    world.follow()
    [true] = [Note.parse(note) for note in notes_after(world.log, 0).notes]
    other = Signer(ORIGIN, Ed25519PrivateKey.generate())
    said = true.checkpoint
    world.wire.made_up = {
        "another key": [str(note_of(said, other, NOW))],
        "another origin": [
            str(note_of(Checkpoint("prisons.example/else", said.size, said.root), world.signer, NOW))
        ],
        "no note": ["nothing"],
    }[made_up]
    world.look()
    assert world.cosigned() == []
    assert world.alarm() is not None
    world.wire.made_up = None  # once there was an alarm, an operator decides
    world.look()
    assert world.cosigned() == []
