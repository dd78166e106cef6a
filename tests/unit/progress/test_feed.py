"""The public face of what progress stores: every event has one, and it says what the event says."""

from typing import Any

import pytest

from services.contracts import progress as contracts
from services.progress.domain import RecordFact, TrainingRecord
from services.progress.feed import to_contract
from tests.unit.progress.words import (
    FAILED_THREE_TIMES,
    PASSED,
    PC_B,
    RECORD,
    ended,
    language,
    record,
    session,
)

STORY = (*PASSED, session(PC_B), language(PC_B, "nl"), ended(PC_B))


def told(*decisions: Any) -> list[Any]:
    whole = record()
    for decide in decisions:
        decide(whole)
    return list(whole.collect_events())


EVENTS = {type(event): event for event in (*told(*FAILED_THREE_TIMES), *told(*STORY))}
KINDS = {k for k in vars(TrainingRecord).values() if isinstance(k, type) and issubclass(k, RecordFact)}
"""All kinds of stored event, found in the code itself."""


def test_the_stories_of_these_tests_hold_every_kind_of_event() -> None:
    assert set(EVENTS) == KINDS


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
def test_every_event_has_its_public_face_with_the_same_facts(kind: type[RecordFact]) -> None:
    event = EVENTS[kind]
    contract = to_contract(event)
    assert type(contract) is getattr(contracts, kind.__name__)
    assert contract.record_id == RECORD
    for field in type(contract).model_fields.keys() - {"type", "version", "record_id"}:
        assert getattr(contract, field) == getattr(event, field), field
    assert type(contract).model_validate_json(contract.model_dump_json()) == contract


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
def test_nothing_but_who_did_it_stays_private(kind: type[RecordFact]) -> None:
    stored = {"originator_id", "originator_version", "originator_topic", "timestamp", "actor", "command_id"}
    shown = set(type(to_contract(EVENTS[kind])).model_fields) - {"type", "version", "record_id"}
    assert set(vars(EVENTS[kind])) - stored == shown


def test_an_event_without_a_public_face_is_a_mistake_in_the_code() -> None:
    class Forgotten(RecordFact):
        pass

    some = EVENTS[TrainingRecord.SessionEnded]
    forgotten = Forgotten(
        originator_id=some.originator_id,
        originator_version=9,
        timestamp=some.timestamp,
        occurred_at=some.occurred_at,
        actor=some.actor,
        command_id=some.command_id,
        person_id=some.person_id,
        course=some.course,
        course_version=some.course_version,
    )
    with pytest.raises(ValueError, match="Forgotten has no public face"):
        to_contract(forgotten)
