"""Decides on units and on who is responsible for them."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from services.backbone.aggregate import Act
from services.backbone.commands import check_time
from services.backbone.limits import CLOCK_SKEW_SECONDS
from services.backbone.log import EventLog
from services.contracts.access import Actor, Role
from services.contracts.message import Command
from services.contracts.rules import Rule, RuleBroken
from services.contracts.scheduling import (
    AppointManager,
    CloseUnit,
    CodeUnit,
    CreateUnit,
    EndDeputy,
    MoveUnit,
    NameDeputy,
    OrganisationCommand,
    RelieveManager,
    RenameUnit,
)
from services.scheduling import store
from services.scheduling.decisions.matter import Matter, admit
from services.scheduling.domain import ORGANISATION


class OrganisationRoom:
    """Who belongs to a unit that is to be closed is all that the streams do not tell."""

    def __init__(self, log: EventLog, commands: Sequence[Command]) -> None:
        """Nothing is looked up yet."""
        self._select = log.select

    def streams(self, actor: Actor, command: OrganisationCommand) -> Collection[UUID]:
        """The organisation, and whoever is appointed."""
        admit(actor, Role.OPERATOR)
        match command:
            case CreateUnit() | MoveUnit() | CodeUnit() | RenameUnit() | CloseUnit():
                return [ORGANISATION]
            case AppointManager() | RelieveManager():
                return [ORGANISATION, command.person_id]
            case NameDeputy() | EndDeputy():
                return [ORGANISATION, command.person_id, command.deputy_id]

    def decide(self, command: OrganisationCommand, actor: Actor, matter: Matter) -> None:
        """Units stand in one tree."""
        organisation, act = matter.organisation, matter.act
        if not isinstance(command, AppointManager | RelieveManager | NameDeputy | EndDeputy):
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
                organisation.relieve(command.unit_id, command.person_id, _ahead(command, act))
            case RenameUnit():
                organisation.rename_unit(command.unit_id, command.name, act)
            case CloseUnit():
                self._close(command.unit_id, matter)
            case NameDeputy():
                people = [matter.person(command.person_id), matter.person(command.deputy_id)]
                for person in people:
                    person.present()
                organisation.name_deputy(
                    command.person_id, command.deputy_id, command.until, _ahead(command, act)
                )
                matter.alongside.rely_on(*people)
            case EndDeputy():
                organisation.end_deputy(command.person_id, command.deputy_id, _ahead(command, act))

    def _close(self, unit_id: UUID, matter: Matter) -> None:
        """Nobody may belong to it when it closes, nor come to it a moment before."""
        seen = store.members(self._select, [unit_id])
        if matter.belonging({unit_id}, seen):
            raise RuleBroken(Rule.UNIT_NOT_EMPTY)
        matter.organisation.close_unit(unit_id, matter.act)
        matter.alongside.rely_on_members([unit_id], seen)


def _appoint(command: AppointManager, matter: Matter) -> None:
    person = matter.person(command.person_id)
    person.present()
    act = _ahead(command, matter.act)
    matter.organisation.appoint(command.unit_id, command.person_id, command.until, act)
    matter.alongside.rely_on(person)


def _ahead(command: Command, act: Act) -> Act:
    """What may begin or end later; what clocks differ by is not meant as later."""
    if command.occurred_at - act.recorded_at > timedelta(seconds=CLOCK_SKEW_SECONDS):
        return replace(act, occurred_at=command.occurred_at)
    return act
