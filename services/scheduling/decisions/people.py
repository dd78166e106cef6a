"""Decides on members of staff: names go into the directory, the rest into the log."""

from collections.abc import Collection, Sequence
from uuid import UUID

from services.backbone.commands import check_time
from services.backbone.limits import CLOCK_SKEW_SECONDS
from services.backbone.log import EventLog
from services.contracts.access import Actor, Role
from services.contracts.message import Command
from services.contracts.rules import Rule, RuleBroken
from services.contracts.scheduling import (
    DirectoryEntry,
    PeopleCommand,
    PlacePerson,
    RegisterPerson,
    ReturnPerson,
    UpdateDirectoryEntry,
    WithdrawPerson,
)
from services.scheduling import store
from services.scheduling.decisions.matter import Matter, admit
from services.scheduling.domain import ORGANISATION, Person


class PeopleRoom:
    """Knows the directory's entries that its commands mention."""

    def __init__(self, log: EventLog, commands: Sequence[Command]) -> None:
        """Look up entries of the same persons, or with the same staff numbers."""
        self._entries: dict[UUID, DirectoryEntry] = {}
        self._holders: dict[str, UUID] = {}
        if wanted := [c.entry for c in commands if isinstance(c, RegisterPerson | UpdateDirectoryEntry)]:
            for entry in store.entries(log.select, wanted):
                self._enter(entry)

    def _enter(self, entry: DirectoryEntry) -> None:
        if before := self._entries.get(entry.person_id):
            self._holders.pop(before.staff_number, None)
        self._entries[entry.person_id] = entry
        self._holders[entry.staff_number] = entry.person_id

    def streams(self, actor: Actor, command: PeopleCommand) -> Collection[UUID]:
        """The person, and the units to belong to."""
        admit(actor, Role.OPERATOR)
        if isinstance(command, RegisterPerson | UpdateDirectoryEntry):
            return [command.entry.person_id, ORGANISATION]
        return [command.person_id, ORGANISATION]

    def decide(self, command: PeopleCommand, actor: Actor, matter: Matter) -> None:
        """People join, move, leave and return; and are called otherwise."""
        check_time(command, matter.act.recorded_at, CLOCK_SKEW_SECONDS)
        match command:
            case RegisterPerson():
                self._register(command, matter)
            case PlacePerson():
                person = matter.person(command.person_id)
                _into(command.unit_id, matter)
                person.place(command.unit_id, matter.act)
                matter.alongside.belongs(person)
            case WithdrawPerson():
                _withdraw(command, matter)
            case ReturnPerson():
                person = matter.person(command.person_id)
                _into(command.unit_id, matter)
                person.take_back(command.unit_id, matter.act)
                matter.alongside.belongs(person)
            case UpdateDirectoryEntry():
                self._update(command.entry, matter)

    def _register(self, command: RegisterPerson, matter: Matter) -> None:
        """Names go into the directory, the rest into the log, in one transaction."""
        entry = command.entry
        known = matter.streams.get(entry.person_id)
        if isinstance(known, Person):
            known.present()
            if self._entries.get(entry.person_id) != entry or known.unit_id != command.unit_id:
                raise RuleBroken(Rule.PERSON_EXISTS, person_id=entry.person_id)
            return  # the same import once more
        if entry.staff_number in self._holders:
            raise RuleBroken(Rule.PERSON_EXISTS, person_id=self._holders[entry.staff_number])
        _into(command.unit_id, matter)
        person = Person.register(entry.person_id, command.unit_id, matter.act)
        matter.streams.begin(person)
        matter.alongside.enter(entry)
        matter.alongside.belongs(person)
        self._enter(entry)

    def _update(self, entry: DirectoryEntry, matter: Matter) -> None:
        """The entry of somebody whom the directory knows; also of somebody who left."""
        known = self._entries.get(entry.person_id)
        if known is None:
            raise RuleBroken(Rule.PERSON_UNKNOWN, person_id=entry.person_id)
        if self._holders.get(entry.staff_number, entry.person_id) != entry.person_id:
            raise RuleBroken(Rule.PERSON_EXISTS, person_id=self._holders[entry.staff_number])
        if known != entry:
            matter.alongside.change(entry)
            self._enter(entry)


def _into(unit_id: UUID, matter: Matter) -> None:
    """A unit that people can come to; it must not close meanwhile."""
    organisation = matter.organisation
    organisation.standing(unit_id)
    matter.alongside.rely_on(organisation)


def _withdraw(command: WithdrawPerson, matter: Matter) -> None:
    """Somebody leaves, and is responsible for nothing any more."""
    person = matter.person(command.person_id)
    person.withdraw(matter.act)
    organisation = matter.organisation
    organisation.relieve_of_all(person.id, matter.act)
    matter.alongside.belongs(person)
    matter.alongside.rely_on(organisation)
