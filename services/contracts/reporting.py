"""What reporting answers: read models of three feeds, as of any date, as known at any date.

Two times on every question: `as_of` is the moment whose state is asked for, `known_at` the moment
whose knowledge is used. Without them: now.
"""

from datetime import date, datetime, time
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from services.contracts.message import Day, Language, Localised, Message, Slug, Truth
from services.contracts.scheduling.assignments import Cause
from services.contracts.scheduling.classes import ClassDay, PlaceState
from services.contracts.scheduling.duties import HindranceKind, Recurrence
from services.contracts.scheduling.exemptions import ExemptionReason

Status = Literal[
    "assigned", "in_progress", "passed", "failed", "overdue", "due_soon", "expiring", "expired", "exempt"
]
"""How a person stands with a course. `overdue`, `due_soon`, `expiring` and `expired` depend on the day asked about."""

StaffStatus = Literal[Status, "unassigned"]
"""The same, and of somebody who belongs to a unit and need not follow the course."""

DUE_SOON_DAYS = 30
EXPIRING_DAYS = 60

ANSWERS_SHOWN_MIN = 5
"""Figures about a question are shown from so many answers on: fewer would point at persons."""

Positions = dict[Slug, int]
"""How far each feed had been read when an answer was made."""


class TwoTimes(Message):
    """The moment asked about and the knowledge used; `at_least` waits until a feed was read so far."""

    as_of: datetime | None = None
    known_at: datetime | None = None
    at_least: Positions = {}


class AskOverview(TwoTimes):
    """Counts by status for a unit and all below it."""

    unit_id: UUID
    course: Slug


class UnitFigures(Message):
    """How many people of a unit, and of all below it, stand how."""

    unit_id: UUID
    name: Localised
    kind: str
    people: int
    counts: dict[Status, int]


class Overview(Message):
    """A unit, the units directly below it, and from which positions the figures come."""

    unit: UnitFigures
    below: tuple[UnitFigures, ...]
    course: Slug
    as_of: datetime
    known_at: datetime
    positions: Positions


class AskTrend(TwoTimes):
    """How many people of a unit and below were trained at the ends of months, the last point being `as_of`."""

    unit_id: UUID
    course: Slug
    points: Annotated[int, Field(ge=1, le=60)] = 13


class TrendPoint(Message):
    """How many people there were at a moment, and how many of them had passed what was valid then."""

    as_of: datetime
    people: int
    trained: int
    exempt: int = 0


class UnitTrend(Message):
    """A unit with all that was below it at each moment, oldest first."""

    unit_id: UUID
    name: Localised
    kind: str
    points: tuple[TrendPoint, ...]


class Trend(Message):
    """A unit, and the units that are directly below it as of the last point."""

    unit: UnitTrend
    below: tuple[UnitTrend, ...]
    course: Slug
    as_of: datetime
    known_at: datetime
    positions: Positions


class AskStaff(TwoTimes):
    """The people of a unit and below it, and how each stands, longest overdue first.

    Without `everybody` or a status: those whom the course concerns. `called`: words that each begin
    one of their names, or their staff number.
    """

    unit_id: UUID
    course: Slug
    status: StaffStatus | None = None
    everybody: Truth = False
    called: Annotated[str, Field(max_length=100)] | None = None
    people: Annotated[tuple[UUID, ...], Field(max_length=500)] = ()
    cursor: Annotated[str, Field(max_length=200)] | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 50


class StaffLine(Message):
    """One person's standing."""

    person_id: UUID
    given_name: str | None
    family_name: str | None
    staff_number: str | None
    unit_id: UUID
    unit_name: Localised
    status: StaffStatus
    due_on: date | None
    since: datetime
    expires_on: date | None
    record_id: UUID | None


class Staff(Message):
    """A page of people; `cursor` asks for the next."""

    lines: tuple[StaffLine, ...]
    cursor: str | None
    as_of: datetime
    known_at: datetime
    positions: Positions


class OrderLine(Message):
    """A standing order: for a unit and below, for a function, for both, or for everybody.

    `in_care`: whoever asks may end it.
    """

    order_id: UUID
    course: Slug
    unit_id: UUID | None
    unit_name: Localised | None
    function: str | None
    due_on: date | None
    after_days: int | None
    recurrence: Recurrence | None
    from_on: date
    to_on: date | None
    given_at: datetime
    ended_at: datetime | None
    in_care: bool


class AskTranscript(TwoTimes):
    """One person's courses, attempts and completions."""

    person_id: UUID


StepKind = Literal[
    "assigned",
    "due_changed",
    "withdrawn",
    "opened",
    "part_completed",
    "attempt",
    "completed",
    "exempted",
    "bound",
]
"""`bound`: no longer exempt."""


class Step(Message):
    """What happened on somebody's way, with both times: no page that was read, no answer that was given."""

    kind: StepKind
    occurred_at: datetime
    recorded_at: datetime
    due_on: date | None = None
    part: Slug | None = None
    right: int | None = None
    asked: int | None = None
    cause: Cause | None = None
    by: UUID | None = None
    by_name: str | None = None
    reason: ExemptionReason | None = None
    sentence: str | None = None
    attachment: str | None = None


class TranscriptLine(Message):
    """One course and period of a person, summed up."""

    course: Slug
    period: int
    course_version: int | None
    status: Status
    due_on: date | None
    opened_at: datetime | None
    modules_completed: int
    modules: int | None
    attempts: tuple[tuple[datetime, int, int], ...]
    completed_at: datetime | None
    expires_on: date | None
    record_id: UUID | None
    last_active_at: datetime | None = None
    steps: tuple[Step, ...] = ()


class Transcript(Message):
    """A person's whole training, and where they belong (nowhere, when they left)."""

    person_id: UUID
    given_name: str | None
    family_name: str | None
    staff_number: str | None = None
    unit_id: UUID | None = None
    unit_name: Localised | None = None
    lines: tuple[TranscriptLine, ...]
    orders: tuple[OrderLine, ...] = ()
    as_of: datetime
    known_at: datetime
    positions: Positions


class AskMe(Message):
    """How is the person called who asks?"""


class Me(Message):
    """One's own name, where the directory knows one."""

    given_name: str | None
    family_name: str | None


class AskMyTraining(Message):
    """What is due, in progress and done for the person who asks."""

    at_least: Positions = {}


class AskHistory(TwoTimes):
    """One person's history, event by event."""

    person_id: UUID


class HistoryLine(Message):
    """One event of a person's history, with everything that an auditor asks of it."""

    feed: Slug
    position: int
    stream_id: UUID
    stream_version: int
    occurred_at: datetime
    recorded_at: datetime
    actor: UUID
    command_id: UUID
    digest: str
    type: str
    event: dict[str, Any]


class History(Message):
    """All events about one person, in the order in which they happened."""

    person_id: UUID
    lines: tuple[HistoryLine, ...]
    as_of: datetime
    known_at: datetime
    positions: Positions


class AskPeople(Message):
    """Who is called so? The beginnings of words of a name or staff number, in any order, or a person id."""

    text: Annotated[str, Field(min_length=2, max_length=200)]
    limit: Annotated[int, Field(ge=1, le=100)] = 20


class PersonLine(Message):
    """Somebody who was found, and the unit that they belong to at present."""

    person_id: UUID
    given_name: str | None
    family_name: str | None
    staff_number: str | None
    unit_id: UUID | None
    unit_name: Localised | None


class People(Message):
    """Whoever was found, by name; `more` says that the limit left some out."""

    lines: tuple[PersonLine, ...]
    more: bool
    positions: Positions


class AskOrganisation(TwoTimes):
    """The units in the care of who asks (all, for auditor and operator)."""


class UnitLine(Message):
    """A unit in the tree."""

    unit_id: UUID
    parent_id: UUID | None
    kind: str
    name: Localised
    in_care: bool
    code: str | None = None


class Organisation(Message):
    """Units, parents before children."""

    units: tuple[UnitLine, ...]
    positions: Positions


class AskQuestionResults(Message):
    """How often were the questions of a version answered wrongly?"""

    course: Slug
    course_version: int
    at_least: Positions = {}


class QuestionResult(Message):
    """A question in the language in which attempts were handed in; no figures before ANSWERS_SHOWN_MIN answers."""

    question: Slug
    language: Language
    asked: int | None
    wrong: int | None


class QuestionResults(Message):
    """The questions of a version that were asked so far, by question and language; never by person."""

    course: Slug
    course_version: int
    results: tuple[QuestionResult, ...]
    positions: Positions


class Rebuild(Message):
    """Make new copies of read models (all, or one) beside the live ones, compare, and swap.

    A read model is called as in its proof (`training_status@5`), or shorter (`training-status`).
    """

    read_model: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_@-]{0,63}$")] | None = None
    swap: Truth = True


class RebuildStarted(Message):
    """The job; ask `rebuild_status` with it."""

    job_id: UUID


class AskRebuild(Message):
    """How far is a rebuild?"""

    job_id: UUID


class ModelProof(Message):
    """Digest over the ordered rows of a read model, live and rebuilt, at the same positions."""

    read_model: str
    rows: int
    live: str
    rebuilt: str
    equal: bool


RebuildState = Literal["waiting", "running", "done", "failed"]


class RebuildStatus(Message):
    """A rebuild job: how far, how fast, and the proof at its end."""

    job_id: UUID
    state: RebuildState
    events: int
    events_total: int
    events_per_second: float
    proofs: tuple[ModelProof, ...]
    failure: str | None = None


class AskRebuilds(Message):
    """Which rebuilds were there? The newest first."""

    limit: Annotated[int, Field(ge=1, le=100)] = 10


class RebuildLine(Message):
    """A job in brief; `equal` says whether all its proofs hold, nothing while there are none."""

    job_id: UUID
    read_model: str | None
    swap: bool
    requested_at: datetime
    requested_by: UUID
    state: RebuildState
    events: int
    equal: bool | None


class Rebuilds(Message):
    """Jobs, the newest first."""

    jobs: tuple[RebuildLine, ...]


class AskHealth(Message):
    """How far behind is each read model?"""


class FollowerHealth(Message):
    """A follower's place in a feed; `lag_events` and `lag_seconds` behind its head."""

    read_model: str
    feed: str
    position: int
    head: int
    lag_seconds: float


class Health(Message):
    """All followers."""

    followers: tuple[FollowerHealth, ...]


# --- duties --------------------------------------------------------------------------------------


class AskOrders(Message):
    """The standing orders that concern a unit: its own, those of units above and below, those for everybody."""

    unit_id: UUID
    at_least: Positions = {}


class Orders(Message):
    """Orders, those that were given last first."""

    orders: tuple[OrderLine, ...]
    positions: Positions


class AskHindrances(Message):
    """What stands in the way of due dates, for the people of a unit and below it: the oldest first."""

    unit_id: UUID
    at_least: Positions = {}
    limit: Annotated[int, Field(ge=1, le=500)] = 200


class HindranceLine(Message):
    """One person, one order, and why its date is not simply set."""

    hindrance_id: UUID
    kind: HindranceKind
    person_id: UUID
    given_name: str | None
    family_name: str | None
    staff_number: str | None
    unit_id: UUID
    unit_name: Localised
    course: Slug
    period: int
    order_id: UUID
    due_on: date | None
    held_on: date | None
    held_by: UUID | None
    found_at: datetime


class Hindrances(Message):
    """What somebody must decide, with the orders that it is about; `more` says that the limit left some out."""

    lines: tuple[HindranceLine, ...]
    more: bool
    orders: tuple[OrderLine, ...]
    positions: Positions


class AskWhy(TwoTimes):
    """Why does a person stand so with a course, and why are its dates what they are?"""

    person_id: UUID
    course: Slug


class Why(Message):
    """Every period of the course with what led to it; each due date names its rule and its arithmetic."""

    person_id: UUID
    course: Slug
    lines: tuple[TranscriptLine, ...]
    orders: tuple[OrderLine, ...]
    as_of: datetime
    known_at: datetime
    positions: Positions


DUE_STATUSES: tuple[Status, ...] = ("overdue", "expired", "due_soon", "expiring")
"""What a due list shows: what is late, and what will be."""


class AskDue(TwoTimes):
    """Who is late with a course in a unit and below, who will be soon, and whose training ends: by unit, and who."""

    unit_id: UUID
    course: Slug
    status: Status | None = None
    cursor: Annotated[str, Field(max_length=200)] | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 50


class Due(Message):
    """The unit and those directly below it, each with all below that; then the people, the latest first."""

    unit: UnitFigures
    below: tuple[UnitFigures, ...]
    lines: tuple[StaffLine, ...]
    cursor: str | None
    course: Slug
    as_of: datetime
    known_at: datetime
    positions: Positions


# --- in-person sessions --------------------------------------------------------------------------


class AskSessions(Message):
    """In-person sessions to come and those of the last weeks, each as whoever asks may see it."""

    at_least: Positions = {}


class SessionPlace(Message):
    """What somebody has in a session. `rank`: how many come before them on the waiting list, and one."""

    state: PlaceState
    until: datetime | None
    rank: int | None
    attended: tuple[bool | None, ...]


class SessionPerson(Message):
    """Somebody's place, for training centres and for managers of that person."""

    person_id: UUID
    given_name: str | None
    family_name: str | None
    staff_number: str | None
    place: SessionPlace


class SessionReservation(Message):
    """Seats of a unit that have no name yet."""

    reservation_id: UUID
    unit_id: UUID
    seats: int
    release_on: date


class SessionLine(Message):
    """A session. `people`: for centres whoever has a seat, an offer or waits; for managers those in their care."""

    class_id: UUID
    course: Slug
    title: Localised
    language: Language
    centre_id: UUID
    room: str
    days: tuple[ClassDay, ...]
    seats: int
    taken: int
    waiting: int
    cancelled: str | None
    mine: SessionPlace | None
    people: tuple[SessionPerson, ...]
    reservations: tuple[SessionReservation, ...]


class Demand(Message):
    """How many people wish for a course without a date."""

    course: Slug
    language: Language
    centre_id: UUID | None
    people: int


class Sessions(Message):
    """Sessions in the order in which they end; the list of demand for centres; one's own wishes."""

    sessions: tuple[SessionLine, ...]
    demand: tuple[Demand, ...]
    wishes: tuple[Slug, ...]
    positions: Positions


# --- seats ---------------------------------------------------------------------------------------

SeatState = Literal["booked", "used", "missed", "closed"]
"""What became of a seat; `closed`: its slot or room was, and another seat must be found, as after `missed`."""

Half = Literal[1, 2]


class AskPlan(Message):
    """The slots of a unit's rooms on some days, and who sits there; with a course, who is to be planned for it.

    The plan knows the present only. Rooms are those of the unit, of those below it and of those above it.
    """

    unit_id: UUID
    from_on: Day
    days: Annotated[int, Field(ge=1, le=42)] = 7
    course: Slug | None = None
    at_least: Positions = {}


class ClosureLine(Message):
    """Days on which a room is closed, both included."""

    closure_id: UUID
    from_on: date
    to_on: date
    reason: str


class OpenLine(Message):
    """When a room is open on a day of the week (1 is Monday)."""

    weekday: int
    opens: time
    closes: time


class RoomLine(Message):
    """A room; `yours` says whether whoever asks may change it."""

    room_id: UUID
    unit_id: UUID
    unit_name: Localised
    name: str
    seats: int
    hours: tuple[OpenLine, ...]
    closures: tuple[ClosureLine, ...]
    yours: bool


class SeatLine(Message):
    """Who has a seat, of those in the care of whoever asks."""

    booking_id: UUID
    person_id: UUID
    given_name: str | None
    family_name: str | None
    course: Slug
    period: int
    half: Half
    state: SeatState


class SlotLine(Message):
    """A slot: how many seats, how many of them taken, and by whom."""

    slot_id: UUID
    room_id: UUID
    starts_at: datetime
    ends_at: datetime
    seats: int
    taken: int
    people: tuple[SeatLine, ...]


class HalfLine(Message):
    """What is known of one half of a person's course."""

    half: Half
    state: SeatState
    slot_id: UUID
    room_id: UUID
    starts_at: datetime
    ends_at: datetime


class ToPlanLine(Message):
    """Somebody who must follow the course, and what is planned of it."""

    person_id: UUID
    given_name: str | None
    family_name: str | None
    unit_id: UUID
    unit_name: Localised
    state: Literal["assigned", "in_progress"]
    due_on: date | None
    period: int
    halves: tuple[HalfLine, ...]


class Plan(Message):
    """Rooms, their slots, and whom to plan, the earliest due date first (at most 400)."""

    rooms: tuple[RoomLine, ...]
    slots: tuple[SlotLine, ...]
    to_plan: tuple[ToPlanLine, ...]
    positions: Positions


class AskPersonPlan(Message):
    """When and where one person is expected, or was."""

    person_id: UUID
    at_least: Positions = {}


class AskMyPlan(Message):
    """When and where am I expected?"""

    at_least: Positions = {}


class ExpectedLine(Message):
    """A seat of a person, with the room it is in."""

    booking_id: UUID
    slot_id: UUID
    course: Slug
    period: int
    half: Half
    state: SeatState
    room_name: str
    unit_name: Localised
    starts_at: datetime
    ends_at: datetime


class PersonPlan(Message):
    """A person's seats, the latest first."""

    person_id: UUID
    lines: tuple[ExpectedLine, ...]
    positions: Positions


class AskSeats(Message):
    """How the seats of a unit's rooms, and of those below it, are used from one day to another."""

    unit_id: UUID
    from_on: Day
    to_on: Day
    at_least: Positions = {}


class SeatFigures(Message):
    """Of slots that are over: seats, planned, used, missed, empty (never planned); and of those to come."""

    seats: int = 0
    planned: int = 0
    used: int = 0
    missed: int = 0
    empty: int = 0
    seats_to_come: int = 0
    planned_to_come: int = 0


class RoomUse(Message):
    """One room's figures."""

    room_id: UUID
    unit_id: UUID
    unit_name: Localised
    name: str
    figures: SeatFigures


class SeatUse(Message):
    """All rooms together, and each."""

    total: SeatFigures
    rooms: tuple[RoomUse, ...]
    from_on: date
    to_on: date
    positions: Positions
