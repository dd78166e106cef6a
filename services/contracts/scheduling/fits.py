"""Where somebody could sit: what booking or moving would be answered, slot by slot, before it is done."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.contracts.message import Message, Slug, Whole
from services.contracts.scheduling.seats import Half, Yielding

FIT_SLOTS_MAX = 500
"""Slots of one question: more than a week of a large prison has."""


class AskFit(Message):
    """Where could a person sit for one half of a course? Nothing is booked by asking."""

    person_id: UUID
    course: Slug
    period: Annotated[Whole, Field(ge=1, le=1000)] = 1
    half: Half
    slots: Annotated[tuple[UUID, ...], Field(max_length=FIT_SLOTS_MAX)]


class InTheWay(Message):
    """A rule that stands in the way, with what fills its sentence."""

    rule: str
    params: dict[str, str]


class SlotFit(Message):
    """What a slot would say. Nothing in the way: it fits. `despite`: the rules that would have to be set aside.

    Not `possible`: the last rule named cannot be.
    """

    slot_id: UUID
    possible: bool
    in_the_way: tuple[InTheWay, ...]
    despite: tuple[Yielding, ...]


class Fit(Message):
    """The slots, in the order asked. `held`: the slot of the seat that this half has now, when it may move."""

    held: UUID | None
    slots: tuple[SlotFit, ...]
