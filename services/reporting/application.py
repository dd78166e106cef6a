"""The questions that reporting answers, one method each. Every answer is of one state of all read models."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

from services.backbone.actor import TokenVerifier
from services.backbone.clock import Clock, utc_now
from services.contracts.access import Actor
from services.contracts.reporting.audit import AskHistory, History, HistoryLine
from services.contracts.reporting.due import DUE_STATUSES, AskDue, Due
from services.contracts.reporting.duties import AskHindrances, AskOrders, Hindrances, Orders
from services.contracts.reporting.moments import TwoTimes
from services.contracts.reporting.operation import (
    AskRebuilds,
    FollowerHealth,
    Health,
    Rebuilds,
    RebuildStarted,
    RebuildStatus,
)
from services.contracts.reporting.operation import Rebuild as RebuildAsked
from services.contracts.reporting.organisation import AskOrganisation, Organisation, UnitLine
from services.contracts.reporting.overview import AskOverview, AskTrend, Overview, Trend, TrendPoint
from services.contracts.reporting.people import AskMe, AskPeople, AskStaff, Me, PersonLine, Staff
from services.contracts.reporting.people import People as PeopleFound
from services.contracts.reporting.results import AskQuestionResults, QuestionResults
from services.contracts.reporting.seats import (
    AskMyPlan,
    AskPersonPlan,
    AskPlan,
    AskSeats,
    PersonPlan,
    Plan,
    SeatUse,
)
from services.contracts.reporting.sessions import AskSessions, Sessions
from services.contracts.reporting.standing import StaffStatus
from services.contracts.reporting.transcripts import AskMyTraining, AskTranscript, AskWhy, Transcript, Why
from services.contracts.rules import Rule, RuleBroken
from services.reporting import answers, dues, in_person, jobs, seats
from services.reporting.care import Care
from services.reporting.models import READ_MODELS
from services.reporting.moments import Moment, months_until
from services.reporting.projections import courses, directory, question_results, training_status, transcript
from services.reporting.projections.directory import Name
from services.reporting.projections.organisation import KnownUnits, Tree, Unit
from services.reporting.projections.training_status import DISPLAY_ORDER
from services.reporting.projections.unit_counts import counts, counts_at
from services.reporting.read_model import Tx
from services.reporting.rebuilder import model_called
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
        now, moment = self._moments(asked)
        with self._store.reading(asked.at_least) as (tx, positions):
            care = Care(tx, self._units, actor, now)
            care.admit_to_unit(asked.unit_id)
            tree = care.tree_at(moment)
            unit, *below = _with_those_below(care, tree, asked.unit_id)
            wanted = {each.unit_id: care.below(tree, each.unit_id) for each in (unit, *below)}
            people = counts(tx, asked.course, wanted, moment, now.as_of)
            return Overview(
                unit=answers.figures(unit, people),
                below=tuple(answers.figures(each, people) for each in below),
                course=asked.course,
                as_of=moment.as_of,
                known_at=moment.known_at,
                positions=positions,
            )

    def trend(self, actor: Actor, asked: AskTrend) -> Trend:
        """How many people were trained at the ends of months, with the units below as they are at the last."""
        now, moment = self._moments(asked)
        with self._store.reading(asked.at_least) as (tx, positions):
            care = Care(tx, self._units, actor, now)
            care.admit_to_unit(asked.unit_id)
            unit, *below = _with_those_below(care, care.tree_at(moment), asked.unit_id)
            points: dict[UUID, list[TrendPoint]] = {each.unit_id: [] for each in (unit, *below)}
            moments = months_until(moment.as_of, asked.points)
            trees = (care.tree_at(Moment(as_of, moment.known_at)) for as_of in moments)
            wanted = [{each: care.below(tree, each) for each in points} for tree in trees]
            asked_at = list(zip(moments, wanted, strict=True))
            counted = counts_at(tx, asked.course, asked_at, moment.known_at, now.as_of)
            for as_of, found in zip(moments, counted, strict=True):
                for unit_id, figures in found.items():
                    trained = figures.get("passed", 0) + figures.get("expiring", 0)
                    people = figures.get("people", 0)
                    exempt = figures.get("exempt", 0)
                    points[unit_id].append(
                        TrendPoint(as_of=as_of, people=people, trained=trained, exempt=exempt)
                    )
            return Trend(
                unit=answers.unit_trend(unit, points),
                below=tuple(answers.unit_trend(each, points) for each in below),
                course=asked.course,
                as_of=moment.as_of,
                known_at=moment.known_at,
                positions=positions,
            )

    def staff(self, actor: Actor, asked: AskStaff) -> Staff:
        """A page of the people of a unit and below, those who need attention first."""
        now, moment = self._moments(asked)
        after = answers.read_cursor(asked.cursor)
        with self._store.reading(asked.at_least) as (tx, positions):
            care = Care(tx, self._units, actor, now)
            care.admit_to_unit(asked.unit_id)
            tree = care.tree_at(moment)
            units = care.below(tree, asked.unit_id)
            people = set(asked.people) or None
            if asked.called is not None:
                called = directory.those_called(tx, asked.called)
                called.intersection_update(training_status.members(tx, units, moment))
                people = called if people is None else people & called
            found = training_status.staff(
                tx,
                asked.course,
                units,
                moment,
                statuses=_statuses(asked),
                people=people,
                after=after,
                limit=asked.limit + 1,
            )
            names = directory.names_of(tx, (line.person_id for line in found))
        lines = found[: asked.limit]
        return Staff(
            lines=tuple(answers.staff_line(line, names.get(line.person_id, Name()), tree) for line in lines),
            cursor=answers.cursor(lines[-1]) if len(found) > len(lines) else None,
            as_of=moment.as_of,
            known_at=moment.known_at,
            positions=positions,
        )

    def me(self, actor: Actor, asked: AskMe) -> Me:
        """How the person is called who asks."""
        with self._store.reading() as (tx, _):
            name = directory.names_of(tx, [actor.person_id]).get(actor.person_id, Name())
        return Me(given_name=name.given_name, family_name=name.family_name)

    def my_training(self, actor: Actor, asked: AskMyTraining) -> Transcript:
        """What is due, in progress and done for whoever asks."""
        return self._transcript(actor.person_id, TwoTimes(at_least=asked.at_least), actor, own=True)

    def transcript(self, actor: Actor, asked: AskTranscript) -> Transcript:
        """One person's whole training."""
        return self._transcript(asked.person_id, asked, actor)

    def _transcript(self, person_id: UUID, asked: TwoTimes, actor: Actor, *, own: bool = False) -> Transcript:
        now, moment = self._moments(asked)
        unit = None
        with self._store.reading(asked.at_least) as (tx, positions):
            care = Care(tx, self._units, actor, now)
            if not own:
                care.admit_to_person(person_id)
                unit_id = training_status.unit_of(tx, person_id, moment)
                unit = care.tree_at(moment).get(unit_id) if unit_id else None
            told = transcript.history(tx, person_id, moment)
            if not own and not told:
                _admit_to_history(tx, person_id)
            found = transcript.courses_of(told)
            parts = courses.parts_of(tx)
            name = directory.names_of(tx, [person_id]).get(person_id, Name())
            told_lines = (answers.transcript_line(course, parts, moment) for course in found)
            lines, orders = dues.with_names(tx, [line for line in told_lines if line is not None], care)
        return Transcript(
            person_id=person_id,
            given_name=name.given_name,
            family_name=name.family_name,
            staff_number=name.staff_number,
            unit_id=unit.unit_id if unit else None,
            unit_name=unit.name if unit else None,
            lines=lines,
            orders=orders,
            as_of=moment.as_of,
            known_at=moment.known_at,
            positions=positions,
        )

    def due(self, actor: Actor, asked: AskDue) -> Due:
        """What is late, will be, or ends, in a unit and below."""
        now, moment = self._moments(asked)
        after = answers.read_cursor(asked.cursor)
        statuses = [each for each in DUE_STATUSES if asked.status in (None, each)]
        with self._store.reading(asked.at_least) as (tx, positions):
            care = Care(tx, self._units, actor, now)
            care.admit_to_unit(asked.unit_id)
            tree = care.tree_at(moment)
            unit, *below = _with_those_below(care, tree, asked.unit_id)
            wanted = {each.unit_id: care.below(tree, each.unit_id) for each in (unit, *below)}
            people = counts(tx, asked.course, wanted, moment, now.as_of)
            found = training_status.staff(
                tx,
                asked.course,
                wanted[unit.unit_id],
                moment,
                statuses=statuses,
                people=None,
                after=after,
                limit=asked.limit + 1,
            )
            names = directory.names_of(tx, (line.person_id for line in found))
        lines = found[: asked.limit]
        return Due(
            unit=answers.due_figures(unit, people),
            below=tuple(answers.due_figures(each, people) for each in below),
            lines=tuple(answers.staff_line(line, names.get(line.person_id, Name()), tree) for line in lines),
            cursor=answers.cursor(lines[-1]) if len(found) > len(lines) else None,
            course=asked.course,
            as_of=moment.as_of,
            known_at=moment.known_at,
            positions=positions,
        )

    def why(self, actor: Actor, asked: AskWhy) -> Why:
        """Why somebody stands so with a course."""
        told = self._transcript(asked.person_id, asked, actor)
        lines = tuple(line for line in told.lines if line.course == asked.course)
        ids = {step.cause.order_id for line in lines for step in line.steps if step.cause}
        return Why(
            person_id=asked.person_id,
            course=asked.course,
            lines=lines,
            orders=tuple(order for order in told.orders if order.order_id in ids),
            as_of=told.as_of,
            known_at=told.known_at,
            positions=told.positions,
        )

    def sessions(self, actor: Actor, asked: AskSessions) -> Sessions:
        """In-person sessions: one's own place, those of people in one's care, for centres all."""
        now = self._clock()
        with self._store.reading(asked.at_least) as (tx, positions):
            care = Care(tx, self._units, actor, Moment(now, now))
            return in_person.sessions_of(tx, care, actor, Moment(now, now), positions)

    def orders(self, actor: Actor, asked: AskOrders) -> Orders:
        """The standing orders that concern a unit."""
        now = self._clock()
        with self._store.reading(asked.at_least) as (tx, positions):
            care = Care(tx, self._units, actor, Moment(now, now))
            care.admit_to_unit(asked.unit_id)
            return dues.orders_of(tx, care, asked.unit_id, positions)

    def hindrances(self, actor: Actor, asked: AskHindrances) -> Hindrances:
        """What stands in the way of due dates in a unit."""
        now = self._clock()
        with self._store.reading(asked.at_least) as (tx, positions):
            care = Care(tx, self._units, actor, Moment(now, now))
            care.admit_to_unit(asked.unit_id)
            return dues.hindrances_of(tx, care, asked, Moment(now, now), positions)

    def history(self, actor: Actor, asked: AskHistory) -> History:
        """Every event about one person, in the order in which they happened."""
        now, moment = self._moments(asked)
        with self._store.reading(asked.at_least) as (tx, positions):
            Care(tx, self._units, actor, now).admit_to_person(asked.person_id)
            found = transcript.history(tx, asked.person_id, moment)
            if not found:
                _admit_to_history(tx, asked.person_id)
        return History(
            person_id=asked.person_id,
            lines=tuple(
                HistoryLine(
                    feed=line.feed,
                    position=line.position,
                    stream_id=line.stream_id,
                    stream_version=line.stream_version,
                    occurred_at=line.occurred_at,
                    recorded_at=line.recorded_at,
                    actor=line.actor,
                    command_id=line.command_id,
                    digest=line.digest,
                    type=line.body["type"],
                    event=line.body,
                )
                for line in found
            ),
            as_of=moment.as_of,
            known_at=moment.known_at,
            positions=positions,
        )

    def find(self, actor: Actor, asked: AskPeople) -> PeopleFound:
        """Whoever is called so at present; by person id also those whom the directory does not know."""
        now = self._clock()
        with self._store.reading() as (tx, positions):
            care = Care(tx, self._units, actor, Moment(now, now))
            found = _by_id(tx, asked.text) or directory.find(tx, asked.text, asked.limit + 1)
            units = {
                person_id: training_status.unit_of(tx, person_id, Moment(now, now))
                for person_id, _ in found[: asked.limit]
            }
        lines = []
        for person_id, name in found[: asked.limit]:
            unit = care.tree.get(unit_id) if (unit_id := units[person_id]) else None
            lines.append(
                PersonLine(
                    person_id=person_id,
                    given_name=name.given_name,
                    family_name=name.family_name,
                    staff_number=name.staff_number,
                    unit_id=units[person_id],
                    unit_name=unit.name if unit else None,
                )
            )
        return PeopleFound(lines=tuple(lines), more=len(found) > len(lines), positions=positions)

    def organisation(self, actor: Actor, asked: AskOrganisation) -> Organisation:
        """The units in the care of whoever asks."""
        now, moment = self._moments(asked)
        with self._store.reading(asked.at_least) as (tx, positions):
            care = Care(tx, self._units, actor, now)
            tree = care.tree_at(moment)
        return Organisation(
            units=tuple(
                UnitLine(
                    unit_id=unit.unit_id,
                    parent_id=unit.parent_id if unit.parent_id and care.holds(unit.parent_id) else None,
                    kind=unit.kind,
                    name=unit.name,
                    in_care=True,
                    code=unit.code,
                )
                for unit in tree.in_order()
                if care.holds(unit.unit_id)
            ),
            positions=positions,
        )

    def question_results(self, asked: AskQuestionResults) -> QuestionResults:
        """What was answered wrongly in the tests of a version; nothing that would point at persons."""
        with self._store.reading(asked.at_least) as (tx, positions):
            if not courses.is_published(tx, asked.course, asked.course_version):
                raise RuleBroken(Rule.VERSION_UNKNOWN, course=asked.course, version=asked.course_version)
            found = question_results.results_of(tx, asked.course, asked.course_version)
        return QuestionResults(
            course=asked.course,
            course_version=asked.course_version,
            results=tuple(answers.question_result(result) for result in found),
            positions=positions,
        )

    # --- seats -----------------------------------------------------------------------------------

    def plan(self, actor: Actor, asked: AskPlan) -> Plan:
        """The slots of a unit's rooms on some days, who sits there, and who is to be planned."""
        now = self._clock()
        with self._store.reading(asked.at_least) as (tx, positions):
            care = Care(tx, self._units, actor, Moment(now, now))
            return seats.plan_of_unit(tx, care, asked, Moment(now, now), positions)

    def person_plan(self, actor: Actor, asked: AskPersonPlan) -> PersonPlan:
        """When and where somebody is expected."""
        now = self._clock()
        with self._store.reading(asked.at_least) as (tx, positions):
            care = Care(tx, self._units, actor, Moment(now, now))
            care.admit_to_person(asked.person_id)
            return seats.plan_of_person(tx, asked.person_id, care.tree, positions)

    def my_plan(self, actor: Actor, asked: AskMyPlan) -> PersonPlan:
        """When and where whoever asks is expected."""
        now = self._clock()
        with self._store.reading(asked.at_least) as (tx, positions):
            care = Care(tx, self._units, actor, Moment(now, now))
            return seats.plan_of_person(tx, actor.person_id, care.tree, positions)

    def seats(self, actor: Actor, asked: AskSeats) -> SeatUse:
        """How the seats of a unit's rooms are used."""
        now = self._clock()
        with self._store.reading(asked.at_least) as (tx, positions):
            care = Care(tx, self._units, actor, Moment(now, now))
            return seats.seat_use(tx, care, asked, Moment(now, now), positions)

    def rebuild(self, actor: Actor, asked: RebuildAsked) -> RebuildStarted:
        """Ask `work` to rebuild all read models, or one."""
        name = None
        if asked.read_model is not None:
            model = model_called(asked.read_model, READ_MODELS)
            if model is None:
                raise RuleBroken(Rule.REBUILD_UNKNOWN)
            name = model.name
        job_id = uuid4()
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

    def health(self) -> Health:
        """How far each read model is behind each of its feeds."""
        now = self._clock()
        with self._store.reading() as (tx, _):
            rows = tx.execute(
                "SELECT c.follower, c.feed, c.position, coalesce(h.head, c.position), h.caught_up_at"
                " FROM follower_checkpoint c LEFT JOIN feed_head h USING (feed) ORDER BY 1, 2"
            ).fetchall()
        return Health(
            followers=tuple(
                FollowerHealth(
                    read_model=follower,
                    feed=feed,
                    position=position,
                    head=max(head, position),
                    lag_seconds=max((now - caught_up_at).total_seconds(), 0.0) if caught_up_at else 0.0,
                )
                for follower, feed, position, head, caught_up_at in rows
            )
        )

    def _moments(self, asked: TwoTimes) -> tuple[Moment, Moment]:
        """Now, and the moment asked about (now, where it does not say)."""
        now = self._clock()
        return Moment(now, now), Moment(_utc(asked.as_of) or now, _utc(asked.known_at) or now)


def _utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC) if moment else None


def _admit_to_history(tx: Tx, person_id: UUID) -> None:
    if not transcript.is_known(tx, person_id):
        raise RuleBroken(Rule.PERSON_UNKNOWN)


def _with_those_below(care: Care, tree: Tree, unit_id: UUID) -> list[Unit]:
    """A unit that there is now, and those directly below it in this tree, of those in the actor's care."""
    unit = tree.get(unit_id) or care.tree.get(unit_id)
    assert unit is not None
    return [unit, *(each for each in tree.directly_below(unit_id) if care.holds(each.unit_id))]


def _by_id(tx: Tx, text: str) -> list[tuple[UUID, Name]]:
    """The person whose id this is, named or not; nobody when it is none."""
    try:
        person_id = UUID(text.strip())
    except ValueError:
        return []
    if not transcript.is_known(tx, person_id):
        return []
    return [(person_id, directory.names_of(tx, [person_id]).get(person_id, Name()))]


def _statuses(asked: AskStaff) -> Sequence[StaffStatus]:
    """One, or those of all whom the course concerns, or of everybody."""
    if asked.status is not None:
        return (asked.status,)
    return [each for each in DISPLAY_ORDER if asked.everybody or each != "unassigned"]
