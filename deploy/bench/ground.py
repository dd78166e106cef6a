"""The ground on which everything is measured: a private stack of its own, with a course, people and accounts.

Nothing of the user's is touched: the state folder is a new one, and goes with the bench.
"""

import asyncio
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg

from deploy.api import Person, signed_in
from deploy.bench.figures import Result
from deploy.bench.load import Learner, all_signed_in
from deploy.bench.walker import Way, way_of
from deploy.local.postgres import Postgres
from deploy.local.servers import EXISTING_SERVERS
from deploy.local.stack import REPOSITORY, Stack
from deploy.simulation import training
from deploy.simulation.log_writer import LogWriter
from deploy.simulation.organisation import Joiner, OrganisationMaker
from deploy.simulation.training import Scale, outline_of
from deploy.telling import Telling
from gateway.accounts import HASHER, login_key_of
from services.content.source import zip_folder
from services.contracts.access import Role
from services.progress.domain import Outline

COURSE_FOLDER = REPOSITORY / "deploy" / "demo" / "course"
YEARS_OF_HISTORY = timedelta(days=650)
FOLLOW_SECONDS_MAX = 900.0
LOOK_SECONDS = 0.1
QUIET_LOOKS = 20
FOLLOWING = ("reporting", "progress", "scheduling")
"""Services that follow feeds."""

PERIODS_EACH_RUN = 100
SERVICE_PEOPLE, STEPS_EACH = 12_000, 42
MANAGER, PRISON_MANAGER, AUDITOR, CENTRE = "bench.manager", "bench.prison", "bench.auditor", "bench.centre"
OPERATOR = "bench.operator"


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything; small ones are for trying out."""

    people: int = 100_000
    events: int = 1_000_000
    seconds: float = 20.0
    clients: int = 128
    seed: int = 1

    def of_a_service(self) -> "Sizes":
        """A prison service as large as there is one, with two years behind it, or smaller."""
        steps = min(self.events, SERVICE_PEOPLE * STEPS_EACH)
        return replace(self, people=min(self.people, SERVICE_PEOPLE), events=steps)


@dataclass
class Ground:
    """A running stack, and what benches need to know of it."""

    stack: Stack
    sizes: Sizes
    password: str
    settings: dict[str, str]
    course: str
    way: Way
    outline: Outline
    learners: tuple[Learner, ...]
    root: UUID
    prisons: tuple[UUID, ...]
    since: datetime
    until: datetime
    results: dict[str, Result] = field(default_factory=dict)
    _period: int = 1

    @property
    def prison(self) -> UUID:
        """The one whose manager has an account."""
        return self.prisons[0]

    @property
    def url(self) -> str:
        """Where the gateway listens."""
        return self.stack.gateway_url

    def database(self, part: str) -> str:
        """The database of a service, as the role that it runs as."""
        return self.settings[f"{part.upper()}_DATABASE_URL"]

    def next_periods(self) -> int:
        """The first of some periods that no learner has followed yet."""
        first, self._period = self._period, self._period + PERIODS_EACH_RUN
        return first

    @contextmanager
    def person(self, user: str) -> Iterator[Person]:
        """Somebody who is signed in."""
        with signed_in(self.url, user, self.password) as person:
            yield person

    def heads(self) -> dict[str, int]:
        """The newest position of each feed that reporting follows and that grows here."""
        return {feed: _head(self.database(feed)) for feed in ("progress", "scheduling")}

    def followed(self, by: str = "reporting") -> dict[str, int]:
        """How far all followers of a service have read each feed."""
        with psycopg.connect(self.database(by)) as connection:
            rows = connection.execute("SELECT feed, min(position) FROM follower_checkpoint GROUP BY feed")
            return {str(feed): int(position) for feed, position in rows}

    def follow_up(self, telling: Telling, what: str) -> float:
        """Wait until all read models have read everything; for how many seconds."""
        began = time.monotonic()
        heads = self.heads()
        while time.monotonic() - began < FOLLOW_SECONDS_MAX:
            followed = self.followed()
            if all(followed.get(feed, 0) >= head for feed, head in heads.items()):
                return time.monotonic() - began
            telling.track(what, sum(followed.get(feed, 0) for feed in heads), sum(heads.values()))
            time.sleep(LOOK_SECONDS)
        raise TimeoutError(f"the read models did not come to {heads} within {FOLLOW_SECONDS_MAX} s")

    def settle(self) -> None:
        """Wait until no follower has anything left to read: also policies, and what follows from what they do."""
        began, quiet = time.monotonic(), 0
        while quiet < QUIET_LOOKS:
            if time.monotonic() - began > FOLLOW_SECONDS_MAX:
                raise TimeoutError(f"followers did not come to an end within {FOLLOW_SECONDS_MAX} s")
            heads = self.heads()
            read = (self.followed(by) for by in FOLLOWING)
            behind = any(at < heads.get(feed, 0) for followed in read for feed, at in followed.items())
            quiet = 0 if behind else quiet + 1
            time.sleep(LOOK_SECONDS)


@contextmanager
def ground(sizes: Sizes, telling: Telling, *, history: bool, keep: bool = False) -> Iterator[Ground]:
    """A stack with a course and learners, and, if wanted, years of history that nobody has followed yet.

    With `keep` it stays, running, when the bench is over.
    """
    for name in EXISTING_SERVERS:
        os.environ.pop(name, None)
    folder = Path(tempfile.mkdtemp(prefix="parcours-bench-"))
    folder.chmod(0o711)  # the database's own user passes through
    stack = Stack(folder / "state")
    telling.step(f"The stack of this bench is in {stack.state}")
    try:
        stack.up(telling.step)
        here = _prepared(stack, sizes, telling, history=history)
        if keep:
            telling.step(f"Its accounts ({MANAGER}, {AUDITOR}, …) have the password {here.password}")
        yield here
    finally:
        if not keep:
            stack.down(telling.step)
            if isinstance(stack.database, Postgres):
                stack.database.remove()
            shutil.rmtree(folder, ignore_errors=True)


def _prepared(stack: Stack, sizes: Sizes, telling: Telling, *, history: bool) -> Ground:
    settings, password = stack.environment(), secrets.token_urlsafe(12)
    until = datetime.now(UTC)
    since = until - YEARS_OF_HISTORY
    manager, prison_manager = uuid4(), uuid4()
    learners = tuple(Learner(f"bench.{n}", password, uuid4()) for n in range(sizes.clients))
    add_accounts(
        settings,
        password,
        [
            *((learner.user, learner.person_id, Role.LEARNER) for learner in learners),
            (MANAGER, manager, Role.MANAGER),
            (PRISON_MANAGER, prison_manager, Role.MANAGER),
            (AUDITOR, uuid4(), Role.AUDITOR),
            (CENTRE, uuid4(), Role.TRAINING_CENTRE),
            (OPERATOR, uuid4(), Role.OPERATOR),
        ],
    )
    telling.step("Signing in")
    learners = tuple(
        asyncio.run(
            all_signed_in(
                stack.gateway_url, learners, lambda done: telling.track("learners", done, len(learners))
            )
        )
    )
    telling.step("Publishing the course")
    course, way = publish(stack.gateway_url, password)
    outline = outline_of(settings["PROGRESS_DATABASE_URL"], way.course, way.version)
    if history:
        stack.stop("reporting-work")  # so that how fast it follows can be seen later
    with LogWriter(settings["SCHEDULING_DATABASE_URL"]) as writer:
        maker = OrganisationMaker(writer, since, until, sizes.seed)
        prison = maker.prisons[0].id
        maker.found([(maker.root.id, manager), (prison, prison_manager)])
        if history:
            telling.step("Making an organisation, through the domain code")
            for people in maker.people(sizes.people, course):
                telling.track("people", people, sizes.people)
        maker.join([Joiner(x.person_id, f"L{n:05}", until) for n, x in enumerate(learners)], course)
    if history:
        telling.step("Making years of training, through the domain code")
        scale = Scale(sizes.people, sizes.events, since, until, sizes.seed)
        with LogWriter(settings["PROGRESS_DATABASE_URL"]) as writer:
            for events in training.fill(writer, outline, scale):
                telling.track("events", events, sizes.events)
    _analyse(settings, ("progress", "scheduling"))
    return Ground(
        stack=stack,
        sizes=sizes,
        password=password,
        settings=settings,
        course=course,
        way=way,
        outline=outline,
        learners=learners,
        root=maker.root.id,
        prisons=tuple(unit.id for unit in maker.prisons),
        since=since,
        until=until,
    )


def add_accounts(settings: dict[str, str], password: str, accounts: Sequence[tuple[str, UUID, Role]]) -> None:
    """Many accounts with one password, which is hashed once."""
    key, hashed = bytes.fromhex(settings["GATEWAY_LOGIN_KEY"]), HASHER.hash(password)
    with psycopg.connect(settings["GATEWAY_OWNER_DATABASE_URL"]) as connection:
        connection.cursor().executemany(
            "INSERT INTO account (login_key, password_hash, person_id, roles) VALUES (%s, %s, %s, %s)",
            [
                (login_key_of(key, user), hashed, person_id, [role.value])
                for user, person_id, role in accounts
            ],
        )


def publish(base_url: str, password: str) -> tuple[str, Way]:
    """Publish the demo's course; its name and the way through it."""
    with tempfile.TemporaryDirectory() as name, signed_in(base_url, CENTRE, password) as centre:
        packed = Path(name) / "course.zip"
        zip_folder(COURSE_FOLDER, packed)
        centre.upload("/courses", packed.read_bytes(), "application/zip")
        courses: list[dict[str, Any]] = centre.get("/courses")["courses"]
        course = str(courses[0]["course"])
        return course, way_of(centre.get(f"/courses/{course}", lang="fr"))


def _head(database_url: str) -> int:
    with psycopg.connect(database_url) as connection:
        row = connection.execute("SELECT coalesce(max(notification_id), 0) FROM stored_events").fetchone()
    assert row is not None
    return int(row[0])


def _analyse(settings: dict[str, str], parts: Sequence[str]) -> None:
    """Let the planner know what autovacuum would tell it in a minute."""
    for part in parts:
        with psycopg.connect(settings[f"{part.upper()}_OWNER_DATABASE_URL"], autocommit=True) as connection:
            connection.execute("ANALYZE")
