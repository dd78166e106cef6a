"""The organisation, its people, and what they must learn: one file an aggregate."""

from services.scheduling.domain.assignment import Assignment, check_due_date
from services.scheduling.domain.hindrance import Hindrance
from services.scheduling.domain.order import StandingOrder
from services.scheduling.domain.organisation import ORGANISATION, Organisation
from services.scheduling.domain.person import Person

__all__ = [
    "ORGANISATION",
    "Assignment",
    "Hindrance",
    "Organisation",
    "Person",
    "StandingOrder",
    "check_due_date",
]
