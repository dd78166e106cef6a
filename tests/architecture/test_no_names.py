"""No names in streams: no event, stored or public, has a place for a person's name, number or address."""

import dataclasses
import typing
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

import pytest
from pydantic import BaseModel

from services.backbone.aggregate import Fact
from services.contracts.message import Event, FeedItem
from services.contracts.scheduling import DirectoryEntry
from tests.contracts.golden import all_messages, stored_events, type_of

SUSPICIOUS = (
    "name",
    "given",
    "family",
    "surname",
    "staff_number",
    "badge",
    "matricule",
    "email",
    "mail",
    "phone",
    "address",
    "birth",
    "national",
    "login",
    "user",
    "remark",
    "comment",
    "note",
    "free_text",
)
NAMES_OF_THINGS = {
    "scheduling.unit_created: name",
    "scheduling.Organisation.UnitCreated: name",
    "scheduling.unit_renamed: name",
    "scheduling.Organisation.UnitRenamed: name",
    "scheduling.room_opened: name",
    "scheduling.room_changed: name",
    "scheduling.Room.Opened: name",
    "scheduling.Room.Changed: name",
}
"""Units and rooms have names; they are not persons."""

EVENTS = [kind for kind in all_messages() if issubclass(kind, Event)]


def fields(kind: Any, seen: frozenset[Any] = frozenset()) -> Iterator[str]:
    """The names of all fields of a class, and of the classes within it."""
    if kind in seen:
        return
    hints: dict[str, Any] = {}
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        hints = {name: field.annotation for name, field in kind.model_fields.items()}
    elif isinstance(kind, type) and dataclasses.is_dataclass(kind):
        types = typing.get_type_hints(kind)
        hints = {field.name: types[field.name] for field in dataclasses.fields(kind)}
    else:
        parts = typing.get_args(kind)
        for part in parts[:1] if typing.get_origin(kind) is Annotated else parts:
            yield from fields(part, seen | {kind})
    for name, part in hints.items():
        yield name
        yield from fields(part, seen | {kind})


def suspects(kind: Any, called: str) -> set[str]:
    """Fields that sound like a person, except those known to be of things."""
    found = {f"{called}: {name}" for name in fields(kind) if any(word in name for word in SUSPICIOUS)}
    return found - NAMES_OF_THINGS


@pytest.mark.parametrize("kind", EVENTS, ids=type_of)
def test_a_public_event_has_no_place_for_a_name(kind: type[Event]) -> None:
    assert suspects(kind, type_of(kind)) == set()


@pytest.mark.parametrize("kind", stored_events(), ids=lambda kind: kind.TOPIC)
def test_a_stored_event_has_no_place_for_a_name(kind: Any) -> None:
    assert suspects(kind, kind.TOPIC) == set()


def test_neither_has_what_travels_beside_an_event() -> None:
    assert suspects(FeedItem, "feed item") == set()


def test_the_directory_is_where_names_are() -> None:
    """The words above know a name when they see one."""
    found = suspects(DirectoryEntry, "entry")
    assert found >= {f"entry: {name}" for name in ("given_name", "family_name", "staff_number", "email")}


class Somebody(BaseModel):
    """Who it was."""

    person_id: UUID
    family_name: str


class Planted(Event):
    """A public event with a name hidden in a part of it."""

    type: Literal["planted.joined"] = "planted.joined"
    version: Literal[1] = 1
    who: tuple[Somebody, ...]
    until: datetime | None = None


class PlantedFact(Fact):
    """A stored event with an address."""

    TOPIC: ClassVar[str] = "planted.Joined"
    work_email: str | None


def test_a_name_that_is_planted_is_found() -> None:
    assert suspects(Planted, "planted") == {"planted: family_name"}
    assert suspects(PlantedFact, "planted") == {"planted: work_email"}
