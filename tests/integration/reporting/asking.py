"""Who asks, about what, and when, where a test does not say otherwise."""

from datetime import timedelta
from typing import Final
from uuid import UUID

import pytest

from services.contracts.access import Actor, Role
from services.contracts.rules import Rule, RuleBroken
from tests.integration.reporting.world import START

COURSE: Final = "recognising"
NOW: Final = START + timedelta(days=90)


def actor(person_id: UUID, *roles: Role) -> Actor:
    return Actor(person_id=person_id, roles=frozenset(roles), expires_at=NOW)


AUDITOR: Final = actor(UUID(int=5), Role.AUDITOR)


def refused(rule: Rule) -> "pytest.RaisesExc[RuleBroken]":
    return pytest.raises(RuleBroken, match=f"^{rule.value}$")
