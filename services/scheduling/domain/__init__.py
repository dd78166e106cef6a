"""The organisation, its people, and what they must learn: one file an aggregate."""

from services.scheduling.domain.assignment import Assignment, check_due_date
from services.scheduling.domain.class_course import ClassCourse, ClassWish
from services.scheduling.domain.class_session import ClassSession
from services.scheduling.domain.exemption import Exemption
from services.scheduling.domain.hindrance import Hindrance
from services.scheduling.domain.order import StandingOrder
from services.scheduling.domain.organisation import ORGANISATION, Organisation
from services.scheduling.domain.person import Person
from services.scheduling.domain.room import Room
from services.scheduling.domain.slot import Slot

__all__ = [
    "ORGANISATION",
    "Assignment",
    "ClassCourse",
    "ClassSession",
    "ClassWish",
    "Exemption",
    "Hindrance",
    "Organisation",
    "Person",
    "Room",
    "Slot",
    "StandingOrder",
    "check_due_date",
]
