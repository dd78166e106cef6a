"""One person: a transcript and a history say the same, and people are found."""

from datetime import timedelta
from random import Random

import pytest

from services.contracts import progress
from services.contracts.access import Role
from services.contracts.reporting.audit import AskHistory
from services.contracts.reporting.people import AskPeople
from services.contracts.reporting.transcripts import AskMyTraining
from services.reporting.application import Application
from tests.integration.reporting.asking import AUDITOR, COURSE, NOW, actor
from tests.integration.reporting.conftest import Live
from tests.integration.reporting.world import START, World


def test_a_transcript_sums_up_what_a_history_tells(live: Live, application: Application) -> None:
    world = World(Random(2), people_count=3)
    ann, bob, _ = world.people
    world.assign(ann, COURSE, NOW.date() + timedelta(days=400))
    graded = {"asked": 5, "answers": {"q01": ("b",)}, "wrong": (), "language": "nl"}
    world.step(ann, COURSE, progress.RecordOpened, period=1, language="fr")
    for module in ("introduction", "indicators", "indicators"):
        world.step(ann, COURSE, progress.ModuleCompleted, module=module, language="fr")
    world.step(ann, COURSE, progress.QuizFailed, attempt=1, right=2, attempts_left=2, **graded)
    world.step(ann, COURSE, progress.QuizPassed, attempt=2, right=5, **graded)
    world.step(ann, COURSE, progress.CourseCompleted, validity_months=24)
    live.catch_up(world)

    mine = application.my_training(actor(ann, Role.LEARNER), AskMyTraining())
    (line,) = mine.lines
    assert (line.course, line.period, line.course_version, line.status) == (COURSE, 1, 1, "passed")
    assert (line.modules_completed, line.modules) == (2, 3)
    assert [(right, asked) for _, right, asked in line.attempts] == [(2, 5), (5, 5)]
    told = [(step.kind, step.part or step.right) for step in line.steps]
    assert sorted(told, key=str) == [
        ("assigned", None),
        ("attempt", 2),
        ("attempt", 5),
        ("completed", None),
        ("opened", None),
        ("part_completed", "indicators"),
        ("part_completed", "indicators"),
        ("part_completed", "introduction"),
    ]
    happened = [step.occurred_at for step in line.steps]
    assert happened == sorted(happened)
    acts = [step.occurred_at for step in line.steps if step.kind != "assigned"]
    assert line.last_active_at == acts[-1]
    assert line.expires_on is not None and line.record_id == progress.record_id_of(ann, COURSE)
    assert (mine.given_name, mine.positions["progress"]) == (
        "Given 0",
        world.feeds["progress"][-1].position,
    )

    history = application.history(AUDITOR, AskHistory(person_id=ann))
    about_ann = [
        item
        for feed in ("scheduling", "progress")
        for item in world.feeds[feed]
        if getattr(item.event, "person_id", None) == ann
    ]
    assert len(history.lines) == len(about_ann)
    assert [line.occurred_at for line in history.lines] == sorted(line.occurred_at for line in history.lines)
    by_place = {(line.type, line.position): line for line in history.lines}
    for item in about_ann:
        told = by_place[item.event.type, item.position]
        assert (told.stream_id, told.actor, told.command_id) == (item.stream_id, item.actor, item.command_id)
        assert (told.digest, told.recorded_at) == (item.digest, item.recorded_at)
        assert type(item.event).model_validate_json(item.event.model_dump_json()) == item.event
        assert type(item.event).model_validate(told.event) == item.event
    before = application.history(AUDITOR, AskHistory(person_id=ann, known_at=START - timedelta(days=1)))
    assert before.lines == ()
    assert application.my_training(actor(bob, Role.LEARNER), AskMyTraining()).lines == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("amélie", ["Amélie"]),
        ("AMELIE", ["Amélie"]),
        ("pee ame", ["Amélie"]),
        ("peeters", ["Amélie", "Zoë"]),
        ("zoe", ["Zoë"]),
        ("bossche", ["Françoise"]),
        ("van den b", ["Françoise"]),
        ("vandenb", ["Françoise"]),
        ("s2", ["Françoise"]),
        ("eters", []),
        ("peeters françoise", []),
        ("' OR 1=1 --", []),
        ("%%", []),
    ],
)
def test_people_are_found_by_the_beginnings_of_their_names(
    live: Live, application: Application, text: str, found: list[str]
) -> None:
    world = World(Random(9), people_count=3)
    for number, names in enumerate(
        (("Amélie", "Peeters"), ("Zoë", "Peeters"), ("Françoise", "Van den Bossche"))
    ):
        world.name(world.people[number], number, *names)
    live.catch_up(world)
    told = application.find(AUDITOR, AskPeople(text=text))
    assert [line.given_name for line in told.lines] == found
    assert not told.more


def test_a_person_is_found_by_id_with_the_unit_of_today_and_erased_without_a_name(
    live: Live, application: Application
) -> None:
    world = World(Random(10), people_count=3)
    ann, bob, _ = world.people
    world.place(ann, world.teams[0])
    live.catch_up(world)
    (line,) = application.find(AUDITOR, AskPeople(text=f" {ann} ")).lines
    assert (line.person_id, line.given_name, line.staff_number) == (ann, "Given 0", "S0")
    assert line.unit_id == world.teams[0]
    assert line.unit_name == {"fr": "Unité 6", "nl": "Eenheid 6"}
    assert application.find(AUDITOR, AskPeople(text=str(world.uuid()))).lines == ()
    page = application.find(AUDITOR, AskPeople(text="given", limit=2))
    assert ([line.given_name for line in page.lines], page.more) == (["Given 0", "Given 1"], True)
    world.name(bob, -1)
    live.catch_up(world)
    assert application.find(AUDITOR, AskPeople(text="given 1")).lines == ()
    (line,) = application.find(AUDITOR, AskPeople(text=str(bob))).lines
    assert (line.person_id, line.family_name) == (bob, None)
