"""Rebuilt equals live: rows depend on the set of events, not on pages, interleaving or crashes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from random import Random
from typing import Any

import psycopg
import pytest

from services.backbone.follower import LostRace, apply_page
from services.contracts.reporting.operation import ModelProof
from services.reporting.models import FEEDS, READ_MODELS
from services.reporting.rebuild import Rebuild, Turn
from tests.integration.reporting.conftest import Live
from tests.integration.reporting.world import World


def rebuild(
    live: Live, world: World, *, swap: bool = True, models: Sequence[Any] = READ_MODELS
) -> tuple[list[ModelProof], str | None]:
    turn = Turn()
    turn.database = live.database
    return Rebuild(live.url, FEEDS, models, turn, world.read).run(swap=swap)


def schema_of(live: Live, name: str) -> str:
    row = live.database.execute(
        "SELECT schema_name FROM read_model_place WHERE read_model = %s", (name,)
    ).fetchone()
    assert row is not None
    return str(row[0])


class _Crash(Exception):
    pass


class _Fragile:
    """A read model that loses its process in the middle of some pages: rows written, nothing committed."""

    def __init__(self, model: Any, chance: Random) -> None:
        self._model, self._chance = model, chance
        self.name, self.feeds = model.name, model.feeds

    def apply(self, tx: Any, feed: str, items: Sequence[Any]) -> None:
        self._model.apply(tx, feed, items)
        if self._chance.random() < 0.2:
            raise _Crash


def follow_on_a_bad_day(live: Live, world: World, chance: Random) -> int:
    """Come to the head of all feeds through crashes and doubled pages; how many crashes."""
    crashes = 0
    waiting = set(world.feeds)
    while waiting:
        feed = chance.choice(sorted(waiting))
        followers = [_Fragile(model, chance) for model in READ_MODELS if feed in model.feeds]
        chance.shuffle(followers)
        after = live.place(feed)
        page = world.page(feed, after, chance.choice([1, 2, 7, 40]))
        if page.position <= after:
            waiting.discard(feed)
            continue
        try:
            apply_page(live.database, followers, feed, after, page)
        except _Crash:
            crashes += 1
            continue
        if chance.random() < 0.3:  # the same page again: nobody stands there any more
            apply_page(live.database, followers, feed, after, page)
    return crashes


@pytest.mark.parametrize("seed", range(8))
def test_a_rebuilt_copy_equals_the_live_one(live: Live, seed: int) -> None:
    chance = Random(seed)
    world = World(chance)
    crashes = 0
    for _ in range(3):  # the directory forgets old entries between the rounds
        world.live_on(60)
        crashes += follow_on_a_bad_day(live, world, chance)
    assert crashes > 0
    before = schema_of(live, "transcript@2")

    proofs, failure = rebuild(live, world)

    assert failure is None
    assert {proof.read_model for proof in proofs} == {
        "courses@1",
        "organisation@3",
        "directory@3",
        "training_status@5",
        "unit_overview@4",
        "transcript@2",
        "duties@1",
        "question_results@2",
        "plan@1",
        "sessions@2",
    }
    assert all(proof.equal and proof.rows > 0 for proof in proofs)
    assert schema_of(live, "transcript@2") != before

    world.live_on(20)  # the swapped ones go on where the old ones stood
    live.catch_up(world, chance)
    proofs, failure = rebuild(live, world, swap=False)
    assert failure is None and all(proof.equal for proof in proofs)


@pytest.mark.parametrize(
    ("read_model", "tampering"),
    [
        (
            "transcript@2",
            "UPDATE transcript SET occurred_at = occurred_at - interval '1 day' WHERE position = %s",
        ),
        (
            "training_status@5",
            "DELETE FROM training_status WHERE person_id IN"
            " (SELECT person_id FROM training_fact WHERE position <> %s LIMIT 1)",
        ),
        ("unit_overview@4", "UPDATE unit_overview_week SET n = n + 1 WHERE n <> -%s"),
        ("directory@3", "UPDATE directory SET family_name = 'Somebody Else' WHERE staff_number <> %s::text"),
    ],
)
def test_a_row_that_was_tampered_with_is_found_and_never_swapped(
    live: Live, read_model: str, tampering: str
) -> None:
    world = World(Random(3))
    world.live_on(80)
    live.catch_up(world)
    some = world.feeds["progress"][3].position
    assert live.database.execute(tampering, (some,)).rowcount > 0
    before = schema_of(live, "transcript@2")

    proofs, failure = rebuild(live, world)

    assert {proof.read_model for proof in proofs if not proof.equal} == {read_model}
    assert failure is not None and "first difference" in failure
    assert "Somebody" not in failure and "Family" not in failure
    assert schema_of(live, "transcript@2") == before


def test_one_read_model_alone_is_rebuilt_beside_the_others(live: Live) -> None:
    world = World(Random(4))
    world.live_on(50)
    live.catch_up(world)
    others = schema_of(live, "transcript@2")
    models = [model for model in READ_MODELS if model.name == "training_status@5"]

    proofs, failure = rebuild(live, world, models=models)

    assert failure is None
    assert {proof.read_model for proof in proofs} == {"training_status@5", "unit_overview@4"}
    assert schema_of(live, "transcript@2") == others != schema_of(live, "training_status@5")
    world.live_on(20)
    live.catch_up(world)
    assert rebuild(live, world, swap=False)[1] is None


def test_events_that_arrive_during_a_rebuild_are_in_both_copies(live: Live) -> None:
    world = World(Random(5))
    world.live_on(60)
    live.catch_up(world)
    turn = Turn()
    turn.database = live.database
    reads: list[str] = []

    @contextmanager
    def read(feed: Any, after: int) -> Iterator[Iterator[Any]]:
        reads.append(feed.name)
        world.live_on(3)
        with world.read(feed, after) as pages:
            yield pages

    proofs, failure = Rebuild(live.url, FEEDS, READ_MODELS, turn, read).run(swap=True)
    assert failure is None and all(proof.equal for proof in proofs)
    assert len(reads) == 3 * len(FEEDS)  # filled, met for the proof, met for the swap
    assert rebuild(live, world, swap=False)[1] is None


def test_the_follower_loses_the_race_rather_than_apply_a_page_twice(live: Live) -> None:
    world = World(Random(6))
    world.live_on(30)
    followers = [model for model in READ_MODELS if "progress" in model.feeds]
    first, second = world.page("progress", 0, 5), world.page("progress", 0, 20)
    apply_page(live.database, followers, "progress", 0, first)
    rival = live.connect()
    rival.execute(f"SET search_path TO {schema_of(live, 'transcript@2')}, public")
    with pytest.raises(LostRace), rival.transaction(), rival.cursor() as tx:
        from services.backbone.follower import advance

        advance(tx, "transcript@2", "progress", expected=0, to=second.position)
    rival.close()


def test_what_no_longer_counts_is_dropped(live: Live) -> None:
    from services.reporting import places

    world = World(Random(7))
    world.live_on(30)
    live.catch_up(world)
    rebuild(live, world, swap=False)
    rebuild(live, world)
    places.drop_unused(live.database, READ_MODELS)
    schemas = live.database.execute("SELECT nspname FROM pg_namespace WHERE nspname ~ '^read_'").fetchall()
    assert schemas == [(schema_of(live, "transcript@2"),)]
    with pytest.raises(psycopg.errors.UndefinedTable):
        live.database.execute("SELECT 1 FROM nowhere.transcript")
