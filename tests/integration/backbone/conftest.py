"""A database with an event log, checkpoints, and two small tables to write to."""

import psycopg
import pytest

from services.backbone.schema import READ_MODEL, event_log, follower_checkpoint, grant
from tests.integration.conftest import Database

TABLES = """
CREATE TABLE notes (note text NOT NULL);
CREATE TABLE shelf (thing text NOT NULL, jar uuid NOT NULL, position bigint NOT NULL, PRIMARY KEY (jar, thing));
CREATE TABLE tally (thing text PRIMARY KEY, count integer NOT NULL);
"""


@pytest.fixture(scope="module")
def database(databases: dict[str, Database]) -> Database:
    """One service's database, made as a migration would."""
    database = databases["progress"]
    with psycopg.connect(database.owner_url) as owner:
        event_log(owner)
        follower_checkpoint(owner)
        owner.execute(TABLES)
        grant(owner, READ_MODEL, "notes", "shelf", "tally")
    return database
