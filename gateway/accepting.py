"""Accepting a plan proposal, whole or in part: ordinary bookings, each looked at again by scheduling.

Programs and pages share this. What no longer fits is refused seat by seat, and said; sent again with
the same id, the same seats get the same answers.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID, uuid5

from pydantic import Field
from starlette.requests import Request

from gateway.ask import ask_for, execute
from gateway.errors import problem_of_rule
from gateway.limits import COMMANDS_MAX
from gateway.metrics import COMMANDS
from gateway.parts import language_in
from gateway.sentences import sentence
from services.contracts.message import Done, Message, Refused
from services.contracts.rules import Rule
from services.contracts.scheduling.proposals import AskProposal, PlanProposal, ProposedSeat
from services.contracts.scheduling.seats import BookSeat


class AcceptProposal(Message):
    """Book what a proposal says: for these people, or for all. `acceptance_id` is made by the client."""

    acceptance_id: UUID
    people: tuple[UUID, ...] | None = Field(default=None, max_length=5_000)


class SeatRefused(Message):
    """A seat that could not be booked any more, and why."""

    person_id: UUID
    half: int
    slot_id: UUID
    rule: str
    sentence: str


class Accepted(Message):
    """How many seats are booked; `position` is what a read may name in `at_least`."""

    booked: int
    refused: tuple[SeatRefused, ...]
    position: int


async def accept(request: Request, proposal_id: UUID, asked: AcceptProposal, now: datetime) -> Accepted:
    """Book the seats, a batch at a time. Raises Problem(PROPOSAL_NOT_DONE), Away: send it again."""
    proposal = await ask_for(
        request, "scheduling.proposal", AskProposal(proposal_id=proposal_id), PlanProposal
    )
    if proposal.state != "done":
        raise problem_of_rule(Rule.PROPOSAL_NOT_DONE.value, {})
    seats = _wanted(proposal, asked.people)
    booked, position, refused = 0, 0, list[SeatRefused]()
    for first in range(0, len(seats), COMMANDS_MAX):
        part = seats[first : first + COMMANDS_MAX]
        commands = [_booking(seat, proposal, asked.acceptance_id, now) for seat in part]
        for seat, outcome in zip(part, await execute(request, "scheduling", commands), strict=True):
            COMMANDS.labels("scheduling", outcome.outcome).inc()
            match outcome:
                case Done():
                    booked, position = booked + 1, max(position, outcome.position)
                case Refused():
                    refused.append(
                        SeatRefused(
                            person_id=seat.person_id,
                            half=seat.half,
                            slot_id=seat.slot_id,
                            rule=outcome.rule,
                            sentence=sentence(outcome.rule, language_in(request), outcome.params),
                        )
                    )
    return Accepted(booked=booked, refused=tuple(refused), position=position)


def _wanted(proposal: PlanProposal, people: Collection[UUID] | None) -> list[ProposedSeat]:
    """The seats of these people, a person's first half first."""
    chosen = None if people is None else set(people)
    seats = [seat for seat in proposal.seats if chosen is None or seat.person_id in chosen]
    return sorted(seats, key=lambda seat: (seat.person_id, seat.half))


def _booking(seat: ProposedSeat, proposal: PlanProposal, acceptance_id: UUID, now: datetime) -> BookSeat:
    return BookSeat(
        command_id=uuid5(acceptance_id, f"{proposal.proposal_id}/{seat.person_id}/{seat.half}"),
        occurred_at=now,
        person_id=seat.person_id,
        course=proposal.course,
        period=seat.period,
        half=seat.half,
        slot_id=seat.slot_id,
        despite=seat.despite,
    )
