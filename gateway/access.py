"""The one table of routes: who may use each, and which RPC methods it calls. No row, no entry.

A row's roles are never wider than those of the methods it calls (`services.contracts.access`); a
test compares this table with the application's routes, both ways.
"""

from dataclasses import dataclass
from typing import Final

from services.contracts.access import ANYONE, Role


@dataclass(frozen=True, slots=True)
class Access:
    """Who may use a route. Public routes know nobody; a page speaks HTML, also when it refuses.

    A public route that calls acts in somebody's name: `acts_as` says in which roles, and no others.
    """

    roles: frozenset[Role]
    calls: tuple[str, ...] = ()
    public: bool = False
    page: bool = False
    acts_as: frozenset[Role] = frozenset()


PUBLIC: Final = Access(frozenset(), public=True)
PUBLIC_PAGE: Final = Access(frozenset(), public=True, page=True)


def page(roles: frozenset[Role], *calls: str) -> Access:
    """The row of a page."""
    return Access(roles, ("reporting.me", *calls), page=True)


_LEARNER: Final = frozenset({Role.LEARNER})
_MANAGER: Final = frozenset({Role.MANAGER})
_CENTRE: Final = frozenset({Role.TRAINING_CENTRE})
_AUDITOR: Final = frozenset({Role.AUDITOR})
_OPERATOR: Final = frozenset({Role.OPERATOR})

_ABOUT_ROOMS: Final = page(_MANAGER, "reporting.organisation", "content.courses", "reporting.plan")
_CHANGING_ROOMS: Final = page(
    _MANAGER, "scheduling.execute", "reporting.organisation", "content.courses", "reporting.plan"
)

_ABOUT_THE_BOARD: Final = page(
    _MANAGER,
    "reporting.organisation",
    "content.courses",
    "content.course",
    "reporting.plan",
    "scheduling.fit",
)

API: Final = "/api/v1"

_NAMES: Final = ("reporting.organisation", "content.courses")
"""What a table asks besides, to name in its file the unit and the course that it was narrowed to."""

ROUTES: Final[dict[tuple[str, str], Access]] = {
    # everybody
    ("POST", f"{API}/session"): PUBLIC,
    ("DELETE", f"{API}/session"): Access(ANYONE),
    ("GET", f"{API}/me"): Access(ANYONE),
    ("GET", f"{API}/courses"): Access(ANYONE, ("content.courses",)),
    ("GET", f"{API}/courses/{{course}}"): Access(ANYONE, ("content.course",)),
    ("GET", f"{API}/courses/{{course}}/versions/{{version}}/modules/{{module}}"): Access(
        ANYONE, ("content.module",)
    ),
    ("GET", "/media/{sha256}"): Access(ANYONE),
    # learners
    ("GET", f"{API}/me/training"): Access(_LEARNER, ("reporting.my_training",)),
    ("GET", f"{API}/me/records/{{record}}"): Access(_LEARNER, ("progress.record",)),
    ("GET", f"{API}/me/records/{{record}}/quiz"): Access(_LEARNER, ("progress.record", "content.questions")),
    ("POST", f"{API}/me/commands"): Access(_LEARNER, ("progress.execute",)),
    ("GET", f"{API}/me/calendar"): Access(_LEARNER, ("scheduling.my_calendar",)),
    ("GET", f"{API}/me/calendar/address"): Access(_LEARNER),
    ("POST", f"{API}/me/calendar/address"): Access(_LEARNER),
    ("DELETE", f"{API}/me/calendar/address"): Access(_LEARNER),
    ("GET", "/calendar/{secret}.ics"): Access(
        frozenset(), ("scheduling.my_calendar",), public=True, acts_as=_LEARNER
    ),
    # personnel managers
    ("GET", f"{API}/reports/overview"): Access(_MANAGER | _AUDITOR, ("reporting.overview", *_NAMES)),
    ("GET", f"{API}/reports/trend"): Access(_MANAGER | _AUDITOR, ("reporting.trend", *_NAMES)),
    ("GET", f"{API}/reports/staff"): Access(_MANAGER | _AUDITOR, ("reporting.staff", *_NAMES)),
    ("GET", f"{API}/reports/people/{{person}}/transcript"): Access(
        _LEARNER | _MANAGER | _AUDITOR, ("reporting.transcript",)
    ),
    ("GET", f"{API}/organisation"): Access(_MANAGER | _AUDITOR | _OPERATOR, ("reporting.organisation",)),
    ("POST", f"{API}/assignments"): Access(_MANAGER, ("scheduling.execute",)),
    # units and staff
    ("GET", f"{API}/units"): Access(_MANAGER | _AUDITOR | _OPERATOR, ("reporting.organisation",)),
    ("POST", f"{API}/units"): Access(_OPERATOR, ("scheduling.execute",)),
    ("GET", f"{API}/units/{{unit}}"): Access(_MANAGER | _AUDITOR | _OPERATOR, ("reporting.unit",)),
    ("GET", f"{API}/staff"): Access(_MANAGER | _AUDITOR | _OPERATOR, ("reporting.directory", *_NAMES)),
    ("GET", f"{API}/staff/{{person}}"): Access(_MANAGER | _AUDITOR | _OPERATOR, ("reporting.person",)),
    # seats
    ("GET", f"{API}/reports/plan"): Access(_MANAGER | _AUDITOR | _OPERATOR, ("reporting.plan", *_NAMES)),
    ("GET", f"{API}/reports/seats"): Access(_MANAGER | _AUDITOR | _OPERATOR, ("reporting.seats", *_NAMES)),
    ("GET", f"{API}/reports/lost-seats"): Access(
        _MANAGER | _AUDITOR | _OPERATOR, ("reporting.lost_seats", *_NAMES)
    ),
    ("GET", f"{API}/reports/people/{{person}}/plan"): Access(_MANAGER | _AUDITOR, ("reporting.person_plan",)),
    ("GET", f"{API}/me/plan"): Access(_LEARNER, ("reporting.my_plan",)),
    ("POST", f"{API}/rooms"): Access(_MANAGER | _OPERATOR, ("scheduling.execute",)),
    ("POST", f"{API}/slots"): Access(_MANAGER | _OPERATOR, ("scheduling.execute",)),
    ("POST", f"{API}/bookings"): Access(_MANAGER | _OPERATOR, ("scheduling.execute",)),
    # plan proposals
    ("POST", f"{API}/proposals"): Access(_MANAGER, ("scheduling.propose",)),
    ("GET", f"{API}/proposals"): Access(_MANAGER, ("scheduling.proposals",)),
    ("GET", f"{API}/proposals/{{proposal}}"): Access(_MANAGER, ("scheduling.proposal",)),
    ("POST", f"{API}/proposals/{{proposal}}/acceptance"): Access(
        _MANAGER, ("scheduling.proposal", "scheduling.execute")
    ),
    # in-person sessions
    ("GET", f"{API}/sessions"): Access(_LEARNER | _MANAGER | _CENTRE, ("reporting.sessions",)),
    ("POST", f"{API}/sessions"): Access(_CENTRE | _OPERATOR, ("scheduling.execute",)),
    ("POST", f"{API}/requests"): Access(_LEARNER | _MANAGER | _CENTRE | _OPERATOR, ("scheduling.execute",)),
    ("POST", f"{API}/attendance"): Access(_CENTRE | _OPERATOR, ("scheduling.execute",)),
    # pages of in-person sessions
    ("GET", "/in-person"): page(_LEARNER, "reporting.sessions"),
    ("POST", "/in-person"): page(_LEARNER, "scheduling.execute"),
    ("GET", "/requests"): page(_MANAGER, "reporting.sessions"),
    ("POST", "/requests"): page(_MANAGER, "scheduling.execute", "reporting.sessions", "reporting.directory"),
    ("GET", "/requests/sessions/{session}"): page(_MANAGER, "reporting.sessions", "reporting.organisation"),
    ("POST", "/requests/sessions/{session}"): page(
        _MANAGER, "scheduling.execute", "reporting.sessions", "reporting.organisation"
    ),
    ("GET", "/requests/people/{person}"): page(
        _MANAGER, "reporting.sessions", "reporting.organisation", "reporting.transcript"
    ),
    ("POST", "/requests/people/{person}"): page(_MANAGER, "scheduling.execute"),
    ("GET", "/sessions"): page(_CENTRE, "reporting.sessions"),
    ("POST", "/sessions"): page(_CENTRE, "scheduling.execute", "reporting.sessions"),
    ("GET", "/sessions/new"): page(_CENTRE, "reporting.sessions"),
    ("GET", "/sessions/courses"): page(_CENTRE, "reporting.sessions"),
    ("POST", "/sessions/courses"): page(_CENTRE, "scheduling.execute", "reporting.sessions"),
    ("GET", "/sessions/{session}"): page(_CENTRE, "reporting.sessions"),
    ("POST", "/sessions/{session}"): page(_CENTRE, "scheduling.execute"),
    ("GET", "/sessions/{session}/change"): page(_CENTRE, "reporting.sessions"),
    ("POST", "/sessions/{session}/change"): page(_CENTRE, "scheduling.execute", "reporting.sessions"),
    ("GET", "/sessions/{session}/cancel"): page(_CENTRE, "reporting.sessions"),
    ("POST", "/sessions/{session}/cancel"): page(_CENTRE, "scheduling.execute", "reporting.sessions"),
    ("GET", "/sessions/{session}/attendance"): page(_CENTRE, "reporting.sessions"),
    ("POST", "/sessions/{session}/attendance"): page(_CENTRE, "scheduling.execute"),
    # training centres
    ("POST", f"{API}/courses"): Access(_CENTRE, ("content.execute",)),
    ("POST", f"{API}/courses/{{course}}/versions/{{version}}/withdraw"): Access(
        _CENTRE, ("content.execute",)
    ),
    ("GET", f"{API}/courses/{{course}}/versions/{{version}}/results"): Access(
        _CENTRE | _AUDITOR, ("reporting.question_results", "content.courses")
    ),
    # auditors
    ("GET", f"{API}/audit/people/{{person}}/history"): Access(_AUDITOR, ("reporting.history",)),
    ("GET", f"{API}/audit/feeds/{{service}}"): Access(
        _AUDITOR, ("content.audit_feed", "progress.audit_feed", "scheduling.audit_feed")
    ),
    ("GET", f"{API}/audit/seals"): Access(_AUDITOR | _OPERATOR, ("reporting.seals",)),
    ("POST", f"{API}/audit/people"): Access(_AUDITOR, ("reporting.find",)),
    ("GET", f"{API}/audit/rebuild"): Access(_AUDITOR | _OPERATOR, ("reporting.rebuilds",)),
    ("POST", f"{API}/audit/rebuild"): Access(_AUDITOR | _OPERATOR, ("reporting.rebuild",)),
    ("GET", f"{API}/audit/rebuild/{{job}}"): Access(_AUDITOR | _OPERATOR, ("reporting.rebuild_status",)),
    # operators
    ("POST", f"{API}/organisation/commands"): Access(_OPERATOR, ("scheduling.execute",)),
    ("GET", f"{API}/followers"): Access(_AUDITOR | _OPERATOR, ("reporting.health",)),
    # operators who send files of HR
    ("POST", f"{API}/staff/imports"): Access(_OPERATOR, ("scheduling.send_staff_file",)),
    ("GET", f"{API}/staff/imports"): Access(_OPERATOR, ("scheduling.staff_imports",)),
    ("GET", f"{API}/staff/imports/{{import_id}}"): Access(_OPERATOR, ("scheduling.staff_import",)),
    ("POST", f"{API}/staff/imports/{{import_id}}/confirm"): Access(
        _OPERATOR, ("scheduling.confirm_staff_import",)
    ),
    ("DELETE", f"{API}/staff/imports/{{import_id}}"): Access(_OPERATOR, ("scheduling.discard_staff_import",)),
    ("GET", "/healthz"): PUBLIC,
    ("GET", "/readyz"): PUBLIC,
    ("GET", "/metrics"): PUBLIC,
    # about the interface itself
    ("GET", "/openapi.json"): PUBLIC,
    ("GET", "/docs"): PUBLIC,
    ("GET", "/docs/{file}"): PUBLIC,
    # what all pages share
    ("GET", "/"): page(ANYONE),
    ("GET", "/sign-in"): PUBLIC_PAGE,
    ("POST", "/sign-in"): PUBLIC_PAGE,
    ("POST", "/sign-out"): page(ANYONE),
    ("POST", "/language"): PUBLIC_PAGE,
    ("GET", "/accessibility"): PUBLIC_PAGE,
    ("GET", "/static/{version}/{file}"): PUBLIC_PAGE,
    # pages of learners
    ("GET", "/training"): page(
        _LEARNER,
        "reporting.my_training",
        "reporting.my_plan",
        "reporting.sessions",
        "content.courses",
        "progress.record",
        "content.course",
    ),
    ("GET", "/training/{course}"): page(_LEARNER, "content.courses", "content.course", "progress.record"),
    ("GET", "/learn/{record}"): page(_LEARNER, "progress.record", "content.course"),
    ("GET", "/learn/{record}/test"): page(_LEARNER, "progress.record", "content.course", "content.questions"),
    ("POST", "/learn/{record}/answers"): page(_LEARNER, "progress.execute"),
    ("GET", "/learn/{record}/review"): page(
        _LEARNER, "progress.record", "content.course", "content.questions"
    ),
    ("GET", "/learn/{record}/result"): page(
        _LEARNER, "progress.record", "content.course", "content.questions"
    ),
    ("GET", "/learn/{record}/{module}/{page_id}"): page(
        _LEARNER, "progress.record", "content.course", "content.module"
    ),
    ("POST", "/learn/{record}/steps"): page(
        _LEARNER, "progress.execute", "progress.record", "content.course"
    ),
    ("GET", "/calendar"): page(_LEARNER),
    ("POST", "/calendar"): page(_LEARNER),
    ("POST", "/calendar/end"): page(_LEARNER),
    # messages to people
    ("GET", f"{API}/messages/queue"): Access(_OPERATOR, ("scheduling.mail_queue",)),
    ("GET", f"{API}/reports/reminders"): Access(_MANAGER, ("scheduling.reminders",)),
    ("GET", "/operations/mail"): page(_OPERATOR, "scheduling.mail_queue"),
    ("GET", "/units/{unit}/reminders"): page(
        _MANAGER, "scheduling.reminders", "reporting.organisation", "content.courses", "reporting.staff"
    ),
    # pages of personnel managers
    ("GET", "/units"): page(
        _MANAGER,
        "reporting.organisation",
        "content.courses",
        "reporting.in_person_courses",
        "reporting.overview",
    ),
    ("GET", "/units/{unit}"): page(
        _MANAGER | _AUDITOR,
        "reporting.organisation",
        "content.courses",
        "reporting.in_person_courses",
        "reporting.overview",
        "reporting.staff",
        "reporting.trend",
    ),
    ("GET", "/units/{unit}/staff"): page(
        _MANAGER | _AUDITOR,
        "reporting.organisation",
        "content.courses",
        "reporting.in_person_courses",
        "reporting.overview",
        "reporting.staff",
    ),
    ("GET", "/people/{person}"): page(
        _MANAGER, "reporting.transcript", "reporting.organisation", "content.courses", "content.course"
    ),
    ("GET", "/people/{person}/courses/{course}/take-back"): page(
        _MANAGER, "reporting.transcript", "content.courses"
    ),
    ("POST", "/people/{person}/courses/{course}/take-back"): page(_MANAGER, "scheduling.execute"),
    ("GET", "/units/{unit}/assign"): page(
        _MANAGER,
        "reporting.organisation",
        "content.courses",
        "reporting.in_person_courses",
        "reporting.overview",
        "reporting.staff",
    ),
    ("GET", "/units/{unit}/assign/check"): page(
        _MANAGER,
        "reporting.organisation",
        "content.courses",
        "reporting.in_person_courses",
        "reporting.overview",
        "reporting.staff",
    ),
    ("POST", "/units/{unit}/assign"): page(
        _MANAGER,
        "scheduling.execute",
        "reporting.organisation",
        "content.courses",
        "reporting.in_person_courses",
        "reporting.overview",
        "reporting.staff",
    ),
    # duties
    ("GET", f"{API}/reports/due"): Access(_MANAGER | _AUDITOR, ("reporting.due", *_NAMES)),
    ("GET", "/units/{unit}/due"): page(
        _MANAGER, "reporting.due", "reporting.organisation", "content.courses", "reporting.in_person_courses"
    ),
    ("GET", f"{API}/orders"): Access(_MANAGER | _AUDITOR, ("reporting.orders", *_NAMES)),
    ("POST", f"{API}/orders"): Access(_MANAGER | _OPERATOR, ("scheduling.execute",)),
    ("POST", f"{API}/orders/{{order}}/end"): Access(_MANAGER | _OPERATOR, ("scheduling.execute",)),
    ("GET", f"{API}/reports/exceptions"): Access(_MANAGER | _AUDITOR, ("reporting.hindrances", *_NAMES)),
    ("GET", f"{API}/reports/people/{{person}}/status/{{course}}/why"): Access(
        _LEARNER | _MANAGER | _AUDITOR, ("reporting.why",)
    ),
    ("POST", f"{API}/exemptions"): Access(_MANAGER | _OPERATOR, ("scheduling.execute",)),
    ("POST", f"{API}/exemptions/revoke"): Access(_MANAGER | _OPERATOR, ("scheduling.execute",)),
    ("GET", "/people/{person}/exempt"): page(_MANAGER, "reporting.transcript", "content.courses"),
    ("POST", "/people/{person}/exempt"): page(
        _MANAGER, "scheduling.execute", "reporting.transcript", "content.courses"
    ),
    ("GET", "/people/{person}/exempt/end"): page(_MANAGER, "reporting.transcript", "content.courses"),
    ("POST", "/people/{person}/exempt/end"): page(
        _MANAGER, "scheduling.execute", "reporting.transcript", "content.courses"
    ),
    ("GET", "/units/{unit}/orders"): page(
        _MANAGER,
        "reporting.orders",
        "reporting.organisation",
        "content.courses",
        "reporting.in_person_courses",
    ),
    ("POST", "/units/{unit}/orders"): page(
        _MANAGER,
        "scheduling.execute",
        "reporting.organisation",
        "content.courses",
        "reporting.in_person_courses",
    ),
    ("GET", "/units/{unit}/orders/new"): page(
        _MANAGER, "reporting.organisation", "content.courses", "reporting.in_person_courses"
    ),
    ("GET", "/units/{unit}/orders/check"): page(
        _MANAGER,
        "reporting.organisation",
        "content.courses",
        "reporting.in_person_courses",
        "reporting.overview",
    ),
    ("GET", "/units/{unit}/orders/{order}/end"): page(
        _MANAGER,
        "reporting.orders",
        "reporting.organisation",
        "content.courses",
        "reporting.in_person_courses",
    ),
    ("POST", "/units/{unit}/orders/{order}/end"): page(_MANAGER, "scheduling.execute"),
    ("GET", "/units/{unit}/exceptions"): page(
        _MANAGER,
        "reporting.hindrances",
        "reporting.organisation",
        "content.courses",
        "reporting.in_person_courses",
    ),
    # pages of plan proposals
    ("GET", "/proposals"): page(
        _MANAGER, "reporting.organisation", "content.courses", "scheduling.proposals", "reporting.lost_seats"
    ),
    ("POST", "/proposals"): page(
        _MANAGER,
        "scheduling.propose",
        "scheduling.proposals",
        "reporting.lost_seats",
        "reporting.organisation",
        "content.courses",
    ),
    ("GET", "/proposals/{proposal}"): page(
        _MANAGER, "scheduling.proposal", "reporting.organisation", "content.courses", "reporting.staff"
    ),
    ("POST", "/proposals/{proposal}"): page(
        _MANAGER,
        "scheduling.proposal",
        "scheduling.execute",
        "reporting.organisation",
        "content.courses",
        "reporting.staff",
    ),
    # rooms, the planning board and its figures
    ("GET", "/units/{unit}/board"): _ABOUT_THE_BOARD,
    ("POST", "/units/{unit}/board"): page(_MANAGER, "scheduling.execute", *_ABOUT_THE_BOARD.calls),
    ("GET", "/units/{unit}/rooms"): _ABOUT_ROOMS,
    ("POST", "/units/{unit}/rooms"): _CHANGING_ROOMS,
    ("GET", "/units/{unit}/rooms/new"): _ABOUT_ROOMS,
    ("GET", "/units/{unit}/rooms/{room}"): _ABOUT_ROOMS,
    ("POST", "/units/{unit}/rooms/{room}"): _CHANGING_ROOMS,
    ("GET", "/units/{unit}/rooms/{room}/close"): _ABOUT_ROOMS,
    ("POST", "/units/{unit}/rooms/{room}/close"): _CHANGING_ROOMS,
    ("POST", "/units/{unit}/rooms/{room}/lift"): page(_MANAGER, "scheduling.execute"),
    ("POST", "/units/{unit}/rooms/{room}/slots"): _CHANGING_ROOMS,
    ("GET", "/units/{unit}/rooms/{room}/slots/{slot}"): _ABOUT_ROOMS,
    ("POST", "/units/{unit}/rooms/{room}/slots/{slot}"): _CHANGING_ROOMS,
    # pages of training centres
    ("GET", "/courses"): page(_CENTRE, "content.courses"),
    ("POST", "/courses"): page(_CENTRE, "content.upload"),
    ("GET", "/courses/uploads/{upload}"): page(
        _CENTRE, "content.upload", "content.uploaded_course", "content.uploaded_pool"
    ),
    ("POST", "/courses/uploads/{upload}"): page(_CENTRE, "content.upload", "content.execute"),
    ("GET", "/courses/uploads/{upload}/questions"): page(
        _CENTRE, "content.uploaded_course", "content.uploaded_pool"
    ),
    ("GET", "/courses/uploads/{upload}/preview/{module}/{page_id}"): page(
        _CENTRE, "content.uploaded_course", "content.uploaded_module"
    ),
    ("GET", "/courses/{course}"): page(_CENTRE, "content.courses"),
    ("GET", "/courses/{course}/versions/{version}"): page(_CENTRE, "content.courses", "content.course"),
    ("GET", "/courses/{course}/versions/{version}/withdraw"): page(_CENTRE, "content.courses"),
    ("POST", "/courses/{course}/versions/{version}/withdraw"): page(
        _CENTRE, "content.courses", "content.execute"
    ),
    ("GET", "/courses/{course}/versions/{version}/questions"): page(
        _CENTRE, "content.courses", "content.course", "content.pool"
    ),
    ("GET", "/courses/{course}/versions/{version}/results"): page(
        _CENTRE, "content.courses", "content.pool", "reporting.question_results"
    ),
    ("GET", "/courses/{course}/versions/{version}/preview/{module}/{page_id}"): page(
        _CENTRE, "content.courses", "content.course", "content.module"
    ),
    # pages of auditors
    ("GET", "/audit"): page(_AUDITOR, "reporting.organisation"),
    ("POST", "/audit"): page(_AUDITOR, "reporting.organisation", "reporting.find"),
    ("GET", "/audit/feeds/{service}"): page(
        _AUDITOR, "content.audit_feed", "progress.audit_feed", "scheduling.audit_feed"
    ),
    ("GET", "/audit/rebuild"): page(_AUDITOR | _OPERATOR, "reporting.rebuilds", "reporting.health"),
    ("POST", "/audit/rebuild"): page(_AUDITOR | _OPERATOR, "reporting.rebuild", "reporting.rebuilds"),
    ("GET", "/audit/rebuild/{job}"): page(_AUDITOR | _OPERATOR, "reporting.rebuild_status"),
    ("GET", "/audit/people/{person}"): page(
        _AUDITOR,
        "reporting.history",
        "reporting.transcript",
        "reporting.organisation",
        "reporting.find",
        "content.courses",
        "content.course",
    ),
    ("GET", "/audit/people/{person}/compare"): page(
        _AUDITOR,
        "reporting.history",
        "reporting.transcript",
        "reporting.organisation",
        "reporting.find",
        "content.courses",
        "content.course",
    ),
    # pages of operators
    # operators: units, and who answers for them
    ("GET", "/operations/units"): page(_OPERATOR, "reporting.organisation"),
    ("GET", "/operations/units/{unit}"): page(_OPERATOR, "reporting.unit"),
    ("GET", "/operations/units/{unit}/{change}"): page(
        _OPERATOR, "reporting.unit", "reporting.organisation", "reporting.directory", "reporting.person"
    ),
    ("POST", "/operations/units/{unit}/{change}"): page(
        _OPERATOR,
        "scheduling.execute",
        "reporting.unit",
        "reporting.organisation",
        "reporting.directory",
        "reporting.person",
    ),
    # operators: files of HR
    ("GET", "/operations/staff"): page(_OPERATOR, "scheduling.staff_imports"),
    ("POST", "/operations/staff"): page(_OPERATOR, "scheduling.send_staff_file", "scheduling.staff_imports"),
    ("GET", "/operations/staff/{import_id}"): page(
        _OPERATOR, "scheduling.staff_import", "reporting.organisation"
    ),
    ("POST", "/operations/staff/{import_id}/confirm"): page(
        _OPERATOR, "scheduling.confirm_staff_import", "scheduling.staff_import", "reporting.organisation"
    ),
    ("POST", "/operations/staff/{import_id}/discard"): page(_OPERATOR, "scheduling.discard_staff_import"),
    ("GET", "/operations"): page(
        _OPERATOR, "reporting.health", "reporting.rebuilds", "scheduling.staff_imports"
    ),
    # certificates
    ("GET", "/certificates/{record}"): page(_LEARNER, "reporting.my_training", "content.course"),
    ("GET", "/certificates/{record}/certificate.pdf"): page(
        _LEARNER, "reporting.my_training", "content.course"
    ),
    ("GET", "/people/{person}/certificates/{record}"): page(
        _MANAGER, "reporting.transcript", "content.course"
    ),
    ("GET", "/people/{person}/certificates/{record}/certificate.pdf"): page(
        _MANAGER, "reporting.transcript", "content.course"
    ),
    ("GET", "/confirm"): PUBLIC_PAGE,
    ("GET", "/confirm/{number}"): Access(
        frozenset(), ("reporting.my_training", "content.course"), public=True, page=True, acts_as=_LEARNER
    ),
}
