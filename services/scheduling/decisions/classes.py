"""Decides on in-person sessions: who holds them, who has a seat, who waits, who was there.

Training centres hold classes by their role: both centres help each other out, and what somebody did is
in the log. Learners ask for themselves; managers decide for people in their care.
"""

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from services.backbone.commands import check_time
from services.backbone.limits import CLOCK_SKEW_SECONDS
from services.backbone.log import Conflict, EventLog
from services.contracts.access import Actor, Role
from services.contracts.message import Command
from services.contracts.rules import Rule, RuleBroken
from services.contracts.scheduling.classes import (
    AcceptClassSeat,
    CancelClass,
    ChangeClass,
    ClassCommand,
    ClassDay,
    ClassRoomCommand,
    DecideClassRequest,
    EndClassReservation,
    EndClassWish,
    GiveUpClassPlace,
    NameClassCourse,
    NameClassSeat,
    NoteClassAttendance,
    PlaceCommand,
    PublishClass,
    RequestClass,
    ReserveClassSeats,
    TendClass,
    WishClass,
    class_course_id_of,
    place_id_of,
    wish_id_of,
)
from services.scheduling import store
from services.scheduling.decisions.matter import Matter, admit, admit_itself
from services.scheduling.domain import ORGANISATION
from services.scheduling.domain.class_course import ClassCourse, ClassWish
from services.scheduling.domain.class_session import ClassSession, check_days
from services.scheduling.domain.slot import told
from services.scheduling.engagements import Engagement, Engagements

OfCentres = NameClassCourse | PublishClass | ChangeClass | CancelClass | NoteClassAttendance


class ClassRoom:
    """Knows what everybody is booked on whose engagements its commands may change."""

    def __init__(self, log: EventLog, commands: Sequence[Command]) -> None:
        """Look up who is in the classes that change as a whole, and what all of these people are booked on."""
        people = {c.person_id for c in commands if isinstance(c, PlaceCommand)}
        whole = {c.class_id for c in commands if isinstance(c, ChangeClass | CancelClass | TendClass)}
        known = log.load({c.class_id for c in commands if isinstance(c, ClassCommand)})
        self._courses: dict[UUID, str] = {}
        for class_id, found in known.items():
            if isinstance(found, ClassSession):
                self._courses[class_id] = found.course
                if class_id in whole:
                    people |= found.places.keys()
        log.keep(known.values())
        self._people = people
        self._engagements = Engagements(log.select, people)
        named = {c.course for c in commands if isinstance(c, NameClassCourse)}
        self._online = store.courses(log.select, named) if named else {}

    def streams(self, actor: Actor, command: ClassRoomCommand) -> Collection[UUID]:
        """What a command may change, first, and what allows it."""
        match command:
            case NameClassCourse() | PublishClass() | ChangeClass() | CancelClass() | NoteClassAttendance():
                admit(actor, Role.TRAINING_CENTRE, Role.OPERATOR)
            case TendClass():
                admit_itself(actor)
            case DecideClassRequest() | ReserveClassSeats() | NameClassSeat() | EndClassReservation():
                admit(actor, Role.MANAGER, Role.OPERATOR)
            case GiveUpClassPlace(cause="left"):
                admit_itself(actor)
            case GiveUpClassPlace():
                admit(actor, Role.LEARNER, Role.MANAGER, Role.TRAINING_CENTRE, Role.OPERATOR)
            case RequestClass() | AcceptClassSeat() | WishClass() | EndClassWish():
                admit(actor, Role.LEARNER, Role.MANAGER, Role.OPERATOR)
        match command:
            case NameClassCourse():
                return [class_course_id_of(command.course)]
            case PublishClass():
                return [command.class_id, class_course_id_of(command.course), ORGANISATION]
            case ChangeClass():
                return [command.class_id, ORGANISATION]
            case CancelClass() | TendClass() | NoteClassAttendance():
                return [command.class_id]
            case RequestClass():
                course = self._courses.get(command.class_id, "")
                wish = wish_id_of(command.person_id, course)
                return [command.class_id, command.person_id, ORGANISATION, wish]
            case PlaceCommand():
                return [command.class_id, command.person_id, ORGANISATION]
            case ReserveClassSeats() | EndClassReservation():
                return [command.class_id, ORGANISATION]
            case WishClass() | EndClassWish():
                wish = wish_id_of(command.person_id, command.course)
                return [wish, class_course_id_of(command.course), command.person_id, ORGANISATION]

    def decide(self, command: ClassRoomCommand, actor: Actor, matter: Matter) -> None:
        """Carry it out."""
        check_time(command, matter.act.recorded_at, CLOCK_SKEW_SECONDS)
        match command:
            case NameClassCourse():
                self._name(command, matter)
            case PublishClass():
                self._publish(command, matter)
            case ChangeClass():
                self._change(command, matter)
            case CancelClass():
                held = _class(command.class_id, matter)
                freed = held.those("seated")
                held.cancel(command.reason, matter.act)
                self._free(held, freed, matter)
            case NoteClassAttendance():
                held = _class(command.class_id, matter)
                held.note_attendance(command.person_id, command.day, command.present, matter.act)
            case TendClass():
                self._tend(command, matter)
            case WishClass() | EndClassWish():
                self._wish(command, actor, matter)
            case ReserveClassSeats() | EndClassReservation():
                self._reserve(command, actor, matter)
            case (
                RequestClass()
                | DecideClassRequest()
                | AcceptClassSeat()
                | GiveUpClassPlace()
                | NameClassSeat()
            ):
                self._place(command, actor, matter)

    # --- classes ---------------------------------------------------------------------------------

    def _name(self, command: NameClassCourse, matter: Matter) -> None:
        if command.course in self._online:
            raise RuleBroken(Rule.CLASS_COURSE_ONLINE, course=command.course)
        known = matter.streams.get(class_course_id_of(command.course))
        if isinstance(known, ClassCourse):
            known.name_again(command, matter.act)
        else:
            matter.streams.begin(ClassCourse.name(command, matter.act))

    def _publish(self, command: PublishClass, matter: Matter) -> None:
        course = matter.streams.get(class_course_id_of(command.course))
        if not isinstance(course, ClassCourse):
            raise RuleBroken(Rule.CLASS_COURSE_UNKNOWN, course=command.course)
        known = matter.streams.get(command.class_id)
        if known is not None:
            if not isinstance(known, ClassSession) or not known.says(command):
                raise RuleBroken(Rule.CLASS_EXISTS)
            return  # the same form once more
        matter.organisation.known(command.centre_id)
        check_days(command.days, matter.act.recorded_at)
        matter.streams.begin(ClassSession.publish(command, course.title, course.validity_months, matter.act))

    def _change(self, command: ChangeClass, matter: Matter) -> None:
        held = _class(command.class_id, matter)
        matter.organisation.known(command.centre_id)
        held.check_change(command, matter.act.recorded_at)
        check_days(command.days, matter.act.recorded_at)
        seated = held.those("seated")
        if held.days != command.days:
            for person_id in seated:
                self._check_free(person_id, held, command.days, matter)
        held.change(command, matter.act)
        self._engage(held, seated, matter)

    def _tend(self, command: TendClass, matter: Matter) -> None:
        held = _class(command.class_id, matter)
        waiting = held.those("waiting")
        if not self._people.issuperset(waiting):
            raise Conflict  # somebody came between our two looks
        engaged = frozenset(p for p in waiting if self._clash(p, held) is not None)
        self._engage(held, held.tend(engaged, matter.act), matter)

    # --- places ----------------------------------------------------------------------------------

    def _place(
        self,
        command: RequestClass | DecideClassRequest | AcceptClassSeat | GiveUpClassPlace | NameClassSeat,
        actor: Actor,
        matter: Matter,
    ) -> None:
        own = command.person_id == actor.person_id and Role.LEARNER in actor.roles
        by_centre = isinstance(command, GiveUpClassPlace) and Role.TRAINING_CENTRE in actor.roles
        if not by_centre and not (own and not isinstance(command, DecideClassRequest | NameClassSeat)):
            matter.person_in_care(command.person_id, actor)
        held = _class(command.class_id, matter)
        person_id = command.person_id
        match command:
            case RequestClass():
                self._check_person(person_id, matter)
                held.check_open(matter.act.recorded_at)
                if own:
                    held.request(person_id, matter.act)
                else:
                    self._approve(held, person_id, matter)
                wish = matter.streams.get(wish_id_of(person_id, held.course))
                if isinstance(wish, ClassWish) and not wish.ended:
                    wish.end("requested", matter.act)
            case DecideClassRequest(approve=False):
                held.refuse(person_id, command.reason or "", matter.act)
            case DecideClassRequest():
                if person_id not in held.places:
                    raise RuleBroken(Rule.CLASS_PLACE_UNKNOWN)
                self._check_person(person_id, matter)
                self._approve(held, person_id, matter)
            case AcceptClassSeat():
                if person_id in held.those("seated"):
                    return
                held.check_offer(person_id, matter.act.recorded_at)
                self._check_free(person_id, held, held.days, matter)
                held.accept(person_id, matter.act)
                self._engage(held, [person_id], matter)
            case GiveUpClassPlace():
                held.give_up(person_id, command.cause, matter.act)
                self._free(held, [person_id], matter)
            case NameClassSeat():
                self._check_person(person_id, matter)
                reservation = held.reservation(command.reservation_id)
                matter.in_care(reservation.unit_id, actor)
                if person_id not in held.those("seated"):
                    self._check_free(person_id, held, held.days, matter)
                held.name_seat(command.reservation_id, person_id, matter.act)
                self._engage(held, [person_id], matter)

    def _approve(self, held: ClassSession, person_id: UUID, matter: Matter) -> None:
        if held.would_seat() and person_id not in held.those("seated", "waiting", "offered"):
            self._check_free(person_id, held, held.days, matter)
        held.approve(person_id, matter.act)
        if person_id in held.those("seated"):
            self._engage(held, [person_id], matter)

    def _reserve(
        self, command: ReserveClassSeats | EndClassReservation, actor: Actor, matter: Matter
    ) -> None:
        if isinstance(command, ReserveClassSeats):
            matter.in_care(command.unit_id, actor)
            matter.organisation.known(command.unit_id)
            held = _class(command.class_id, matter)
            day = command.release_on
            held.reserve(command.reservation_id, command.unit_id, command.seats, day, matter.act)
            return
        held = _class(command.class_id, matter)
        if command.reservation_id not in held.reservations:
            matter.in_care(None, actor)
        matter.in_care(held.reservation(command.reservation_id).unit_id, actor)
        held.end_reservation(command.reservation_id, matter.act)

    def _wish(self, command: WishClass | EndClassWish, actor: Actor, matter: Matter) -> None:
        if command.person_id != actor.person_id or Role.LEARNER not in actor.roles:
            matter.person_in_care(command.person_id, actor)
        wish = matter.streams.get(wish_id_of(command.person_id, command.course))
        if isinstance(command, EndClassWish):
            if not isinstance(wish, ClassWish):
                raise RuleBroken(Rule.CLASS_WISH_UNKNOWN)
            wish.end("withdrawn", matter.act)
            return
        self._check_person(command.person_id, matter)
        if not isinstance(matter.streams.get(class_course_id_of(command.course)), ClassCourse):
            raise RuleBroken(Rule.CLASS_COURSE_UNKNOWN, course=command.course)
        if command.centre_id is not None:
            matter.organisation.known(command.centre_id)
        if isinstance(wish, ClassWish):
            wish.wish_again(command, matter.act)
        else:
            matter.streams.begin(ClassWish.wish(command, matter.act))

    # --- engagements -----------------------------------------------------------------------------

    def _check_person(self, person_id: UUID, matter: Matter) -> None:
        person = matter.person(person_id)
        person.present()
        matter.alongside.rely_on(person)

    def _clash(
        self, person_id: UUID, held: ClassSession, days: Sequence[ClassDay] | None = None
    ) -> Engagement | None:
        leaving = [place_id_of(held.id, person_id)]
        for day in days or held.days:
            clash = self._engagements.clash(person_id, day.starts_at, day.ends_at, leaving)
            if clash is not None:
                return clash
        return None

    def _check_free(
        self, person_id: UUID, held: ClassSession, days: Sequence[ClassDay], matter: Matter
    ) -> None:
        if person_id not in self._people:
            raise Conflict  # they came between our two looks
        clash = self._clash(person_id, held, days)
        if clash is not None:
            raise RuleBroken(
                Rule.PERSON_ENGAGED,
                kind=clash.kind,
                place_id=clash.place_id,
                at=told(clash.starts_at),
                until=told(clash.ends_at),
            )

    def _engage(self, held: ClassSession, people: Iterable[UUID], matter: Matter) -> None:
        for person_id in people:
            place_id = place_id_of(held.id, person_id)
            self._engagements.release(place_id)
            self._engagements.engage(
                Engagement(place_id, person_id, day.starts_at, day.ends_at, "session", held.id)
                for day in held.days
            )
        self._keep(matter)

    def _free(self, held: ClassSession, people: Iterable[UUID], matter: Matter) -> None:
        for person_id in people:
            self._engagements.release(place_id_of(held.id, person_id))
        self._keep(matter)

    def _keep(self, matter: Matter) -> None:
        if self._engagements not in matter.streams.also:
            matter.streams.together_with(self._engagements)


def _class(class_id: UUID, matter: Matter) -> ClassSession:
    held = matter.streams.get(class_id)
    if not isinstance(held, ClassSession):
        raise RuleBroken(Rule.CLASS_UNKNOWN)
    return held
