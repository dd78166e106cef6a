"""What follows from facts and from time in scheduling: one file a policy."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from services.backbone import policies
from services.backbone.clock import Clock, utc_now
from services.backbone.commands import CommandDesk
from services.contracts.access import Actor, Role
from services.contracts.scheduling import SchedulingCommand
from services.scheduling.decisions import matter

SERVICE: Final = matter.SERVICE
"""Who acts when nobody did: scheduling itself."""

Policy = policies.Policy[SchedulingCommand]


class Timekeeper(policies.Timekeeper[SchedulingCommand]):
    """Everything that follows in scheduling is done by scheduling itself."""

    def __init__(
        self, desk: CommandDesk[SchedulingCommand], policies: Sequence[Policy], clock: Clock = utc_now
    ) -> None:
        """Send to `desk`."""
        super().__init__(desk, policies, clock, acting=_itself)


def _itself(command: SchedulingCommand, now: datetime) -> Actor:
    until = now + timedelta(minutes=1)
    return Actor(person_id=SERVICE, roles=frozenset({Role.OPERATOR}), expires_at=until)
