"""Sealing on PostgreSQL: what is stored comes under the seal, and only what extends it is signed for."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from prometheus_client import REGISTRY

from services.backbone.log import EventLog
from services.backbone.schema import event_log, seal
from services.backbone.seal import sealer as sealer_module
from services.backbone.seal.audit import Tampered, check_seal
from services.backbone.seal.kept import Kept
from services.backbone.seal.notes import Note, Signer
from services.backbone.seal.sealer import SealBroken, Sealer, notes_after
from services.backbone.seal.trees import Tree
from tests.integration.conftest import Database
from tests.support.jars import filled

LOG = "progress"
ORIGIN = "prisons.example/progress"
SIZE = 300  # more than one tile


class World:
    """A log, its sealer, the folder of the newest note, a clock that is moved by hand."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.folder = folder
        self.now = datetime(2026, 3, 1, tzinfo=UTC)
        self.signer = Signer(ORIGIN, Ed25519PrivateKey.generate())
        self.log = EventLog(LOG, database.url)
        self.sealer = self.another_sealer()

    def another_sealer(self) -> Sealer:
        """As after a restart."""
        return Sealer(LOG, self.database.url, self.signer, Kept(self.folder), lambda: self.now)

    def store(self, events: int) -> None:
        """Store so many events."""
        self.log.append([event for _ in range(events) for event in filled(uuid4())], [])

    def seal(self) -> None:
        """Seal all that is there; a minute has gone by."""
        self.now += timedelta(minutes=1)
        with psycopg.connect(self.database.url, autocommit=True) as connection:
            self.sealer.seal(connection)

    def check(self) -> int:
        with psycopg.connect(self.database.url, autocommit=True) as connection:
            return check_seal(connection, LOG, ORIGIN, [self.signer.public])

    def notes(self) -> list[Note]:
        return [Note.parse(note) for note in notes_after(self.log, 0).notes]

    def as_superuser(self, statement: str, *params: object) -> None:
        with psycopg.connect(self.database.owner_url, autocommit=True) as owner:
            assert owner.execute(statement, params).rowcount > 0  # type: ignore[arg-type]


@pytest.fixture
def world(databases: dict[str, Database], tmp_path: Path) -> Iterator[World]:
    database = databases[LOG]
    with psycopg.connect(database.owner_url) as owner:
        owner.execute("DROP TABLE IF EXISTS stored_events, command_receipts, seal_tile, seal_note CASCADE")
        owner.execute("DROP TYPE IF EXISTS stored_event_uuid")
        event_log(owner)
        seal(owner)
    world = World(database, tmp_path)
    yield world
    world.log.close()


def test_what_is_stored_comes_under_the_seal_once_and_is_signed_for(world: World) -> None:
    world.store(SIZE)
    world.seal()
    world.store(7)
    world.seal()
    world.seal()  # nothing is new: nothing is signed
    assert [note.checkpoint.size for note in world.notes()] == [SIZE, SIZE + 7]
    assert all(note.signed_by(world.signer.public) for note in world.notes())
    assert world.check() == SIZE + 7
    assert Kept(world.folder).newest(ORIGIN) == world.notes()[-1]


def test_pages_make_the_same_tree_as_one_piece(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.store(SIZE)
    monkeypatch.setattr(sealer_module, "PAGE", 7)
    world.seal()
    with psycopg.connect(world.database.url) as connection:
        in_pages = Tree(connection.cursor(), ORIGIN).root()
        connection.execute("UPDATE seal_tile SET origin = 'another'")
        connection.commit()
    world.folder.joinpath(f"{ORIGIN.replace('/', '.')}.checkpoint").unlink()
    world.as_superuser("DELETE FROM seal_note")
    monkeypatch.undo()
    world.seal()
    assert world.notes()[-1].checkpoint.root == in_pages


def test_a_signature_is_given_at_most_so_often(world: World) -> None:
    world.store(1)
    world.seal()
    world.store(1)
    world.now -= timedelta(minutes=1)
    world.seal()
    assert [note.checkpoint.size for note in world.notes()] == [1]
    world.seal()
    assert [note.checkpoint.size for note in world.notes()] == [1, 2]


def test_killed_between_folder_and_database_the_note_comes_to_the_database_later(world: World) -> None:
    world.store(3)
    world.seal()
    world.as_superuser("DELETE FROM seal_note")
    world.as_superuser("DELETE FROM seal_tile")
    world.sealer = world.another_sealer()
    world.seal()
    assert [note.checkpoint.size for note in world.notes()] == [3]
    assert world.check() == 3


ENDS = {
    "the end was cut": (
        "DELETE FROM stored_events WHERE notification_id > 290",
        "position 300 was sealed, and is not there",
    ),
    "the newest event was changed": (
        "UPDATE stored_events SET state = state || ' ' WHERE notification_id = 300",
        "position 300 was sealed, and is not there",
    ),
    "the tree was made anew from a changed log": (
        "WITH changed AS (UPDATE stored_events SET state = state || ' ' WHERE notification_id = 17 RETURNING 1)"
        " DELETE FROM seal_tile",
        "300 events were signed for; now there are 300, and they are not the same",
    ),
    "an old backup was restored": (
        "WITH lost AS (DELETE FROM stored_events WHERE notification_id > 100 RETURNING 1) DELETE FROM seal_tile",
        "300 events were signed for; now there are 100",
    ),
    "a node was changed": (
        "UPDATE seal_tile SET hashes = '\\x00' || substr(hashes, 2) WHERE level = 1",
        "300 events were signed for; now there are 300, and they are not the same",
    ),
}


@pytest.mark.parametrize("what", ENDS)
def test_nothing_is_signed_any_more_when(world: World, what: str) -> None:
    world.store(SIZE)
    world.seal()
    statement, why = ENDS[what]
    world.as_superuser(statement)
    world.sealer = world.another_sealer()
    with pytest.raises(SealBroken, match=why):
        world.seal()
    assert [note.checkpoint.size for note in world.notes()] == [SIZE]
    assert [note.checkpoint.size for note in [Kept(world.folder).newest(ORIGIN)] if note] == [SIZE]


def test_nothing_is_signed_when_the_folder_lost_its_note_or_holds_one_of_somebody_else(world: World) -> None:
    world.store(2)
    world.seal()
    file = world.folder / f"{ORIGIN.replace('/', '.')}.checkpoint"
    note = file.read_text()
    file.unlink()
    with pytest.raises(SealBroken, match="has none"):
        world.seal()
    file.write_text(note.replace("\n2\n", "\n1\n"))
    with pytest.raises(SealBroken, match="is false"):
        world.seal()
    file.write_text("torn")
    with pytest.raises(SealBroken, match="damaged"):
        world.seal()
    file.write_text(note)
    world.seal()


def alarm() -> bool:
    return REGISTRY.get_sample_value("parcours_seal_broken", {"log": LOG}) == 1.0


def test_a_broken_seal_is_an_alarm_that_stays_and_nothing_is_signed_any_more(world: World) -> None:
    world.store(3)
    world.seal()
    assert not alarm()
    world.as_superuser("DELETE FROM stored_events WHERE notification_id = 3")
    world.now += timedelta(minutes=1)
    seen: list[bool] = []

    def stop() -> bool:
        seen.append(alarm())
        return sum(seen) > 2 or len(seen) > 60  # it goes on for a while, with the alarm

    world.sealer.run(stop)
    assert sum(seen) >= 3
    assert [note.checkpoint.size for note in world.notes()] == [3]


def test_a_folder_that_is_away_for_a_time_is_no_alarm(world: World) -> None:
    world.store(3)
    world.folder.rmdir()
    looks: list[int] = []

    def stop() -> bool:
        looks.append(1)
        if len(looks) == 5:
            world.folder.mkdir()
        return bool(len(looks) > 60 or world.notes())

    world.sealer.run(stop)
    assert [note.checkpoint.size for note in world.notes()] == [3]
    assert len(looks) > 5


TAMPERINGS = {
    "changed": (
        "UPDATE stored_events SET state = state || ' ' WHERE notification_id = 123",
        "leaf 122, position 123, .*: this event is not the one that was sealed",
    ),
    "given another topic": (
        "UPDATE stored_events SET topic = 'other' WHERE notification_id = 5",
        "leaf 4, position 5, .*: this event is not the one that was sealed",
    ),
    "moved to another stream": (
        "UPDATE stored_events SET originator_id = gen_random_uuid() WHERE notification_id = 300",
        "leaf 299, position 300, .*: this event is not the one that was sealed",
    ),
    "taken out": (
        "DELETE FROM stored_events WHERE notification_id = 256",
        "leaf 255, position 257, .*: the event before this one was taken out",
    ),
    "taken from the end": (
        "DELETE FROM stored_events WHERE notification_id > 298",
        "leaf 298: this event and all after it are gone",
    ),
    "put in": (
        "INSERT INTO stored_events (originator_id, originator_version, topic, state, notification_id)"
        " SELECT gen_random_uuid(), 1, topic, state, 0 FROM stored_events WHERE notification_id = 9",
        "leaf 0, position 0, .*: this event was put in later",
    ),
    "exchanged": (
        "UPDATE stored_events a SET state = b.state FROM stored_events b WHERE a.notification_id = 40"
        " AND b.notification_id = 41 AND a.state <> b.state",
        "leaf 39, position 40, .*: this event is not the one that was sealed",
    ),
    "given another leaf": (
        "UPDATE seal_tile SET hashes = '\\x00' || substr(hashes, 2) WHERE level = 0 AND number = 1",
        "leaf 256, position 257, .*: this event is not the one that was sealed",
    ),
    "given another node": (
        "UPDATE seal_tile SET hashes = '\\x00' || substr(hashes, 2) WHERE level = 1",
        "the nodes at level 8, from 0 on, are not those of the leaves",
    ),
    "given another note": (
        "UPDATE seal_note SET note = replace(note, E'\\n300\\n', E'\\n299\\n')",
        "the note over 300 events is about another tree",
    ),
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_whoever_looks_again_finds_what_was(world: World, what: str) -> None:
    statement, found = TAMPERINGS[what]
    world.store(SIZE // 2)
    world.store(SIZE // 2)
    world.seal()
    assert world.check() == SIZE
    world.as_superuser(statement)
    with pytest.raises(Tampered, match=found):
        world.check()


def test_a_note_that_was_signed_with_another_key_is_found(world: World) -> None:
    world.store(3)
    world.seal()
    world.signer = Signer(ORIGIN, Ed25519PrivateKey.generate())
    with pytest.raises(Tampered, match=r"not signed by prisons\.example/progress"):
        world.check()


def test_the_service_itself_cannot_take_a_note_back(world: World) -> None:
    world.store(3)
    world.seal()
    with (
        psycopg.connect(world.database.url) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("DELETE FROM seal_note")
