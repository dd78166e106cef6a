"""The public face of scheduling's events; this module alone knows both sides."""

from services.backbone.aggregate import Fact
from services.contracts import scheduling as contracts
from services.scheduling.domain import Assignment, Organisation, Person


def to_contract(event: Fact) -> contracts.SchedulingEvent | None:
    """What others may know of a stored event; None keeps it private."""
    at = event.occurred_at
    match event:
        case Organisation.Founded():
            return None
        case Organisation.UnitCreated():
            return contracts.UnitCreated(
                unit_id=event.unit_id,
                kind=event.kind,
                name=event.name,
                parent_id=event.parent_id,
                occurred_at=at,
            )
        case Organisation.UnitMoved():
            return contracts.UnitMoved(unit_id=event.unit_id, parent_id=event.parent_id, occurred_at=at)
        case Organisation.ManagerAppointed():
            return contracts.ManagerAppointed(
                unit_id=event.unit_id, person_id=event.person_id, until=event.until, occurred_at=at
            )
        case Organisation.ManagerRelieved():
            return contracts.ManagerRelieved(unit_id=event.unit_id, person_id=event.person_id, occurred_at=at)
        case Person.Registered():
            return contracts.PersonRegistered(person_id=event.originator_id, occurred_at=at)
        case Person.Placed():
            return contracts.PersonPlaced(
                person_id=event.originator_id, unit_id=event.unit_id, occurred_at=at
            )
        case Person.Withdrawn():
            return contracts.PersonWithdrawn(person_id=event.originator_id, occurred_at=at)
        case Assignment.Assigned() | Assignment.AssignedAgain():
            return contracts.CourseAssigned(
                assignment_id=event.originator_id,
                person_id=event.person_id,
                course=event.course,
                period=event.period,
                due_on=event.due_on,
                occurred_at=at,
            )
        case Assignment.DueDateChanged():
            return contracts.DueDateChanged(
                assignment_id=event.originator_id,
                person_id=event.person_id,
                course=event.course,
                period=event.period,
                due_on=event.due_on,
                occurred_at=at,
            )
        case Assignment.Withdrawn():
            return contracts.AssignmentWithdrawn(
                assignment_id=event.originator_id,
                person_id=event.person_id,
                course=event.course,
                period=event.period,
                occurred_at=at,
            )
        case _:
            raise ValueError(f"no public face is written for {type(event).__qualname__}")
