"""Every version ever published, of messages and of stored events, is kept as a file and can still be read."""

import importlib
import json
import re
from pathlib import Path
from typing import Any, Literal, get_args
from uuid import uuid4

import pytest
from eventsourcing.persistence import StoredEvent
from pydantic import TypeAdapter, ValidationError, create_model

from services.backbone.log import EventMapper
from services.contracts import content, progress, scheduling
from services.contracts.message import Command, Event, Message, upcast
from tests.contracts import golden, specimens
from tests.contracts.golden import (
    PUBLISHED,
    STORED,
    all_messages,
    fault_of,
    published_file,
    published_text,
    stored_events,
    stored_file,
    stored_text,
    type_of,
    version_of,
)

MESSAGES = all_messages()
EVENTS = stored_events()
MAPPER = EventMapper()
READERS: dict[str, TypeAdapter[Any]] = {
    "content": TypeAdapter(content.ContentEvent | content.ContentCommand),
    "progress": TypeAdapter(progress.ProgressEvent | progress.ProgressCommand),
    "scheduling": TypeAdapter(scheduling.SchedulingEvent | scheduling.SchedulingCommand),
}
every_message = pytest.mark.parametrize("kind", MESSAGES, ids=type_of)
every_event = pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.TOPIC)


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.json"))


def versions_kept(folder: Path, name: str) -> list[int]:
    """The versions of a message or event that have a golden file."""
    found = (re.fullmatch(rf"{re.escape(name)}\.v(\d+)\.json", file.name) for file in folder.iterdir())
    return sorted(int(match[1]) for match in found if match)


# --- messages ------------------------------------------------------------------------------------


@every_message
def test_a_message_looks_as_it_did_when_its_version_was_published(kind: type[Message]) -> None:
    assert fault_of(published_file(kind), published_text(kind)) is None


@every_message
def test_every_version_of_a_message_since_the_first_is_kept(kind: type[Message]) -> None:
    assert versions_kept(PUBLISHED, type_of(kind)) == list(range(1, version_of(kind) + 1))


@pytest.mark.parametrize("file", files(PUBLISHED), ids=lambda file: file.stem)
def test_every_message_ever_published_can_be_read(file: Path) -> None:
    reader = READERS[file.name.partition(".")[0]]
    for body in json.loads(file.read_text(encoding="utf-8")).values():
        read = reader.validate_python(upcast(body))
        assert file.name.startswith(f"{read.type}.v")
        assert type(read).model_validate_json(read.model_dump_json()) == read


@every_message
def test_a_message_is_frozen_and_closed(kind: type[Message]) -> None:
    message: Any = specimens.full(kind)
    with pytest.raises(ValidationError, match="frozen"):
        message.type = "another"
    with pytest.raises(ValidationError, match="Extra inputs"):
        kind.model_validate(message.model_dump() | {"surprise": 1})


@every_message
def test_a_message_can_be_read_wherever_its_kind_is_expected(kind: type[Message]) -> None:
    """A new event or command that was left out of its service's union would be lost on the way."""
    message = specimens.full(kind)
    reader = READERS[type_of(kind).partition(".")[0]]
    assert reader.validate_json(message.model_dump_json()) == message


def test_types_are_unique_and_name_their_service() -> None:
    types = [type_of(kind) for kind in MESSAGES]
    assert len(set(types)) == len(types)
    for kind in MESSAGES:
        service = kind.__module__.split(".")[2]
        assert re.fullmatch(rf"{service}\.[a-z_]+", type_of(kind))
        assert re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower() == type_of(kind).partition(".")[2]


def test_every_event_has_a_version() -> None:
    for kind in MESSAGES:
        if issubclass(kind, Event):
            assert get_args(kind.model_fields["version"].annotation) == (version_of(kind),)


# --- stored events -------------------------------------------------------------------------------


@every_event
def test_an_event_is_stored_as_it_was_when_its_version_was_new(kind: type[Any]) -> None:
    assert fault_of(stored_file(kind), stored_text(kind)) is None


@every_event
def test_every_version_of_an_event_since_the_first_is_kept(kind: type[Any]) -> None:
    assert versions_kept(STORED, kind.TOPIC) == list(range(1, version_of(kind) + 1))


@pytest.mark.parametrize("file", files(STORED), ids=lambda file: file.stem)
def test_every_event_ever_stored_can_be_read_and_has_its_public_face(file: Path) -> None:
    topic = re.sub(r"\.v\d+\.json$", "", file.name)
    to_contract = importlib.import_module(f"services.{topic.partition('.')[0]}.feed").to_contract
    for body in json.loads(file.read_text(encoding="utf-8")).values():
        event = MAPPER.to_domain_event(StoredEvent(uuid4(), 1, topic, json.dumps(body).encode()))
        assert topic == type(event).TOPIC
        contract = to_contract(event)
        if contract is not None:
            assert type(contract).model_validate_json(contract.model_dump_json()) == contract


# --- seen to fail --------------------------------------------------------------------------------


class ThingMoved(Event):
    """A message as it was published once."""

    type: Literal["golden.thing_moved"] = "golden.thing_moved"
    version: Literal[1] = 1
    thing: str
    steps: int | None = None


class MoveThing(Command):
    """A command as it was published once."""

    type: Literal["golden.move_thing"] = "golden.move_thing"
    thing: str


CHANGES: dict[str, dict[str, Any]] = {
    "a field more": {"place": (str, ...)},
    "an optional field more": {"place": (str | None, None)},
    "another type": {"thing": (int, ...)},
    "a field that may be missing now": {"thing": (str, "x")},
    "a field that may not be missing any more": {"steps": (int, ...)},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("kind", [ThingMoved, MoveThing], ids=["event", "command"])
def test_a_changed_shape_without_a_new_version_is_caught(
    tmp_path: Path, kind: type[Message], change: dict[str, Any]
) -> None:
    file = published_file(kind, tmp_path)
    file.write_text(published_text(kind))
    assert fault_of(file, published_text(kind)) is None
    changed = create_model(kind.__name__, __base__=kind, **change)
    fault = fault_of(published_file(changed, tmp_path), published_text(changed))
    assert fault is not None and "no longer fits its class" in fault


def test_a_field_less_is_caught(tmp_path: Path) -> None:
    class Less(Event):
        type: Literal["golden.thing_moved"] = "golden.thing_moved"
        version: Literal[1] = 1
        thing: str

    file = published_file(ThingMoved, tmp_path)
    file.write_text(published_text(ThingMoved))
    assert fault_of(file, published_text(Less)) is not None


def test_a_message_without_a_golden_file_is_caught(tmp_path: Path) -> None:
    fault = fault_of(published_file(ThingMoved, tmp_path), published_text(ThingMoved))
    assert fault is not None and "golden.thing_moved.v1.json is missing" in fault


def test_a_new_version_asks_for_a_new_file_and_leaves_the_old_one(tmp_path: Path) -> None:
    published_file(ThingMoved, tmp_path).write_text(published_text(ThingMoved))
    second = create_model("ThingMoved", __base__=ThingMoved, version=(Literal[2], 2), place=(str, ...))
    assert published_file(second, tmp_path).name == "golden.thing_moved.v2.json"
    assert fault_of(published_file(second, tmp_path), published_text(second)) is not None
    assert fault_of(published_file(ThingMoved, tmp_path), published_text(ThingMoved)) is None


@pytest.mark.parametrize("kind", EVENTS[:3], ids=lambda kind: kind.TOPIC)
def test_a_stored_event_that_changed_is_caught(tmp_path: Path, kind: type[Any]) -> None:
    file = stored_file(kind, tmp_path)
    body = json.loads(stored_text(kind))
    body["full"]["renamed"] = body["full"].pop("actor")
    file.write_text(golden._text(body["minimal"], body["full"]))
    assert fault_of(file, stored_text(kind)) is not None
    with pytest.raises(ValidationError):
        MAPPER.to_domain_event(StoredEvent(uuid4(), 1, kind.TOPIC, json.dumps(body["full"]).encode()))
