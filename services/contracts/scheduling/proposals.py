"""Plan proposals: asked for, made by a solver in the background, accepted as ordinary bookings."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from services.contracts.message import Day, Message, Slug, Whole
from services.contracts.scheduling.seats import Half, Yielding

ProposalState = Literal["waiting", "running", "done", "failed"]

Obstacle = Literal["no_slot", "due_date", "availability", "absence", "engaged", "gap", "seats", "team"]
"""A rule that stands in the way: no slot where they may come; due before; not available then; on leave;
booked on something else; halves too near or too far; no seat left; too many of the team away."""


class ProposePlan(Message):
    """Propose seats for everybody of a unit who must follow a course, before the end of a day.

    Asked again under the same id, it is the same proposal.
    """

    proposal_id: UUID
    unit_id: UUID
    course: Slug
    due_on: Day


class AskProposal(Message):
    """How far is a proposal, and what does it say?"""

    proposal_id: UUID


class AskProposals(Message):
    """Which proposals were asked for by this manager? The newest first."""

    limit: Annotated[Whole, Field(ge=1, le=100)] = 10


class ProposalQuality(Message):
    """How good an answer is, and how good one could be at best.

    First as many people as possible are placed, then teams are away on as few days as possible.
    """

    people: int
    placed: int
    placed_bound: int
    """No plan places more."""
    days: int
    """Days on which a team is away because of this plan, over all teams."""
    days_bound: int
    """No plan for the same people has fewer."""
    worst: int
    """Most days of one team beyond the fewest that it needs."""
    gap: float
    """By what share of the days, at most, another plan could be better."""
    seconds: float


class ProposalSlot(Message):
    """A slot that a proposal speaks of."""

    slot_id: UUID
    room_id: UUID
    room: str
    """What it is called."""
    starts_at: datetime
    ends_at: datetime


class ProposedSeat(Message):
    """A person on a seat in a slot: what `scheduling.book_seat` is asked for when it is accepted.

    `despite` names a rule that this seat cannot keep any more, whatever the slot: the other half was
    followed too long ago.
    """

    person_id: UUID
    period: int
    half: Half
    slot_id: UUID
    despite: tuple[Yielding, ...] = ()
    booked: bool = False
    """Whether this person has this seat by now."""


class Remedy(Message):
    """If these rules gave way at these slots, and all else stayed, there would be a place."""

    obstacles: tuple[Obstacle, ...]
    slots: tuple[UUID, ...]
    due_on: date | None = None
    """With `due_date`: the earliest day that would do."""


class NotPlaced(Message):
    """Somebody without a place: the rules in the way, and what would free one, the least first."""

    person_id: UUID
    obstacles: tuple[Obstacle, ...]
    remedies: tuple[Remedy, ...]


class ProposalLine(Message):
    """A proposal in brief."""

    proposal_id: UUID
    unit_id: UUID
    course: Slug
    due_on: date
    asked_by: UUID
    asked_at: datetime
    state: ProposalState
    quality: ProposalQuality | None
    """Of the best answer so far; nothing before the first."""
    failure: str | None
    """Why there is no answer: `interrupted`, `nobody` needs a seat, `no_slots`, `too_many` people or slots."""


class PlanProposal(ProposalLine):
    """A proposal: nothing is booked by it. `slots` are those that seats and remedies name."""

    seats: tuple[ProposedSeat, ...]
    not_placed: tuple[NotPlaced, ...]
    slots: tuple[ProposalSlot, ...]


class PlanProposals(Message):
    """Proposals, the newest first."""

    proposals: tuple[ProposalLine, ...]
