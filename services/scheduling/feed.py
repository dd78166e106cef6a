"""The public face of what scheduling stores; this module alone knows both sides."""

from typing import Final

from services.backbone.feed import Face, Faces
from services.contracts import scheduling as contracts
from services.contracts.scheduling import classes, duties, exemptions, seats
from services.scheduling.domain import (
    Assignment,
    ClassCourse,
    ClassSession,
    ClassWish,
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
        ClassCourse.Named: Face(classes.ClassCourseNamed),
        ClassCourse.NamedAgain: Face(classes.ClassCourseNamed),
        ClassSession.Published: Face(classes.ClassPublished, stream="class_id"),
        ClassSession.Changed: Face(classes.ClassChanged, stream="class_id"),
        ClassSession.Cancelled: Face(classes.ClassCancelled, stream="class_id"),
        ClassSession.Requested: Face(classes.ClassRequested, stream="class_id"),
        ClassSession.RequestRefused: Face(classes.ClassRequestRefused, stream="class_id"),
        ClassSession.SeatGiven: Face(classes.ClassSeatGiven, stream="class_id"),
        ClassSession.Waitlisted: Face(classes.ClassWaitlisted, stream="class_id"),
        ClassSession.SeatOffered: Face(classes.ClassSeatOffered, stream="class_id"),
        ClassSession.PlaceEnded: Face(classes.ClassPlaceEnded, stream="class_id"),
        ClassSession.SeatsReserved: Face(classes.ClassSeatsReserved, stream="class_id"),
        ClassSession.ReservationEnded: Face(classes.ClassReservationEnded, stream="class_id"),
        ClassSession.AttendanceNoted: Face(classes.ClassAttendanceNoted, stream="class_id"),
        ClassWish.Wished: Face(classes.ClassWished),
        ClassWish.WishedAgain: Face(classes.ClassWished),
        ClassWish.Ended: Face(classes.ClassWishEnded),
    }
)
"""Stored event → contract; None keeps it private."""
