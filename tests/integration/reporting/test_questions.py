"""What all questions share: waiting for a position, bad input, jobs, and bad days."""

from pathlib import Path
from random import Random
from uuid import UUID

import pytest

from services.backbone.log import StoreAway
from services.contracts.reporting.operation import AskRebuilds, Rebuild
from services.contracts.reporting.organisation import AskOrganisation
from services.contracts.reporting.overview import AskOverview
from services.contracts.reporting.people import AskStaff
from services.contracts.rules import Rule
from services.reporting.application import Application
from services.reporting.models import READ_MODELS
from tests.integration.reporting.asking import AUDITOR, COURSE, NOW, refused
from tests.integration.reporting.conftest import Live
from tests.integration.reporting.world import World


def test_a_question_waits_for_a_position_and_says_when_it_is_not_reached(
    live: Live, application: Application
) -> None:
    world = World(Random(5))
    live.catch_up(world)
    head = world.feeds["scheduling"][-1].position
    found = application.organisation(AUDITOR, AskOrganisation(at_least={"scheduling": head}))
    assert found.positions["scheduling"] == head
    with refused(Rule.POSITION_NOT_REACHED):
        application.organisation(AUDITOR, AskOrganisation(at_least={"scheduling": head + 1}))


@pytest.mark.parametrize(
    "cursor", ["", "overdue", "overdue~x~y", "late~1~" + str(UUID(int=1)), "passed~-1~1"]
)
def test_a_cursor_that_is_not_ours_is_refused(live: Live, application: Application, cursor: str) -> None:
    world = World(Random(6))
    live.catch_up(world)
    with refused(Rule.CURSOR_UNREADABLE):
        application.staff(AUDITOR, AskStaff(unit_id=world.root, course=COURSE, cursor=cursor))


def test_one_rebuild_at_a_time(live: Live, application: Application) -> None:
    job = application.rebuild(AUDITOR, Rebuild(read_model="training-status"))
    assert application.rebuild_status(job.job_id).state == "waiting"
    with refused(Rule.REBUILD_RUNNING):
        application.rebuild(AUDITOR, Rebuild())
    with refused(Rule.REBUILD_UNKNOWN):
        application.rebuild(AUDITOR, Rebuild(read_model="nothing"))
    with refused(Rule.REBUILD_UNKNOWN):
        application.rebuild_status(UUID(int=1))
    (line,) = application.rebuilds(AskRebuilds()).jobs
    assert (line.job_id, line.read_model, line.state) == (job.job_id, "training_status@5", "waiting")
    assert (line.requested_at, line.requested_by, line.equal) == (NOW, AUDITOR.person_id, None)


def test_health_says_where_every_read_model_is(live: Live, application: Application) -> None:
    world = World(Random(7))
    live.catch_up(world)
    found = {(each.read_model, each.feed): each.position for each in application.health().followers}
    assert found == {
        (model.name, feed): live.place(feed) for model in READ_MODELS for feed in sorted(model.feeds)
    }


def test_without_read_models_the_service_is_away_rather_than_wrong(
    live: Live, application: Application
) -> None:
    live.database.execute("DELETE FROM read_model_place")
    with pytest.raises(StoreAway):
        application.overview(AUDITOR, AskOverview(unit_id=UUID(int=1), course=COURSE))


def test_without_a_database_the_service_is_away(public_key: Path) -> None:
    away = Application("postgresql://nobody:nothing@127.0.0.1:1/nothing", public_key)
    try:
        with pytest.raises(StoreAway):
            away.overview(AUDITOR, AskOverview(unit_id=UUID(int=1), course=COURSE))
        with pytest.raises(StoreAway):
            away.rebuild(AUDITOR, Rebuild())
    finally:
        away.close()
