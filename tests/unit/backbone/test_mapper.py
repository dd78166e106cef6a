"""Domain event ↔ stored bytes: what the log keeps for ever, and what it refuses to read."""

import json
import sys
from typing import Any, ClassVar
from uuid import uuid4

import pytest
from eventsourcing.persistence import StoredEvent

from services.backbone.aggregate import Act, Aggregate, Beginning, Fact
from services.backbone.log import EventMapper
from tests.support.jars import Jar, act, filled

MAPPER = EventMapper()
JAR = uuid4()


class Parcel(Aggregate):
    """Its event was `weight` in pounds once, then `grams`, and now says which `unit` as well."""

    TOPIC: ClassVar[str] = "parcels.Parcel"

    class Sent(Beginning):
        TOPIC: ClassVar[str] = "parcels.Parcel.Sent"

    class Weighed(Fact):
        TOPIC: ClassVar[str] = "parcels.Parcel.Weighed"
        class_version: ClassVar[int] = 3
        amount: int
        unit: str

        @staticmethod
        def upcast_v1_v2(state: dict[str, Any]) -> None:
            """Grams instead of pounds."""
            state["grams"] = state.pop("weight") * 454

        @staticmethod
        def upcast_v2_v3(state: dict[str, Any]) -> None:
            """The unit is named."""
            state["amount"], state["unit"] = state.pop("grams"), "g"

    def __init__(self, occurred_at: Any) -> None:
        pass


def stored(topic: str = Jar.PutIn.TOPIC, state: bytes | None = None, **changes: Any) -> StoredEvent:
    """The bytes of an event, with changes; None takes a field away."""
    body = json.loads(MAPPER.to_stored_event(filled(JAR, "a")[1]).state) | changes
    body = {name: value for name, value in body.items() if value is not None}
    return StoredEvent(JAR, 2, topic, json.dumps(body).encode() if state is None else state)


@pytest.mark.parametrize("number", [0, 1, 2], ids=["opened", "first", "second"])
def test_an_event_is_the_same_after_it_was_stored(number: int) -> None:
    event = filled(JAR, "a", "b")[number]
    assert MAPPER.to_domain_event(MAPPER.to_stored_event(event)) == event


def test_the_bytes_do_not_repeat_the_place_in_the_stream() -> None:
    kept = MAPPER.to_stored_event(filled(JAR, "a")[1])
    assert (kept.originator_id, kept.originator_version, kept.topic) == (JAR, 2, "jars.Jar.PutIn")
    assert set(json.loads(kept.state)) == {"timestamp", "occurred_at", "actor", "command_id", "thing"}


@pytest.mark.parametrize("topic", ["os:system", "subprocess:Popen", "jars.Jar", "jars.Jar.Unheard", "", ":"])
def test_a_foreign_topic_is_refused(topic: str) -> None:
    with pytest.raises(ValueError, match="not one of our events"):
        MAPPER.to_domain_event(stored(topic))


def test_nothing_is_imported_because_a_row_names_it() -> None:
    assert "this" not in sys.modules
    with pytest.raises(ValueError, match="not one of our events"):
        MAPPER.to_domain_event(stored("this:d"))
    assert "this" not in sys.modules


@pytest.mark.parametrize("state", [b"", b"{", b"\xff\xfe", b"[]", b"1", b"null", b'"text"', b"{}"])
def test_malformed_bytes_are_a_value_error(state: bytes) -> None:
    with pytest.raises(ValueError):
        MAPPER.to_domain_event(stored(state=state))


@pytest.mark.parametrize(
    "changes",
    [
        {"thing": 7},
        {"thing": ["a"]},
        {"thing": None},
        {"actor": "Ann"},
        {"timestamp": "yesterday"},
        {"occurred_at": "noon"},
        {"command_id": "1"},
    ],
    ids=str,
)
def test_wrong_types_are_a_value_error(changes: dict[str, Any]) -> None:
    MAPPER.to_domain_event(stored())
    with pytest.raises(ValueError):
        MAPPER.to_domain_event(stored(**changes))


def weighed(**body: Any) -> Any:
    now = act().occurred_at.isoformat()
    told = {"timestamp": now, "occurred_at": now, "actor": str(uuid4()), "command_id": str(uuid4())}
    return MAPPER.to_domain_event(
        StoredEvent(JAR, 2, "parcels.Parcel.Weighed", json.dumps(told | body).encode())
    )


@pytest.mark.parametrize(
    "body",
    [
        {"weight": 2},
        {"grams": 908, "class_version": 2},
        {"amount": 908, "unit": "g", "class_version": 3},
    ],
    ids=["v1", "v2", "v3"],
)
def test_every_version_ever_stored_is_read_as_the_newest(body: dict[str, Any]) -> None:
    event = weighed(**body)
    assert (event.amount, event.unit) == (908, "g")


def test_the_newest_version_is_written_with_its_number() -> None:
    parcel = Parcel.begin(Parcel.Sent, JAR, act())
    weight = Act(uuid4(), uuid4(), act().occurred_at, act().recorded_at)
    parcel.record(Parcel.Weighed, weight, amount=5, unit="g")
    first, event = parcel.collect_events()
    kept = MAPPER.to_stored_event(event)
    assert json.loads(kept.state)["class_version"] == 3
    assert "class_version" not in json.loads(MAPPER.to_stored_event(first).state)
    assert MAPPER.to_domain_event(kept) == event


@pytest.mark.parametrize("version", [0, 4, "2", None, 2.5])
def test_a_version_of_tomorrow_is_refused_instead_of_misread(version: Any) -> None:
    with pytest.raises(ValueError, match="is unknown, the newest is 3"):
        weighed(amount=5, unit="g", class_version=version)
