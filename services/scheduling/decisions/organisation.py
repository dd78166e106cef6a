"""Decides on units and on who is responsible for them."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from services.backbone.commands import check_time
from services.backbone.limits import CLOCK_SKEW_SECONDS
from services.backbone.log import EventLog
from services.contracts.access import Actor, Role
from services.contracts.message import Command
from services.contracts.scheduling import (
    AppointManager,
    CodeUnit,
    CreateUnit,
    MoveUnit,
    OrganisationCommand,
    RelieveManager,
)
from services.scheduling.decisions.matter import Matter, admit
from services.scheduling.domain import ORGANISATION


class OrganisationRoom:
    """Everything it needs is in the streams."""

    def __init__(self, log: EventLog, commands: Sequence[Command]) -> None:
        """Nothing is looked up."""

    def streams(self, actor: Actor, command: OrganisationCommand) -> Collection[UUID]:
        """The organisation, and whoever is appointed."""
        admit(actor, Role.OPERATOR)
        match command:
            case CreateUnit() | MoveUnit() | CodeUnit():
                return [ORGANISATION]
            case AppointManager() | RelieveManager():
                return [ORGANISATION, command.person_id]

    def decide(self, command: OrganisationCommand, actor: Actor, matter: Matter) -> None:
        """Units stand in one tree."""
        organisation, act = matter.organisation, matter.act
        if not isinstance(command, AppointManager):
            check_time(command, act.recorded_at, CLOCK_SKEW_SECONDS)
        match command:
            case CreateUnit():
                organisation.create_unit(command.unit_id, command.kind, command.name, command.parent_id, act)
                matter.streams.begin(organisation)
            case MoveUnit():
                organisation.move_unit(command.unit_id, command.parent_id, act)
            case CodeUnit():
                organisation.code_unit(command.unit_id, command.code, act)
            case AppointManager():
                _appoint(command, matter)
            case RelieveManager():
                organisation.relieve(command.unit_id, command.person_id, act)


def _appoint(command: AppointManager, matter: Matter) -> None:
    """An appointment may begin later; what clocks differ by is not meant as later."""
    person = matter.person(command.person_id)
    person.present()
    act = matter.act
    if command.occurred_at - act.recorded_at > timedelta(seconds=CLOCK_SKEW_SECONDS):
        act = replace(act, occurred_at=command.occurred_at)
    matter.organisation.appoint(command.unit_id, command.person_id, command.until, act)
    matter.alongside.rely_on(person)
