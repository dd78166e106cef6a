"""Decides what a file of HR changes: all that was shown and confirmed, in one transaction, or nothing.

One command, hence one transaction: whoever follows the feed, and whoever reads the log later, sees a
file as a whole or not at all. What it would change is compared anew under the decision; when that is
no longer what was confirmed, it is refused and shown again.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID, uuid4

from services.backbone.aggregate import Act
from services.backbone.log import EventLog
from services.contracts.access import Actor, Role
from services.contracts.message import Command
from services.contracts.rules import Rule, RuleBroken
from services.contracts.scheduling.staff_imports import CHANGES_MAX, ApplyStaffImport, ImportMode
from services.scheduling import staff_imports
from services.scheduling.decisions.matter import Matter, admit
from services.scheduling.domain import ORGANISATION, Organisation, Person
from services.scheduling.hr import Change, Faults, Plan, compare, read
from services.scheduling.hr.rows import Read


class Examined(NamedTuple):
    """A file as it was read, what it would change, and what is wrong with it."""

    read: Read
    plan: Plan
    faults: Faults


def examine(log: EventLog, content: bytes, mode: ImportMode, day: date) -> Examined:
    """Read a file and compare it with whom we know. With faults, the plan says nothing."""
    faults = Faults()
    found = log.load([ORGANISATION])
    organisation = found.get(ORGANISATION)
    log.keep(found.values())
    codes = organisation.names_of_units() if isinstance(organisation, Organisation) else {}
    told = read(content, codes, faults)
    if faults:
        return Examined(told, Plan((), 0, 0, 0), faults)
    numbers = None if mode == "full" else [row.staff_number for row in told.rows]
    known, present = staff_imports.known(log.select, numbers)
    plan = compare(told.rows, known, mode, day, present)
    if len(plan.changes) > CHANGES_MAX:
        faults.add("too-many-changes", changes=len(plan.changes), limit=CHANGES_MAX)
    return Examined(told, plan, faults)


class StaffImportRoom:
    """Compares the files of its commands when it is made."""

    def __init__(self, log: EventLog, commands: Sequence[Command]) -> None:
        """Look up the files, and whom they change."""
        self._log = log
        ids = [c.import_id for c in commands if isinstance(c, ApplyStaffImport)]
        rows = log.select(
            "SELECT import_id, mode, content, day, plan FROM staff_import"
            " WHERE import_id = ANY(%s) AND state = 'applying'",
            (ids,),
        )
        self._plans = {row[0]: self._plan(*row[1:]) for row in rows}

    def _plan(self, mode: ImportMode, content: bytes, day: date, digest: bytes) -> Plan | None:
        """What was confirmed, if it is still what the file means."""
        examined = examine(self._log, content, mode, day)
        return examined.plan if not examined.faults and examined.plan.digest == digest else None

    def streams(self, actor: Actor, command: ApplyStaffImport) -> Collection[UUID]:
        """Everybody whom the file changes and whom we know."""
        admit(actor, Role.OPERATOR)
        return [ORGANISATION, *(c.person_id for c in self._of(command).changes if c.person_id)]

    def decide(self, command: ApplyStaffImport, actor: Actor, matter: Matter) -> None:
        """All of it, or a refusal before anything is recorded."""
        plan = self._of(command)
        organisation = matter.organisation
        people: dict[UUID | None, Person] = {
            c.person_id: matter.person(c.person_id) for c in plan.changes if c.person_id
        }
        if any(not _stands(change, people.get(change.person_id)) for change in plan.changes):
            raise RuleBroken(Rule.IMPORT_OUTDATED)
        for change in plan.changes:
            person = people.get(change.person_id)
            if person is None:
                person = Person.register(uuid4(), _unit(change), _at(matter.act, change.since))
                matter.streams.begin(person)
                matter.alongside.enter(change.entry(person.id))
            else:
                _carry_out(change, person, organisation, matter.act)
                if change.entry_changes:
                    matter.alongside.change(change.entry(person.id))
            if change.kind != "changes":
                matter.alongside.belongs(person)
        matter.alongside.rely_on(organisation)
        matter.streams.together_with(staff_imports.applied(command.import_id, matter.act.recorded_at))

    def _of(self, command: ApplyStaffImport) -> Plan:
        plan = self._plans.get(command.import_id)
        if plan is None:
            raise RuleBroken(Rule.IMPORT_OUTDATED)
        return plan


def _stands(change: Change, person: Person | None) -> bool:
    """Whether a person is still where the plan found them."""
    if person is None:
        return change.person_id is None
    here = person.unit_id if person.withdrawn_at is None else None
    return here == change.unit_before


def _carry_out(change: Change, person: Person, organisation: Organisation, act: Act) -> None:
    """What a file says holds from its date on, but not before what is known of the same person already.

    Otherwise the next comparison would find the same difference again.
    """
    arrived = person.presence.moments[-1]
    match change.kind:
        case "moves":
            person.place(_unit(change), _at(act, change.since, arrived, person.placings.moments[-1]))
        case "returns":
            person.take_back(_unit(change), _at(act, change.since, arrived, person.placings.moments[-1]))
        case "leaves":
            act = _at(act, change.since, arrived)
            person.withdraw(act)
            organisation.relieve_of_all(person.id, act)
        case "joins" | "changes":
            pass  # the first has no person yet, the second no event


def _unit(change: Change) -> UUID:
    assert change.unit_after is not None  # only who leaves has none
    return change.unit_after


def _at(act: Act, since: datetime | None, *earliest: datetime) -> Act:
    """The act, as of a moment in the past."""
    if since is None:
        return act
    return replace(act, occurred_at=max(since, *earliest)) if earliest else replace(act, occurred_at=since)
