"""How somebody stands with a course: one word, used by every list and every figure."""

from typing import Literal

Status = Literal[
    "assigned", "in_progress", "passed", "failed", "overdue", "due_soon", "expiring", "expired", "exempt"
]
"""How a person stands with a course. `overdue`, `due_soon`, `expiring` and `expired` depend on the day asked about."""

StaffStatus = Literal[Status, "unassigned"]
"""The same, and of somebody who belongs to a unit and need not follow the course."""

DUE_SOON_DAYS = 30
EXPIRING_DAYS = 60
