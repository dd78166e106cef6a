"""Who may call what: the one access table for RPC methods. The gateway's route table points into it.

Roles say what kind of person asks; whether *this* person may see *that* record or unit is decided
by the service that owns it.
"""

from enum import StrEnum
from typing import Final
from uuid import UUID

from services.contracts.message import Instant, Message


class Role(StrEnum):
    """The five kinds of user."""

    LEARNER = "learner"
    MANAGER = "manager"
    TRAINING_CENTRE = "training-centre"
    AUDITOR = "auditor"
    OPERATOR = "operator"


class Actor(Message):
    """Who acts, as the gateway vouches for it in a signed, short-lived token."""

    person_id: UUID
    roles: frozenset[Role]
    expires_at: Instant


SCHEDULING: Final = UUID("5b1f1e0c-7c0a-5f0e-9d51-0d2f6a9c3e10")
"""Who acts when nobody did: scheduling itself, by its rules."""

ANYONE: Final = frozenset(Role)
FOLLOWERS: Final[frozenset[Role]] = frozenset()
"""No person: only services, and the broker's topic permissions keep everyone else out."""

_LEARNER = frozenset({Role.LEARNER})
_MANAGER = frozenset({Role.MANAGER})
_CENTRE = frozenset({Role.TRAINING_CENTRE})
_AUDITOR = frozenset({Role.AUDITOR})
_OPERATOR = frozenset({Role.OPERATOR})

RPC_ACCESS: Final[dict[str, frozenset[Role]]] = {
    "content.execute": _CENTRE,
    "content.read_feed": FOLLOWERS,
    "content.read_notes": FOLLOWERS,
    "content.audit_feed": _AUDITOR,
    "content.courses": ANYONE,
    "content.course": ANYONE,
    "content.module": ANYONE,
    "content.questions": _LEARNER,
    "content.pool": _CENTRE,
    "content.upload": _CENTRE,
    "content.uploaded_course": _CENTRE,
    "content.uploaded_module": _CENTRE,
    "content.uploaded_pool": _CENTRE,
    "progress.execute": _LEARNER,
    "progress.read_feed": FOLLOWERS,
    "progress.read_notes": FOLLOWERS,
    "progress.audit_feed": _AUDITOR,
    "progress.record": _LEARNER,
    "scheduling.execute": _LEARNER | _MANAGER | _CENTRE | _OPERATOR,  # each room admits by command
    "scheduling.read_feed": FOLLOWERS,
    "scheduling.read_notes": FOLLOWERS,
    "scheduling.audit_feed": _AUDITOR,
    "scheduling.send_staff_file": _OPERATOR,
    "scheduling.staff_import": _OPERATOR,
    "scheduling.staff_imports": _OPERATOR,
    "scheduling.confirm_staff_import": _OPERATOR,
    "scheduling.discard_staff_import": _OPERATOR,
    "scheduling.read_directory": FOLLOWERS,
    "scheduling.fit": _MANAGER,
    "scheduling.propose": _MANAGER,
    "scheduling.proposal": _MANAGER,
    "scheduling.proposals": _MANAGER,
    # messages and calendars
    "scheduling.my_calendar": _LEARNER,
    "scheduling.mail_queue": _OPERATOR,
    "scheduling.reminders": _MANAGER,
    "reporting.me": ANYONE,
    "reporting.my_training": _LEARNER,
    "reporting.overview": _MANAGER | _AUDITOR,
    "reporting.trend": _MANAGER | _AUDITOR,
    "reporting.staff": _MANAGER | _AUDITOR,
    "reporting.transcript": _LEARNER | _MANAGER | _AUDITOR,
    "reporting.why": _LEARNER | _MANAGER | _AUDITOR,
    "reporting.due": _MANAGER | _AUDITOR,
    "reporting.sessions": _LEARNER | _MANAGER | _CENTRE,
    "reporting.in_person_courses": ANYONE,
    "reporting.orders": _MANAGER | _AUDITOR,
    "reporting.hindrances": _MANAGER | _AUDITOR,
    "reporting.history": _AUDITOR,
    "reporting.find": _AUDITOR,
    "reporting.organisation": _MANAGER | _AUDITOR | _OPERATOR,
    "reporting.question_results": _CENTRE | _AUDITOR,
    "reporting.rebuild": _AUDITOR | _OPERATOR,
    "reporting.rebuild_status": _AUDITOR | _OPERATOR,
    "reporting.rebuilds": _AUDITOR | _OPERATOR,
    # units and staff
    "reporting.unit": _MANAGER | _AUDITOR | _OPERATOR,
    "reporting.directory": _MANAGER | _AUDITOR | _OPERATOR,
    "reporting.person": _MANAGER | _AUDITOR | _OPERATOR,
    # seats
    "reporting.plan": _MANAGER | _AUDITOR | _OPERATOR,
    "reporting.person_plan": _MANAGER | _AUDITOR,
    "reporting.my_plan": _LEARNER,
    "reporting.lost_seats": _MANAGER | _AUDITOR | _OPERATOR,
    "reporting.seats": _MANAGER | _AUDITOR | _OPERATOR,
    "reporting.seals": _AUDITOR | _OPERATOR,
    "reporting.health": _OPERATOR | _AUDITOR,
}
