"""What came of an in-person session: from the notes of each day to an outcome, and corrections in both directions."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from services.backbone.aggregate import Act
from services.contracts import progress as contracts
from services.contracts.progress import ClassOutcome, class_record_id_of
from services.progress.domain import ClassRecord, NoteOutcome
from services.progress.domain.class_record import effective_at, outcome_of
from services.progress.feed import to_contract
from tests.support.examples import NOON
from tests.unit.progress.words import ANN, named

CLASS, TRAINER = named("class"), named("trainer")
ENDS = [NOON, NOON + timedelta(days=1)]
Days = tuple[bool | None, ...]


def noting(attended: Days) -> NoteOutcome:
    return NoteOutcome(
        command_id=uuid4(),
        occurred_at=NOON,
        class_id=CLASS,
        person_id=ANN,
        course="in-depth",
        period=1,
        attended=attended,
        language="fr",
        validity_months=24,
        noted_by=TRAINER,
    )


def at(minutes: float = 0.0) -> Act:
    moment = NOON + timedelta(minutes=minutes)
    return Act(TRAINER, uuid4(), moment, moment)


@pytest.mark.parametrize(
    ("attended", "outcome"),
    [
        ((True, True), "completed"),
        ((True,), "completed"),
        ((True, None), "begun"),
        ((None, True), "begun"),
        ((True, False), "partial"),
        ((False, True), "partial"),
        ((False, False), "absent"),
        ((False, None), "absent"),
        ((True, False, None), "begun"),
    ],
)
def test_what_is_known_of_each_day_makes_the_outcome(attended: Days, outcome: ClassOutcome) -> None:
    assert outcome_of(attended) == outcome


def test_every_note_is_an_event_of_its_own_and_the_last_one_holds() -> None:
    record = ClassRecord.note(noting((True, None)), at())
    for days in ((True, True), (True, False), (True, True)):
        record.note_again(noting(days), at())
    events = list(record.collect_events())
    assert [event.outcome for event in events] == ["begun", "completed", "partial", "completed"]  # type: ignore[attr-defined]
    assert {event.originator_id for event in events} == {class_record_id_of(CLASS, ANN)}


def test_the_same_note_once_more_changes_nothing() -> None:
    record = ClassRecord.note(noting((True, True)), at())
    record.collect_events()
    record.note_again(noting((True, True)), at(5))
    assert list(record.collect_events()) == []


@pytest.mark.parametrize(
    ("attended", "noted", "effective"),
    [
        ((True, None), NOON + timedelta(days=3), ENDS[0]),
        ((True, True), NOON + timedelta(days=3), ENDS[1]),
        ((None, False), NOON + timedelta(days=3), ENDS[1]),
        ((True, True), ENDS[1] - timedelta(hours=6), ENDS[1] - timedelta(hours=6)),
        ((True, None), NOON - timedelta(hours=1), NOON - timedelta(hours=1)),
    ],
)
def test_it_takes_effect_with_the_last_day_that_is_known_and_never_in_the_future(
    attended: Days, noted: datetime, effective: datetime
) -> None:
    assert effective_at(attended, ENDS, noted) == effective


def test_a_later_note_never_takes_effect_before_an_earlier_one() -> None:
    notes: list[tuple[Days, float]] = [
        ((None, True), 20.0),
        ((True, True), 20.5),
        ((True, False), 40.0),
        ((True, True), 900.0),
    ]
    moments = [effective_at(days, ENDS, NOON + timedelta(hours=hours)) for days, hours in notes]
    assert moments == sorted(moments)


def test_both_kinds_of_event_have_one_public_face_that_says_all_of_it() -> None:
    record = ClassRecord.note(noting((True, None)), at())
    record.note_again(noting((True, True)), at(60))
    for event in record.collect_events():
        told = to_contract(event)  # type: ignore[arg-type]
        assert isinstance(told, contracts.ClassOutcomeNoted)
        stored = {
            "originator_id",
            "originator_version",
            "originator_topic",
            "timestamp",
            "actor",
            "command_id",
        }
        assert set(vars(event)) - stored == set(type(told).model_fields) - {"type", "version", "record_id"}
        for field in type(told).model_fields.keys() - {"type", "version", "record_id"}:
            assert getattr(told, field) == getattr(event, field), field
        assert told.record_id == class_record_id_of(CLASS, ANN)
    assert told.person_id == ANN and isinstance(told.class_id, UUID)
