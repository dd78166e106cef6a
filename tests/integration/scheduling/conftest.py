"""One database of scheduling a module, with a course in use and one that is not."""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from services.scheduling.application import Application
from tests.integration.conftest import Database
from tests.integration.scheduling.post import Post, post_of
from tests.integration.scheduling.words import COURSE, done, unit


@pytest.fixture(scope="module")
def database(databases: dict[str, Database]) -> Database:
    database = databases["scheduling"].migrated("services/scheduling/migrations")
    with psycopg.connect(database.url) as connection:
        connection.execute("INSERT INTO catalogue VALUES (%s, 1, false), ('old', 1, true)", (COURSE,))
    return database


@pytest.fixture(scope="module")
def make(database: Database, environment: dict[str, str]) -> Iterator[Callable[[], Application]]:
    made: list[Application] = []

    def application() -> Application:
        key = Path(environment["PARCOURS_ACTOR_PUBLIC_KEY"])
        made.append(Application(database.url, key, on_commit=lambda _: None))
        return made[-1]

    yield application
    for each in made:
        each.log.close()


@pytest.fixture(scope="module")
def application(make: Callable[[], Application]) -> Application:
    return make()


@pytest.fixture(scope="module")
def prison(application: Application) -> UUID:
    prison = unit()
    done(application, prison)
    return prison.unit_id


@pytest.fixture(scope="module")
def post(
    database: Database, application: Application, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Post]:
    with post_of(database, application, tmp_path_factory.mktemp("mail")) as post:
        yield post
