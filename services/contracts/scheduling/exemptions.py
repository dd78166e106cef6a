"""Who need not follow a course for a period, and why: exemptions, and earlier training that is recognised."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID, uuid5

from pydantic import Field

from services.contracts.message import Command, Day, Event, Sentence, Sha256, Slug, Whole

EXEMPTIONS = UUID("c2a7d9e4-6b1f-5c3a-8e0d-4f5a6b7c8d9e")
"""Namespace in which exemptions get their identity from what they are about."""

ExemptionReason = Literal["tested_out", "equivalent_au", "equivalent_outside_activity", "administrative"]
"""The reasons for which cmi5 waives a part (cmi5, 9.5.5.2): knowledge shown otherwise; something equivalent within,
or outside, this training; a decision of the administration."""


def exemption_id_of(person_id: UUID, course: str, period: int = 1) -> UUID:
    """The identity of a person's exemption from a course for a period."""
    return uuid5(EXEMPTIONS, f"{person_id}/{course}/{period}")


# --- events --------------------------------------------------------------------------------------


class ExemptionGranted(Event):
    """From `occurred_at`, which may lie in the past, a person need not follow a course for this period.

    `attachment` is the digest of what proves it, which is kept elsewhere.
    """

    type: Literal["scheduling.exemption_granted"] = "scheduling.exemption_granted"
    version: Literal[1] = 1
    exemption_id: UUID
    person_id: UUID
    course: Slug
    period: int
    reason: ExemptionReason
    sentence: str
    attachment: Sha256 | None
    occurred_at: datetime


class ExemptionRevoked(Event):
    """From then on it holds no more; that it held stays recorded."""

    type: Literal["scheduling.exemption_revoked"] = "scheduling.exemption_revoked"
    version: Literal[1] = 1
    exemption_id: UUID
    person_id: UUID
    course: Slug
    period: int
    sentence: str
    occurred_at: datetime


ExemptionEvent = ExemptionGranted | ExemptionRevoked


# --- commands ------------------------------------------------------------------------------------


class GrantExemption(Command):
    """Exempt somebody from a course, from the beginning of `effective_on`, today or earlier."""

    type: Literal["scheduling.grant_exemption"] = "scheduling.grant_exemption"
    person_id: UUID
    course: Slug
    period: Annotated[Whole, Field(ge=1, le=1000)] = 1
    reason: ExemptionReason
    sentence: Sentence
    attachment: Sha256 | None = None
    effective_on: Day


class RevokeExemption(Command):
    """End an exemption, and say why."""

    type: Literal["scheduling.revoke_exemption"] = "scheduling.revoke_exemption"
    person_id: UUID
    course: Slug
    period: Annotated[Whole, Field(ge=1, le=1000)] = 1
    sentence: Sentence


ExemptionCommand = GrantExemption | RevokeExemption
