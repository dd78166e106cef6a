"""When people are taken: by one thing at a time, also when two desks decide at once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from services.backbone.log import Conflict
from services.scheduling.application import Application
from services.scheduling.engagements import Engagement, Engagements
from tests.integration.conftest import Database

NINE = datetime(2027, 6, 30, 7, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def engagement(person_id: UUID, since: datetime = NINE, hours: int = 2) -> Engagement:
    return Engagement(uuid4(), person_id, since, since + hours * HOUR, "slot", uuid4())


@pytest.fixture
def write(database: Database) -> Callable[[Engagements], None]:
    def write(engagements: Engagements) -> None:
        with psycopg.connect(database.url) as connection, connection.cursor() as tx:
            engagements(tx)

    return write


def known(application: Application, person_id: UUID) -> Engagements:
    return Engagements(application.log.select, [person_id])


def test_who_is_taken_is_not_free_until_it_is_given_up(
    application: Application, write: Callable[[Engagements], None]
) -> None:
    ann = uuid4()
    first = engagement(ann)
    batch = known(application, ann)
    batch.engage([first])
    assert batch.clash(ann, NINE + HOUR, NINE + 3 * HOUR) == first  # within the batch
    write(batch)
    again = known(application, ann)
    assert again.of(ann) == [first]
    assert again.clash(ann, NINE + HOUR, NINE + 3 * HOUR) == first
    assert again.clash(ann, NINE + 2 * HOUR, NINE + 3 * HOUR) is None  # ends when the other begins
    assert again.clash(ann, NINE, NINE + HOUR, leaving=[first.engagement_id]) is None
    assert again.clash(uuid4(), NINE, NINE + HOUR) is None
    again.release(first.engagement_id)
    assert again.clash(ann, NINE, NINE + HOUR) is None
    write(again)
    assert known(application, ann).of(ann) == []


def test_what_came_between_decision_and_commit_is_seen(
    application: Application, write: Callable[[Engagements], None]
) -> None:
    ben = uuid4()
    one, other = known(application, ben), known(application, ben)
    one.engage([engagement(ben)])
    other.engage([engagement(ben, NINE + HOUR)])
    write(one)
    with pytest.raises(Conflict):
        write(other)
    assert len(known(application, ben).of(ben)) == 1


def test_a_move_takes_the_place_of_what_it_moves(
    application: Application, write: Callable[[Engagements], None]
) -> None:
    cas = uuid4()
    before = engagement(cas)
    batch = known(application, cas)
    batch.engage([before])
    write(batch)
    moved = before._replace(starts_at=NINE + HOUR, ends_at=NINE + 3 * HOUR)
    batch = known(application, cas)
    batch.release(before.engagement_id)
    batch.engage([moved])
    write(batch)
    assert known(application, cas).of(cas) == [moved]
