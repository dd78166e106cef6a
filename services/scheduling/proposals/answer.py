"""What the planner found, in the words of the contract."""

from collections.abc import Iterator
from typing import Any, cast
from uuid import UUID

from services.contracts.scheduling.proposals import (
    NotPlaced,
    Obstacle,
    ProposalQuality,
    ProposedSeat,
    Remedy,
)
from services.contracts.scheduling.seats import Half
from services.scheduling.planning import Proposal, Quality
from services.scheduling.proposals.situation import Situation


def quality_of(quality: Quality, people: int) -> ProposalQuality:
    """How good it is."""
    return ProposalQuality(
        people=people,
        placed=quality.placed,
        placed_bound=quality.placed_bound,
        days=quality.days,
        days_bound=quality.days_bound,
        worst=max(quality.worst, 0),
        gap=round(quality.gap, 4),
        seconds=quality.seconds,
    )


def body_of(proposal: Proposal, situation: Situation) -> dict[str, Any]:
    """Seats, those without one, and the slots that either speaks of, as JSON."""
    slots = situation.slots
    seats = list(_seats(proposal, situation))
    not_placed = [
        NotPlaced(
            person_id=each.person_id,
            obstacles=_told(each.obstacles),
            remedies=tuple(
                Remedy(obstacles=_told(way.obstacles), slots=way.slots, due_on=way.due_on)
                for way in each.remedies
            ),
        )
        for each in proposal.unplaced
    ]
    named = {seat.slot_id for seat in seats} | {
        slot for each in not_placed for way in each.remedies for slot in way.slots
    }
    spoken_of = sorted((slots[slot] for slot in named), key=lambda slot: (slot.starts_at, slot.slot_id))
    return {
        "seats": [seat.model_dump(mode="json") for seat in seats],
        "not_placed": [each.model_dump(mode="json") for each in not_placed],
        "slots": [slot.model_dump(mode="json") for slot in spoken_of],
    }


def _seats(proposal: Proposal, situation: Situation) -> Iterator[ProposedSeat]:
    """The halves that somebody needs, in the order of time."""
    given: dict[UUID, int] = {}
    for seat in proposal.seats:
        place = given[seat.person_id] = given.get(seat.person_id, -1) + 1
        yield ProposedSeat(
            person_id=seat.person_id,
            period=situation.periods[seat.person_id],
            half=cast(Half, situation.missing[seat.person_id][place]),
            slot_id=seat.slot_id,
            despite=("gap-between-halves",) if seat.person_id in situation.long_ago else (),
        )


def _told(obstacles: frozenset[Any]) -> tuple[Obstacle, ...]:
    return cast(tuple[Obstacle, ...], tuple(sorted(str(obstacle.value) for obstacle in obstacles)))
