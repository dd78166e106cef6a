"""A walker's commands are valid, each makes one event, and the same seed makes the same ones."""

from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from deploy.bench.walker import EVENTS_EACH, Part, Walker, Way, way_of
from services.backbone.aggregate import Act
from services.backbone.commands import Streams
from services.contracts.access import Actor, Role
from services.contracts.progress import ProgressCommand
from services.progress.application import Decisions
from tests.support.examples import ANSWER_KEYS, NOON, PUBLISHED

ANN = UUID(int=1)
WAY = Way(
    PUBLISHED.course,
    1,
    tuple(Part(m.id, tuple(c.id for c in m.checkpoints)) for m in PUBLISHED.modules if not m.test),
)
COMMAND: TypeAdapter[Any] = TypeAdapter(ProgressCommand)


class Catalogue:
    """Stands for progress' database: one course, nobody left."""

    def select(self, query: str, params: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        if "departed" in query:
            return []
        if "max(version)" in query:
            return [(PUBLISHED.course, 1)]
        keys = [key.model_dump(mode="json") for key in ANSWER_KEYS.questions]
        return [(PUBLISHED.model_dump(mode="json"), keys)]


def walker(seed: object = 1, first_period: int = 1) -> Walker:
    ticks = count()
    return Walker(ANN, WAY, seed, lambda: NOON + timedelta(seconds=next(ticks)), first_period=first_period)


def test_every_command_is_valid_and_makes_one_event_over_three_periods() -> None:
    decisions = Decisions(Catalogue(), lambda pool, n: list(pool)[:n])  # type: ignore[arg-type]
    ann = Actor(person_id=ANN, roles=frozenset({Role.LEARNER}), expires_at=NOON)
    streams, ann_walks = Streams({}), walker()
    for _ in range(3 * WAY.commands_each_period):
        sent = ann_walks.next()
        command = COMMAND.validate_python(sent.body, strict=False)
        deliberation = decisions.prepare([(ann, command)])
        act = Act(ANN, command.command_id, command.occurred_at, command.occurred_at)
        deliberation.decide(command, ann, act, streams)
        made = [event for record in streams.loaded.values() for event in record.collect_events()]
        assert len(made) == EVENTS_EACH, sent.type
    assert len(streams.loaded) == 3


def test_the_same_seed_makes_the_same_commands_and_another_one_others() -> None:
    def ids(seed: object) -> list[UUID]:
        walk = walker(seed)
        return [walk.next().id for _ in range(50)]

    assert ids(1) == ids(1)
    assert not set(ids(1)) & set(ids(2))


def test_another_first_period_is_another_record_with_other_command_ids() -> None:
    first, later = walker(), walker(first_period=7)
    assert later.next().body["period"] == 7
    assert first.next().body["period"] == 1
    assert first.next().body["record_id"] != later.next().body["record_id"]


def test_the_way_leaves_the_test_out() -> None:
    view = {
        "course": "c",
        "course_version": 2,
        "modules": [
            {"id": "one", "test": False, "pages": [["a", "text", "A"], ["b", "clip", "B"]]},
            {"id": "exam", "test": True, "pages": [["x", "text", "X"]]},
        ],
    }
    assert way_of(view) == Way("c", 2, (Part("one", ("a", "b")),))
    assert way_of(view).commands_each_period == 6
