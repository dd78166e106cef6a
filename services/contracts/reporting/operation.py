"""Rebuilds with their proof, and how far behind the read models are."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from services.contracts.message import Message, Truth


class Rebuild(Message):
    """Make new copies of read models (all, or one) beside the live ones, compare, and swap.

    A read model is called as in its proof (`training_status@5`), or shorter (`training-status`).
    """

    read_model: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_@-]{0,63}$")] | None = None
    swap: Truth = True


class RebuildStarted(Message):
    """The job; ask `rebuild_status` with it."""

    job_id: UUID


class AskRebuild(Message):
    """How far is a rebuild?"""

    job_id: UUID


class ModelProof(Message):
    """Digest over the ordered rows of a read model, live and rebuilt, at the same positions."""

    read_model: str
    rows: int
    live: str
    rebuilt: str
    equal: bool


RebuildState = Literal["waiting", "running", "done", "failed"]


class RebuildStatus(Message):
    """A rebuild job: how far, how fast, and the proof at its end."""

    job_id: UUID
    state: RebuildState
    events: int
    events_total: int
    events_per_second: float
    proofs: tuple[ModelProof, ...]
    failure: str | None = None


class AskRebuilds(Message):
    """Which rebuilds were there? The newest first."""

    limit: Annotated[int, Field(ge=1, le=100)] = 10


class RebuildLine(Message):
    """A job in brief; `equal` says whether all its proofs hold, nothing while there are none."""

    job_id: UUID
    read_model: str | None
    swap: bool
    requested_at: datetime
    requested_by: UUID
    state: RebuildState
    events: int
    equal: bool | None


class Rebuilds(Message):
    """Jobs, the newest first."""

    jobs: tuple[RebuildLine, ...]


class AskHealth(Message):
    """How far behind is each read model?"""


class FollowerHealth(Message):
    """A follower's place in a feed; `lag_events` and `lag_seconds` behind its head."""

    read_model: str
    feed: str
    position: int
    head: int
    lag_seconds: float


class Health(Message):
    """All followers."""

    followers: tuple[FollowerHealth, ...]
