"""Every rule that can stand in somebody's way, once, and what breaking it means for a client.

Services name the rule; the gateway says it as a sentence (fr, nl, en) and as an HTTP status.
"""

from enum import StrEnum


class Breach(StrEnum):
    """How a client should understand a broken rule; the gateway maps each to one HTTP status."""

    INVALID = "invalid"  # 422: mend the request
    FORBIDDEN = "forbidden"  # 403: not yours, and no word on whether it exists
    MISSING = "missing"  # 404
    CONFLICT = "conflict"  # 409: the rule holds now; it may not later
    AWAY = "away"  # 503: send the same again later


class Rule(StrEnum):
    """Names are part of the public interface: add, never rename."""

    # anyone
    NOT_YOURS = "not-yours"
    SERVICE_AWAY = "service-away"
    TIME_IN_FUTURE = "time-in-future"
    TIME_TOO_OLD = "time-too-old"
    POSITION_NOT_REACHED = "position-not-reached"
    COMMAND_ID_TAKEN = "command-id-taken"
    # content
    COURSE_UNKNOWN = "course-unknown"
    VERSION_UNKNOWN = "version-unknown"
    MODULE_UNKNOWN = "module-unknown"
    LANGUAGE_UNKNOWN = "language-unknown"
    COURSE_FAULTY = "course-faulty"
    UPLOAD_UNKNOWN = "upload-unknown"
    VERSION_WITHDRAWN = "version-withdrawn"
    # progress
    PERSON_UNKNOWN = "person-unknown"
    PERSON_WITHDRAWN = "person-withdrawn"
    RECORD_UNKNOWN = "record-unknown"
    RECORD_COMPLETED = "record-completed"
    BEFORE_OPENED = "before-opened"
    SESSION_MISSING = "session-missing"
    SESSION_ABANDONED = "session-abandoned"
    SESSION_ENDED = "session-ended"
    VERSION_NOT_PINNED = "version-not-pinned"
    MODULE_OUT_OF_ORDER = "module-out-of-order"
    MODULE_NOT_STARTED = "module-not-started"
    CHECKPOINT_UNKNOWN = "checkpoint-unknown"
    CHECKPOINTS_MISSING = "checkpoints-missing"
    MODULES_MISSING = "modules-missing"
    QUIZ_NOT_OPEN = "quiz-not-open"
    ATTEMPTS_EXHAUSTED = "attempts-exhausted"
    ANSWERS_DO_NOT_FIT = "answers-do-not-fit"
    # scheduling
    UNIT_UNKNOWN = "unit-unknown"
    UNIT_EXISTS = "unit-exists"
    UNIT_CIRCULAR = "unit-circular"
    UNIT_TOO_LARGE = "unit-too-large"
    PERSON_EXISTS = "person-exists"
    DUE_DATE_PAST = "due-date-past"
    ASSIGNMENT_UNKNOWN = "assignment-unknown"
    NOBODY_TO_ASSIGN = "nobody-to-assign"
    APPOINTMENT_UNKNOWN = "appointment-unknown"
    # people
    UNIT_CODE_TAKEN = "unit-code-taken"
    UNIT_CLOSED = "unit-closed"
    UNIT_NOT_EMPTY = "unit-not-empty"
    DEPUTY_UNKNOWN = "deputy-unknown"
    DEPUTY_OF_NOBODY = "deputy-of-nobody"
    DEPUTY_ITSELF = "deputy-itself"
    # scheduling: standing orders
    ORDER_UNKNOWN = "order-unknown"
    EXEMPTION_UNKNOWN = "exemption-unknown"
    EXEMPTION_STANDS = "exemption-stands"
    # seats
    ROOM_UNKNOWN = "room-unknown"
    ROOM_EXISTS = "room-exists"
    ROOM_CLOSED = "room-closed"
    CLOSURE_UNKNOWN = "closure-unknown"
    SLOT_UNKNOWN = "slot-unknown"
    SLOT_OUTSIDE_HOURS = "slot-outside-hours"
    SLOT_OVERLAPS = "slot-overlaps"
    SLOT_PAST = "slot-past"
    SLOT_CANCELLED = "slot-cancelled"
    SLOT_FULL = "slot-full"
    SLOTS_TOO_MANY = "slots-too-many"
    SEATS_TAKEN = "seats-taken"
    SEAT_BOOKED = "seat-booked"
    BOOKING_UNKNOWN = "booking-unknown"
    PERSON_ENGAGED = "person-engaged"
    HALVES_OUT_OF_ORDER = "halves-out-of-order"
    GAP_BETWEEN_HALVES = "gap-between-halves"
    AFTER_DUE_DATE = "after-due-date"
    IMPORT_UNKNOWN = "import-unknown"
    IMPORT_NOT_READY = "import-not-ready"
    IMPORT_MANY_LEAVE = "import-many-leave"
    IMPORT_OUTDATED = "import-outdated"
    # plan proposals
    PROPOSAL_UNKNOWN = "proposal-unknown"
    PROPOSAL_IN_HAND = "proposal-in-hand"
    PROPOSALS_WAITING = "proposals-waiting"
    PROPOSAL_NOT_DONE = "proposal-not-done"
    # in-person sessions
    CLASS_UNKNOWN = "class-unknown"
    CLASS_EXISTS = "class-exists"
    CLASS_COURSE_UNKNOWN = "class-course-unknown"
    CLASS_COURSE_ONLINE = "class-course-online"
    CLASS_DAYS_CROSSED = "class-days-crossed"
    CLASS_CANCELLED = "class-cancelled"
    CLASS_BEGUN = "class-begun"
    CLASS_FULL = "class-full"
    CLASS_SEATS_TAKEN = "class-seats-taken"
    CLASS_PLACE_UNKNOWN = "class-place-unknown"
    CLASS_OFFER_UNKNOWN = "class-offer-unknown"
    CLASS_OFFER_LAPSED = "class-offer-lapsed"
    CLASS_RESERVATION_UNKNOWN = "class-reservation-unknown"
    CLASS_RELEASE_DAY = "class-release-day"
    CLASS_DAY_UNKNOWN = "class-day-unknown"
    CLASS_DAY_TO_COME = "class-day-to-come"
    CLASS_WISH_UNKNOWN = "class-wish-unknown"
    # reporting
    REBUILD_UNKNOWN = "rebuild-unknown"
    REBUILD_RUNNING = "rebuild-running"
    CURSOR_UNREADABLE = "cursor-unreadable"


BREACH: dict[Rule, Breach] = {
    Rule.NOT_YOURS: Breach.FORBIDDEN,
    Rule.SERVICE_AWAY: Breach.AWAY,
    Rule.POSITION_NOT_REACHED: Breach.AWAY,
    Rule.TIME_IN_FUTURE: Breach.INVALID,
    Rule.TIME_TOO_OLD: Breach.INVALID,
    Rule.BEFORE_OPENED: Breach.INVALID,
    Rule.COURSE_FAULTY: Breach.INVALID,
    Rule.ANSWERS_DO_NOT_FIT: Breach.INVALID,
    Rule.CURSOR_UNREADABLE: Breach.INVALID,
    Rule.DUE_DATE_PAST: Breach.INVALID,
    Rule.UNIT_TOO_LARGE: Breach.INVALID,
    Rule.COURSE_UNKNOWN: Breach.MISSING,
    Rule.VERSION_UNKNOWN: Breach.MISSING,
    Rule.MODULE_UNKNOWN: Breach.MISSING,
    Rule.LANGUAGE_UNKNOWN: Breach.MISSING,
    Rule.UPLOAD_UNKNOWN: Breach.MISSING,
    Rule.PERSON_UNKNOWN: Breach.MISSING,
    Rule.RECORD_UNKNOWN: Breach.MISSING,
    Rule.CHECKPOINT_UNKNOWN: Breach.MISSING,
    Rule.UNIT_UNKNOWN: Breach.MISSING,
    Rule.ASSIGNMENT_UNKNOWN: Breach.MISSING,
    Rule.APPOINTMENT_UNKNOWN: Breach.MISSING,
    Rule.DEPUTY_UNKNOWN: Breach.MISSING,
    Rule.DEPUTY_ITSELF: Breach.INVALID,
    Rule.REBUILD_UNKNOWN: Breach.MISSING,
    # seats
    Rule.SLOT_OUTSIDE_HOURS: Breach.INVALID,
    Rule.SLOTS_TOO_MANY: Breach.INVALID,
    Rule.ROOM_UNKNOWN: Breach.MISSING,
    Rule.CLOSURE_UNKNOWN: Breach.MISSING,
    Rule.SLOT_UNKNOWN: Breach.MISSING,
    Rule.BOOKING_UNKNOWN: Breach.MISSING,
    Rule.PROPOSAL_UNKNOWN: Breach.MISSING,
    Rule.ORDER_UNKNOWN: Breach.MISSING,
    Rule.EXEMPTION_UNKNOWN: Breach.MISSING,
    # in-person sessions
    Rule.CLASS_DAYS_CROSSED: Breach.INVALID,
    Rule.CLASS_RELEASE_DAY: Breach.INVALID,
    Rule.CLASS_DAY_UNKNOWN: Breach.INVALID,
    Rule.CLASS_UNKNOWN: Breach.MISSING,
    Rule.CLASS_COURSE_UNKNOWN: Breach.MISSING,
    Rule.CLASS_PLACE_UNKNOWN: Breach.MISSING,
    Rule.CLASS_RESERVATION_UNKNOWN: Breach.MISSING,
    Rule.CLASS_WISH_UNKNOWN: Breach.MISSING,
    Rule.IMPORT_UNKNOWN: Breach.MISSING,
}


def breach_of(rule: str) -> Breach:
    """How to understand a rule; every rule not listed above is a conflict with the state of things."""
    return BREACH.get(Rule(rule), Breach.CONFLICT)


class RuleBroken(Exception):
    """A command or question that a rule refuses. `params` fill the sentence's places; never a name of a person."""

    def __init__(self, rule: Rule, **params: object) -> None:
        super().__init__(rule.value)
        self.rule = rule
        self.params = {name: str(value) for name, value in params.items()}
