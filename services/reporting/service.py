"""RPC entry points of reporting: parse, call, reply."""

from services.backbone.rpc import RpcService, question
from services.contracts.access import Actor
from services.contracts.message import Signed
from services.contracts.reporting.audit import AskHistory, History
from services.contracts.reporting.due import AskDue, Due
from services.contracts.reporting.duties import AskHindrances, AskOrders, Hindrances, Orders
from services.contracts.reporting.operation import (
    AskHealth,
    AskRebuild,
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
from services.contracts.reporting.seals import AskSeals, Seals
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
from services.contracts.reporting.sessions import (
    AskInPersonCourses,
    AskSessions,
    InPersonCourses,
    Sessions,
)
from services.contracts.reporting.transcripts import AskMyTraining, AskTranscript, AskWhy, Transcript, Why
from services.reporting.application import Application


class ReportingService(RpcService):
    """What is shown."""

    name = "reporting"

    @question(Signed[AskMe])
    def me(self, actor: Actor, asked: AskMe) -> Me:
        """How the person is called who asks."""
        return self._app.me(actor, asked)

    @question(Signed[AskMyTraining])
    def my_training(self, actor: Actor, asked: AskMyTraining) -> Transcript:
        """What is due, in progress and done for whoever asks."""
        return self._app.my_training(actor, asked)

    @question(Signed[AskOverview])
    def overview(self, actor: Actor, asked: AskOverview) -> Overview:
        """Counts by status for a unit and all below it."""
        return self._app.overview(actor, asked)

    @question(Signed[AskTrend])
    def trend(self, actor: Actor, asked: AskTrend) -> Trend:
        """How many people were trained, month after month."""
        return self._app.trend(actor, asked)

    @question(Signed[AskStaff])
    def staff(self, actor: Actor, asked: AskStaff) -> Staff:
        """People of a unit and below, and how each stands."""
        return self._app.staff(actor, asked)

    @question(Signed[AskTranscript])
    def transcript(self, actor: Actor, asked: AskTranscript) -> Transcript:
        """One person's whole training."""
        return self._app.transcript(actor, asked)

    @question(Signed[AskDue])
    def due(self, actor: Actor, asked: AskDue) -> Due:
        """What is late, will be, or ends."""
        return self._app.due(actor, asked)

    @question(Signed[AskWhy])
    def why(self, actor: Actor, asked: AskWhy) -> Why:
        """Why somebody stands so with a course."""
        return self._app.why(actor, asked)

    @question(Signed[AskSessions])
    def sessions(self, actor: Actor, asked: AskSessions) -> Sessions:
        """In-person sessions, as whoever asks may see them."""
        return self._app.sessions(actor, asked)

    @question(Signed[AskInPersonCourses])
    def in_person_courses(self, actor: Actor, asked: AskInPersonCourses) -> InPersonCourses:
        """Which courses are followed in person."""
        return self._app.in_person_courses()

    @question(Signed[AskOrders])
    def orders(self, actor: Actor, asked: AskOrders) -> Orders:
        """The standing orders that concern a unit."""
        return self._app.orders(actor, asked)

    @question(Signed[AskHindrances])
    def hindrances(self, actor: Actor, asked: AskHindrances) -> Hindrances:
        """What stands in the way of due dates in a unit."""
        return self._app.hindrances(actor, asked)

    @question(Signed[AskHistory])
    def history(self, actor: Actor, asked: AskHistory) -> History:
        """One person's history, event by event."""
        return self._app.history(actor, asked)

    @question(Signed[AskPeople])
    def find(self, actor: Actor, asked: AskPeople) -> People:
        """Who is called so, or has this staff number or id."""
        return self._app.find(actor, asked)

    @question(Signed[AskOrganisation])
    def organisation(self, actor: Actor, asked: AskOrganisation) -> Organisation:
        """The units in the care of whoever asks."""
        return self._app.organisation(actor, asked)

    @question(Signed[AskUnit])
    def unit(self, actor: Actor, asked: AskUnit) -> UnitView:
        """One unit, and who answers for it."""
        return self._app.unit(actor, asked)

    @question(Signed[AskDirectory])
    def directory(self, actor: Actor, asked: AskDirectory) -> Directory:
        """The staff, by name."""
        return self._app.directory(actor, asked)

    @question(Signed[AskPerson])
    def person(self, actor: Actor, asked: AskPerson) -> PersonView:
        """One member of staff."""
        return self._app.person(actor, asked)

    @question(Signed[AskQuestionResults])
    def question_results(self, actor: Actor, asked: AskQuestionResults) -> QuestionResults:
        """What was answered wrongly in the tests of a version."""
        return self._app.question_results(asked)

    @question(Signed[AskPlan])
    def plan(self, actor: Actor, asked: AskPlan) -> Plan:
        """The slots of a unit's rooms, who sits there, and who is to be planned."""
        return self._app.plan(actor, asked)

    @question(Signed[AskPersonPlan])
    def person_plan(self, actor: Actor, asked: AskPersonPlan) -> PersonPlan:
        """When and where somebody is expected."""
        return self._app.person_plan(actor, asked)

    @question(Signed[AskMyPlan])
    def my_plan(self, actor: Actor, asked: AskMyPlan) -> PersonPlan:
        """When and where whoever asks is expected."""
        return self._app.my_plan(actor, asked)

    @question(Signed[AskLostSeats])
    def lost_seats(self, actor: Actor, asked: AskLostSeats) -> LostSeats:
        """Who lost a seat and needs one again."""
        return self._app.lost_seats(actor, asked)

    @question(Signed[AskSeats])
    def seats(self, actor: Actor, asked: AskSeats) -> SeatUse:
        """How seats are used."""
        return self._app.seats(actor, asked)

    @question(Signed[Rebuild])
    def rebuild(self, actor: Actor, asked: Rebuild) -> RebuildStarted:
        """Begin to rebuild read models."""
        return self._app.rebuild(actor, asked)

    @question(Signed[AskRebuild])
    def rebuild_status(self, actor: Actor, asked: AskRebuild) -> RebuildStatus:
        """How far a rebuild is."""
        return self._app.rebuild_status(asked.job_id)

    @question(Signed[AskRebuilds])
    def rebuilds(self, actor: Actor, asked: AskRebuilds) -> Rebuilds:
        """The last rebuilds."""
        return self._app.rebuilds(asked)

    @question(Signed[AskSeals])
    def seals(self, actor: Actor, asked: AskSeals) -> Seals:
        """How the logs are sealed."""
        return self._app.seals()

    @question(Signed[AskHealth])
    def health(self, actor: Actor, asked: AskHealth) -> Health:
        """How far behind the read models are."""
        return self._app.health()

    @property
    def _app(self) -> Application:
        application: Application = self.application
        return application
