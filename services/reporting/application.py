"""The questions that reporting answers, one method each. Every answer is of one state of all read models."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

from services.backbone.actor import TokenVerifier
from services.backbone.clock import Clock, utc_now
from services.contracts.access import Actor
from services.contracts.reporting.audit import AskHistory, History
from services.contracts.reporting.due import AskDue, Due
from services.contracts.reporting.duties import AskHindrances, AskOrders, Hindrances, Orders
from services.contracts.reporting.moments import Positions, TwoTimes
from services.contracts.reporting.operation import (
    AskRebuilds,
    Health,
    Rebuild,
    Rebuilds,
    RebuildStarted,
    RebuildStatus,
)
from services.contracts.reporting.organisation import AskOrganisation, AskUnit, Organisation, UnitView
from services.contracts.reporting.overview import AskOverview, AskTrend, Overview, Trend
from services.contracts.reporting.people import (
    AskDirectory,
    AskMe,
    AskPeople,
    AskPerson,
    AskStaff,
    Directory,
    Me,
    People,
    PersonView,
    Staff,
)
from services.contracts.reporting.results import AskQuestionResults, QuestionResults
from services.contracts.reporting.seals import Seals
from services.contracts.reporting.seats import (
    AskLostSeats,
    AskMyPlan,
    AskPersonPlan,
    AskPlan,
    AskSeats,
    LostSeats,
    PersonPlan,
    Plan,
    SeatUse,
)
from services.contracts.reporting.sessions import AskSessions, InPersonCourses, Sessions
from services.contracts.reporting.transcripts import AskMyTraining, AskTranscript, AskWhy, Transcript, Why
from services.reporting import jobs
from services.reporting.care import Care
from services.reporting.moments import Moment
from services.reporting.projections.organisation import KnownUnits
from services.reporting.questions import (
    audit,
    due,
    duties,
    lost_seats,
    operation,
    organisation,
    overview,
    people,
    results,
    seals,
    seats,
    sessions,
    transcripts,
)
from services.reporting.questions.state import State
from services.reporting.store import Store


class Application:
    """Answers from the live read models."""

    def __init__(self, database_url: str, actor_public_key: Path, clock: Clock = utc_now) -> None:
        """Nothing is connected until the first question."""
        self.verifier = TokenVerifier(actor_public_key, clock)
        self._store = Store(database_url)
        self._units = KnownUnits()
        self._clock = clock

    def close(self) -> None:
        """Close the connections."""
        self._store.close()

    def overview(self, actor: Actor, asked: AskOverview) -> Overview:
        """Counts by status for a unit, and for each unit directly below it with all below that."""
        with self._then(actor, asked) as state:
            return overview.overview(state, asked)

    def trend(self, actor: Actor, asked: AskTrend) -> Trend:
        """How many people were trained at the ends of months."""
        with self._then(actor, asked) as state:
            return overview.trend(state, asked)

    def staff(self, actor: Actor, asked: AskStaff) -> Staff:
        """A page of the people of a unit and below, those who need attention first."""
        with self._then(actor, asked) as state:
            return people.staff(state, asked)

    def me(self, actor: Actor, asked: AskMe) -> Me:
        """How the person is called who asks."""
        with self._store.reading() as (tx, _):
            return people.name_of(tx, actor.person_id)

    def find(self, actor: Actor, asked: AskPeople) -> People:
        """Whoever is called so at present; by person id also those whom the directory does not know."""
        with self._now(actor) as state:
            return people.find(state, asked)

    def organisation(self, actor: Actor, asked: AskOrganisation) -> Organisation:
        """The units in the care of whoever asks."""
        with self._then(actor, asked) as state:
            return organisation.organisation_of(state)

    def unit(self, actor: Actor, asked: AskUnit) -> UnitView:
        """One unit: where it stands, who answers for it, and how it came to be so."""
        with self._then(actor, asked) as state:
            return organisation.unit(state, asked)

    def directory(self, actor: Actor, asked: AskDirectory) -> Directory:
        """The staff at present, by name, of the units in care of who asks."""
        with self._now(actor, asked.at_least) as state:
            return organisation.staff(state, asked)

    def person(self, actor: Actor, asked: AskPerson) -> PersonView:
        """One member of staff."""
        with self._now(actor, asked.at_least) as state:
            return organisation.person(state, asked)

    def my_training(self, actor: Actor, asked: AskMyTraining) -> Transcript:
        """What is due, in progress and done for whoever asks."""
        with self._now(actor, asked.at_least) as state:
            return transcripts.my_training(state)

    def transcript(self, actor: Actor, asked: AskTranscript) -> Transcript:
        """One person's whole training."""
        with self._then(actor, asked) as state:
            return transcripts.transcript(state, asked)

    def why(self, actor: Actor, asked: AskWhy) -> Why:
        """Why somebody stands so with a course."""
        with self._then(actor, asked) as state:
            return transcripts.why(state, asked)

    def due(self, actor: Actor, asked: AskDue) -> Due:
        """What is late, will be, or ends, in a unit and below."""
        with self._then(actor, asked) as state:
            return due.due(state, asked)

    def orders(self, actor: Actor, asked: AskOrders) -> Orders:
        """The standing orders that concern a unit."""
        with self._now(actor, asked.at_least) as state:
            return duties.orders(state, asked)

    def hindrances(self, actor: Actor, asked: AskHindrances) -> Hindrances:
        """What stands in the way of due dates in a unit."""
        with self._now(actor, asked.at_least) as state:
            return duties.hindrances(state, asked)

    def sessions(self, actor: Actor, asked: AskSessions) -> Sessions:
        """In-person sessions: one's own place, those of people in one's care, for centres all."""
        with self._now(actor, asked.at_least) as state:
            return sessions.sessions_for(state)

    def in_person_courses(self) -> InPersonCourses:
        """The courses that are followed in person."""
        with self._store.reading() as (tx, _):
            return sessions.in_person_courses(tx)

    def plan(self, actor: Actor, asked: AskPlan) -> Plan:
        """The slots of a unit's rooms on some days, who sits there, and who is to be planned."""
        with self._now(actor, asked.at_least) as state:
            return seats.plan_of_unit(state, asked)

    def person_plan(self, actor: Actor, asked: AskPersonPlan) -> PersonPlan:
        """When and where somebody is expected."""
        with self._now(actor, asked.at_least) as state:
            return seats.person_plan(state, asked)

    def my_plan(self, actor: Actor, asked: AskMyPlan) -> PersonPlan:
        """When and where whoever asks is expected."""
        with self._now(actor, asked.at_least) as state:
            return seats.my_plan(state)

    def lost_seats(self, actor: Actor, asked: AskLostSeats) -> LostSeats:
        """Who lost a seat and needs one again."""
        with self._now(actor, asked.at_least) as state:
            return lost_seats.lost_seats(state, asked)

    def seats(self, actor: Actor, asked: AskSeats) -> SeatUse:
        """How the seats of a unit's rooms are used."""
        with self._now(actor, asked.at_least) as state:
            return seats.seat_use(state, asked)

    def history(self, actor: Actor, asked: AskHistory) -> History:
        """Every event about one person, in the order in which they happened."""
        with self._then(actor, asked) as state:
            return audit.history(state, asked)

    def question_results(self, asked: AskQuestionResults) -> QuestionResults:
        """What was answered wrongly in the tests of a version; nothing that would point at persons."""
        with self._store.reading(asked.at_least) as (tx, positions):
            return results.results_of(tx, asked, positions)

    def rebuild(self, actor: Actor, asked: Rebuild) -> RebuildStarted:
        """Ask `work` to rebuild all read models, or one."""
        name, job_id = operation.name_of_model(asked), uuid4()
        with self._store.writing() as tx:
            jobs.ask(tx, job_id, name, swap=asked.swap, now=self._clock(), actor=actor.person_id)
        return RebuildStarted(job_id=job_id)

    def rebuild_status(self, job_id: UUID) -> RebuildStatus:
        """How far a rebuild is, and its proof at the end."""
        with self._store.writing() as tx:
            return jobs.status_of(tx, job_id)

    def rebuilds(self, asked: AskRebuilds) -> Rebuilds:
        """The last rebuilds, the newest first."""
        with self._store.reading() as (tx, _):
            return Rebuilds(jobs=tuple(jobs.newest(tx, asked.limit)))

    def seals(self) -> Seals:
        """How the logs are sealed, as the witness saw it."""
        with self._store.reading() as (tx, _):
            return seals.seals(tx)

    def health(self) -> Health:
        """How far each read model is behind each of its feeds."""
        now = self._clock()
        with self._store.reading() as (tx, _):
            return operation.health(tx, now)

    def _now(self, actor: Actor, at_least: Positions | None = None) -> AbstractContextManager[State]:
        """What is known of the present."""
        return self._then(actor, TwoTimes(at_least=at_least or {}))

    @contextmanager
    def _then(self, actor: Actor, asked: TwoTimes) -> Iterator[State]:
        """What is known of the moment asked about."""
        now = self._clock()
        present = Moment(now, now)
        moment = Moment(_utc(asked.as_of) or now, _utc(asked.known_at) or now)
        with self._store.reading(asked.at_least) as (tx, positions):
            care = Care(tx, self._units, actor, present)
            yield State(tx, positions, actor, care, present, moment)


def _utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC) if moment else None
