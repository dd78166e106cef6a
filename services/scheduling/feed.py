"""The public face of what scheduling stores; this module alone knows both sides."""

from typing import Final

from services.backbone.feed import Face, Faces
from services.contracts import scheduling as contracts
from services.contracts.scheduling import duties, exemptions, seats
from services.scheduling.domain import (
    Assignment,
    Exemption,
    Hindrance,
    Organisation,
    Person,
    Room,
    Slot,
    StandingOrder,
)

to_contract: Final = Faces(
    {
        Organisation.Founded: None,
        Organisation.UnitCreated: Face(contracts.UnitCreated),
        Organisation.UnitMoved: Face(contracts.UnitMoved),
        Organisation.UnitCoded: Face(contracts.UnitCoded),
        Organisation.ManagerAppointed: Face(contracts.ManagerAppointed),
        Organisation.ManagerRelieved: Face(contracts.ManagerRelieved),
        Person.Registered: Face(contracts.PersonRegistered, stream="person_id"),
        Person.Placed: Face(contracts.PersonPlaced, stream="person_id"),
        Person.Withdrawn: Face(contracts.PersonWithdrawn, stream="person_id"),
        Person.Returned: Face(contracts.PersonReturned, stream="person_id"),
        Assignment.Assigned: Face(contracts.CourseAssigned, stream="assignment_id"),
        Assignment.AssignedAgain: Face(contracts.CourseAssigned, stream="assignment_id"),
        Assignment.DueDateChanged: Face(contracts.DueDateChanged, stream="assignment_id"),
        Assignment.Withdrawn: Face(contracts.AssignmentWithdrawn, stream="assignment_id"),
        Exemption.Granted: Face(exemptions.ExemptionGranted, stream="exemption_id"),
        Exemption.GrantedAgain: Face(exemptions.ExemptionGranted, stream="exemption_id"),
        Exemption.Revoked: Face(exemptions.ExemptionRevoked, stream="exemption_id"),
        StandingOrder.Given: Face(duties.OrderGiven, stream="order_id"),
        StandingOrder.Ended: Face(duties.OrderEnded, stream="order_id"),
        Hindrance.Found: Face(duties.HindranceFound, stream="hindrance_id"),
        Hindrance.FoundAgain: Face(duties.HindranceFound, stream="hindrance_id"),
        Hindrance.Gone: Face(duties.HindranceGone, stream="hindrance_id"),
        Room.Opened: Face(seats.RoomOpened, stream="room_id"),
        Room.Changed: Face(seats.RoomChanged, stream="room_id"),
        Room.Closed: Face(seats.RoomClosed, stream="room_id"),
        Room.ClosureLifted: Face(seats.ClosureLifted, stream="room_id"),
        Slot.Opened: Face(seats.SlotOpened, stream="slot_id"),
        Slot.OpenedAgain: Face(seats.SlotOpened, stream="slot_id"),
        Slot.Resized: Face(seats.SlotResized, stream="slot_id"),
        Slot.Cancelled: Face(seats.SlotCancelled, stream="slot_id"),
        Slot.SeatBooked: Face(seats.SeatBooked, stream="slot_id"),
        Slot.SeatMoved: Face(seats.SeatMoved, stream="slot_id"),
        Slot.SeatMovedAway: None,
        Slot.SeatReleased: Face(seats.SeatReleased, stream="slot_id"),
        Slot.SeatUsed: Face(seats.SeatUsed, stream="slot_id"),
        Slot.SeatMissed: Face(seats.SeatMissed, stream="slot_id"),
    }
)
"""Stored event → contract; None keeps it private."""
