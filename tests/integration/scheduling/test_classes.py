"""In-person sessions on a real log: who may do what, nobody in two places, and the race for the last seat."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args
from uuid import UUID, uuid4

import psycopg
import pytest

from deploy.bench import seat_race
from services.backbone.feed import FeedSource
from services.contracts.access import Actor, Role
from services.contracts.message import Done, Refused
from services.contracts.scheduling import AppointManager, SchedulingCommand, SchedulingPage, WithdrawPerson
from services.contracts.scheduling.classes import (
    AcceptClassSeat,
    CancelClass,
    ChangeClass,
    DecideClassRequest,
    EndClassReservation,
    EndClassWish,
    GiveUpClassPlace,
    NameClassCourse,
    NameClassSeat,
    NoteClassAttendance,
    PublishClass,
    RequestClass,
    ReserveClassSeats,
    TendClass,
    WishClass,
    place_id_of,
    wish_id_of,
)
from services.scheduling.application import Application
from services.scheduling.decisions.matter import SERVICE
from services.scheduling.domain import ClassSession
from services.scheduling.feed import to_contract
from services.scheduling.policies import Timekeeper
from services.scheduling.policies.classes import Classes
from tests.contracts import specimens
from tests.integration.conftest import Database
from tests.integration.scheduling.words import (
    COURSE,
    OPERATOR,
    actor,
    at_once,
    done,
    events_of,
    join,
    refused,
    told,
    unit,
)

IN_DEPTH = "in-depth"
CENTRE = actor(Role.TRAINING_CENTRE)
SOON = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)
ITSELF = Actor(person_id=SERVICE, roles=frozenset({Role.OPERATOR}), expires_at=OPERATOR.expires_at)


@pytest.fixture(scope="module", autouse=True)
def course(application: Application) -> None:
    naming = NameClassCourse(**told(), course=IN_DEPTH, title={"fr": "Approfondir"}, validity_months=24)
    done(application, naming, by=CENTRE)


@pytest.fixture(scope="module")
def manager(application: Application, prison: UUID) -> Actor:
    manager = actor(Role.MANAGER, person_id=join(application, prison))
    done(application, AppointManager(**told(), person_id=manager.person_id, unit_id=prison))
    return manager


def days(start: datetime) -> list[dict[str, datetime]]:
    spans = [(start + timedelta(days=n), start + timedelta(days=n, hours=7)) for n in (0, 1)]
    return [{"starts_at": since, "ends_at": until} for since, until in spans]


def publishing(prison: UUID, start: datetime = SOON, seats: int = 2) -> PublishClass:
    return PublishClass(
        **told(),
        class_id=uuid4(),
        course=IN_DEPTH,
        language="fr",
        centre_id=prison,
        room="B",
        days=days(start),
        seats=seats,
    )


def held(application: Application, prison: UUID, **said: Any) -> UUID:
    command = publishing(prison, **said)
    done(application, command, by=CENTRE)
    return command.class_id


def place(kind: Any, class_id: UUID, person_id: UUID, **said: Any) -> Any:
    return kind(**told(), class_id=class_id, person_id=person_id, **said)


def learner(person_id: UUID) -> Actor:
    return actor(Role.LEARNER, person_id=person_id)


def taken(application: Application, class_id: UUID) -> int:
    ((count,),) = application.log.select(
        "SELECT count(DISTINCT person_id) FROM engagement WHERE place_id = %s", (class_id,)
    )
    return int(count)


# --- requests ------------------------------------------------------------------------------------


def test_a_learner_asks_their_manager_decides(application: Application, prison: UUID, manager: Actor) -> None:
    here = held(application, prison)
    ann, ben = (join(application, prison) for _ in range(2))
    for person in (ann, ben):
        done(application, place(RequestClass, here, person), by=learner(person))
    done(application, place(DecideClassRequest, here, ann, approve=True), by=manager)
    done(application, place(DecideClassRequest, here, ben, approve=False, reason="Effectif"), by=manager)
    told_of = events_of(application, here)
    assert told_of == ["Published", "Requested", "Requested", "SeatGiven", "RequestRefused"]
    assert taken(application, here) == 1
    done(application, place(GiveUpClassPlace, here, ann), by=learner(ann))
    assert taken(application, here) == 0


def test_nobody_asks_decides_or_accepts_for_people_who_are_not_theirs(
    application: Application, prison: UUID, manager: Actor
) -> None:
    here = held(application, prison)
    other = unit()
    done(application, other)
    ann, stranger = join(application, prison), join(application, other.unit_id)
    assert refused(application, place(RequestClass, here, ann), by=learner(stranger)) == "not-yours"
    done(application, place(RequestClass, here, ann), by=learner(ann))
    approving = place(DecideClassRequest, here, ann, approve=True)
    assert refused(application, approving, by=learner(ann)) == "not-yours"
    assert refused(application, approving, by=CENTRE) == "not-yours"
    assert refused(application, place(RequestClass, here, stranger), by=manager) == "not-yours"
    both = actor(Role.LEARNER, Role.MANAGER, person_id=ann)  # no care of anybody: not of themselves either
    assert refused(application, approving, by=both) == "not-yours"
    giving_up = place(GiveUpClassPlace, here, ann)
    assert refused(application, giving_up, by=learner(stranger)) == "not-yours"
    assert refused(application, place(GiveUpClassPlace, here, ann, cause="left"), by=CENTRE) == "not-yours"
    done(application, giving_up, by=CENTRE)


def test_only_rooms_that_admit_them_take_commands_of_learners_and_centres(
    application: Application,
) -> None:
    """`scheduling.execute` lets both in: here is all that they may send, and everything else is refused."""
    of_learners = {RequestClass, AcceptClassSeat, GiveUpClassPlace, WishClass, EndClassWish}
    of_centres = {
        NameClassCourse,
        PublishClass,
        ChangeClass,
        CancelClass,
        NoteClassAttendance,
        GiveUpClassPlace,
    }
    kinds = get_args(get_args(SchedulingCommand)[0])
    assert len(kinds) > 30
    for role, may in ((Role.LEARNER, of_learners), (Role.TRAINING_CENTRE, of_centres)):
        by = actor(role)
        for kind in kinds:
            (answer,) = application.desk.execute([(by, specimens.minimal(kind))])
            turned_away = isinstance(answer, Refused) and answer.rule == "not-yours"
            # A learner's specimen is about somebody else, so it is refused in any case: see the test above.
            assert turned_away or kind in may, kind
            if role is Role.TRAINING_CENTRE and kind in may:
                assert not turned_away, kind


def test_a_course_has_a_name_first_and_not_that_of_an_online_course(
    application: Application, prison: UUID
) -> None:
    naming = NameClassCourse(**told(), course=COURSE, title={"fr": "A"}, validity_months=0)
    assert refused(application, naming, by=CENTRE) == "class-course-online"
    unnamed = publishing(prison).model_copy(update={"course": "unheard-of"})
    assert refused(application, unnamed, by=CENTRE) == "class-course-unknown"


def test_a_wish_ends_with_a_request_and_may_be_wished_again(application: Application, prison: UUID) -> None:
    ann = join(application, prison)
    wish = {"person_id": ann, "course": IN_DEPTH, "language": "nl"}
    for _ in range(2):
        done(application, WishClass(**told(), **wish), by=learner(ann))
    here = held(application, prison)
    done(application, place(RequestClass, here, ann), by=learner(ann))
    done(application, WishClass(**told(), **wish), by=learner(ann))
    done(application, EndClassWish(**told(), person_id=ann, course=IN_DEPTH), by=learner(ann))
    assert events_of(application, wish_id_of(ann, IN_DEPTH)) == ["Wished", "Ended", "WishedAgain", "Ended"]


# --- nobody in two places ------------------------------------------------------------------------


def test_nobody_has_a_seat_in_two_classes_at_once_and_the_refusal_names_the_other(
    application: Application, prison: UUID, manager: Actor
) -> None:
    here, there = held(application, prison), held(application, prison, start=SOON + timedelta(days=1))
    ann = join(application, prison)
    done(application, place(RequestClass, here, ann), by=manager)
    (answer,) = application.desk.execute([(manager, place(RequestClass, there, ann))])
    assert isinstance(answer, Refused)
    assert (answer.rule, answer.params["place_id"]) == ("person-engaged", str(here))
    moved = publishing(prison, start=SOON + timedelta(days=20)).model_dump(
        exclude={"type", "course", "class_id"}
    )
    done(application, ChangeClass(**moved, class_id=here), by=CENTRE)
    done(application, place(RequestClass, there, ann), by=manager)
    back = publishing(prison).model_dump(exclude={"type", "course", "class_id"})
    assert refused(application, ChangeClass(**back, class_id=here), by=CENTRE) == "person-engaged"


def test_a_cancelled_class_frees_everybody(application: Application, prison: UUID, manager: Actor) -> None:
    here = held(application, prison)
    people = [join(application, prison) for _ in range(4)]
    for person in people:
        done(application, place(RequestClass, here, person), by=manager)
    assert taken(application, here) == 2
    done(application, CancelClass(**told(), class_id=here, reason="Panne"), by=CENTRE)
    assert taken(application, here) == 0
    assert events_of(application, here)[-5:] == ["PlaceEnded"] * 4 + ["Cancelled"]
    again = held(application, prison)
    done(application, place(RequestClass, again, people[0]), by=manager)


def test_seats_are_reserved_then_named_then_given_back(
    application: Application, prison: UUID, manager: Actor
) -> None:
    here = held(application, prison, seats=3)
    reserving = ReserveClassSeats(
        **told(),
        class_id=here,
        reservation_id=uuid4(),
        unit_id=prison,
        seats=2,
        release_on=(SOON - timedelta(days=10)).date(),
    )
    done(application, reserving, by=manager)
    ann = join(application, prison)
    naming = place(NameClassSeat, here, ann, reservation_id=reserving.reservation_id)
    assert refused(application, naming, by=actor(Role.MANAGER)) == "not-yours"
    done(application, naming, by=manager)
    ending = EndClassReservation(**told(), class_id=here, reservation_id=reserving.reservation_id)
    assert refused(application, ending, by=actor(Role.MANAGER)) == "not-yours"
    done(application, ending, by=manager)
    assert events_of(application, here)[1:] == ["SeatsReserved", "SeatGiven", "ReservationEnded"]
    assert taken(application, here) == 1


# --- what follows by itself ----------------------------------------------------------------------


class Following:
    """The policy, its feed read by hand, at any moment."""

    def __init__(self, application: Application, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("services.backbone.policies.EVERY_SECONDS", 0.0)
        self._connection = psycopg.connect(database.url, autocommit=True)
        self.now = datetime.now(UTC)
        self.policy = Classes(application.log)
        self._application = application
        self._keeper = Timekeeper(application.desk, [self.policy], clock=lambda: self.now)
        self._source = FeedSource(application.log, to_contract)
        self._position = 0

    def follow(self) -> None:
        while True:
            page = SchedulingPage.model_validate_json(
                self._source.page(self._position, 1000).model_dump_json()
            )
            with self._connection.transaction(), self._connection.cursor() as tx:
                self.policy.apply(tx, "scheduling", page.items)
            if page.position == self._position:
                return
            self._position = page.position

    def go(self, rounds: int = 3) -> None:
        for _ in range(rounds):
            self.follow()
            self._keeper.act(self._connection)

    def begin_again(self) -> None:
        """A new process: what it knows is what was committed."""
        self._keeper = Timekeeper(self._application.desk, [self.policy], clock=lambda: self.now)

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def following(
    application: Application, database: Database, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Following]:
    following = Following(application, database, monkeypatch)
    yield following
    following.close()


def full(application: Application, prison: UUID, manager: Actor, start: datetime = SOON) -> Sequence[Any]:
    here = held(application, prison, start=start)
    people = [join(application, prison) for _ in range(4)]
    for person in people:
        done(application, place(RequestClass, here, person), by=manager)
    return here, people


def test_a_seat_that_is_given_back_is_offered_once_to_the_first_who_waits(
    application: Application, prison: UUID, manager: Actor, following: Following
) -> None:
    here, (ann, _, cid, dia) = full(application, prison, manager)
    done(application, place(GiveUpClassPlace, here, ann), by=learner(ann))
    following.go()
    assert events_of(application, here)[-2:] == ["PlaceEnded", "SeatOffered"]
    assert refused(application, place(AcceptClassSeat, here, dia), by=learner(dia)) == "class-offer-unknown"
    done(application, place(AcceptClassSeat, here, cid), by=learner(cid))
    following.go()
    assert events_of(application, here)[-1] == "SeatGiven"
    assert taken(application, here) == 2


def test_shortly_before_the_class_the_seat_is_given_and_who_is_taken_elsewhere_must_choose(
    application: Application, prison: UUID, manager: Actor, following: Following
) -> None:
    start = datetime.now(UTC) + timedelta(days=4)
    here, (ann, ben, cid, dia) = full(application, prison, manager, start=start)
    elsewhere = held(application, prison, start=start)
    done(application, place(RequestClass, elsewhere, cid), by=manager)
    for person in (ann, ben):
        done(application, place(GiveUpClassPlace, here, person), by=learner(person))
    following.go()
    assert events_of(application, here)[-2:] == ["SeatOffered", "SeatGiven"]
    assert taken(application, here) == 1
    accepting = place(AcceptClassSeat, here, cid)
    assert refused(application, accepting, by=learner(cid)) == "person-engaged"
    done(application, place(GiveUpClassPlace, elsewhere, cid), by=learner(cid))
    done(application, place(AcceptClassSeat, here, cid), by=learner(cid))
    done(application, place(GiveUpClassPlace, here, dia), by=learner(dia))


class Crash(BaseException):
    """The process is gone: nothing catches it."""


STEPS = ("applying", "asked", "before the desk", "in the commit", "after the commit", "remembering")


def kill_at(
    step: str, following: Following, application: Application, patch: pytest.MonkeyPatch
) -> list[str]:
    """Let the process die once at a step; where it died."""
    deaths: list[str] = []
    owner, name = {
        "applying": (following.policy, "apply"),
        "asked": (following.policy, "due"),
        "before the desk": (application.desk, "execute"),
        "in the commit": (application.log, "append"),
        "after the commit": (application.desk, "execute"),
        "remembering": (following.policy, "answered"),
    }[step]
    whole = getattr(owner, name)

    def dying(*args: Any, **kwargs: Any) -> Any:
        if not deaths and step in ("before the desk", "in the commit"):
            deaths.append(step)
            raise Crash
        result = whole(*args, **kwargs)
        if not deaths and (step != "asked" or result):
            deaths.append(step)
            raise Crash
        return result

    patch.setattr(owner, name, dying)
    return deaths


@pytest.mark.parametrize("step", STEPS)
def test_a_scheduler_killed_at_any_step_offers_a_seat_once_and_lets_it_lapse_once(
    application: Application,
    prison: UUID,
    manager: Actor,
    following: Following,
    step: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    following.go()  # what other tests left behind
    here, (ann, _, _cid, dia) = full(application, prison, manager)
    done(application, place(GiveUpClassPlace, here, ann), by=learner(ann))
    for later in (timedelta(), timedelta(hours=73)):
        following.now = datetime.now(UTC) + later
        with monkeypatch.context() as patch:
            # The desk has the clock of the policy, as on one machine.
            patch.setattr(application.desk, "_clock", lambda: following.now)
            deaths = kill_at(step, following, application, patch)
            for _ in range(4):
                try:
                    following.go(2)
                except Crash:
                    following.begin_again()
        assert deaths == [step], "it was not killed where it should be"
    happened = events_of(application, here)
    assert happened[-4:] == ["PlaceEnded", "SeatOffered", "PlaceEnded", "SeatOffered"]
    held_now = application.log.load([here])[here]
    assert isinstance(held_now, ClassSession)
    assert (held_now.those("offered"), held_now.those("waiting")) == ([dia], [])


def test_a_class_cancelled_with_a_full_list_frees_and_tells_everybody_and_offers_nothing(
    application: Application, prison: UUID, manager: Actor, following: Following
) -> None:
    here, people = full(application, prison, manager)
    done(application, place(GiveUpClassPlace, here, people[0]), by=learner(people[0]))
    following.go()
    done(application, CancelClass(**told(), class_id=here, reason="Incendie"), by=CENTRE)
    following.go()
    happened = events_of(application, here)
    assert happened[-4:] == ["PlaceEnded", "PlaceEnded", "PlaceEnded", "Cancelled"]
    assert taken(application, here) == 0
    held_now = application.log.load([here])[here]
    assert isinstance(held_now, ClassSession) and held_now.places == {}
    accepting = place(AcceptClassSeat, here, people[2])
    assert refused(application, accepting, by=learner(people[2])) == "class-cancelled"
    elsewhere = held(application, prison)
    for person in people[1:3]:
        done(application, place(RequestClass, elsewhere, person), by=manager)
    assert taken(application, elsewhere) == 2


def test_who_leaves_the_service_gives_the_place_back(
    application: Application, prison: UUID, manager: Actor, following: Following
) -> None:
    here, (ann, *_) = full(application, prison, manager)
    done(application, WithdrawPerson(**told(), person_id=ann))
    following.go(4)
    assert events_of(application, here)[-2:] == ["PlaceEnded", "SeatOffered"]


def test_nobody_else_tends_a_class(application: Application, prison: UUID) -> None:
    tending = TendClass(**told(), class_id=held(application, prison))
    for by in (OPERATOR, CENTRE, actor(Role.MANAGER), actor(Role.LEARNER)):
        assert refused(application, tending, by=by) == "not-yours"
    done(application, tending, by=ITSELF)


# --- at once -------------------------------------------------------------------------------------


RACER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4
from services.backbone.log import StoreAway
from services.scheduling.application import Application
from services.scheduling.domain import ClassSession
from services.contracts.scheduling.classes import RequestClass
from tests.integration.scheduling.words import OPERATOR

url, key, class_id, *people = sys.argv[1:]
application = Application(url, Path(key), on_commit=lambda _: None)
commands = [
    RequestClass(command_id=uuid4(), occurred_at=datetime.now(UTC), class_id=UUID(class_id), person_id=UUID(p))
    for p in people
]
print("ready", flush=True)
sys.stdin.readline()
for command in commands:
    while True:
        try:
            print(application.desk.execute([(OPERATOR, command)])[0].outcome, flush=True)
            break
        except StoreAway:
            continue
"""


def test_the_race_between_processes_gives_n_seats_and_one_place_on_the_list(
    application: Application, database: Database, environment: dict[str, str], prison: UUID
) -> None:
    seats, copies = 11, 4
    here = held(application, prison, seats=seats)
    people = [join(application, prison) for _ in range(seats + 1)]
    racers = [
        subprocess.Popen(
            [
                sys.executable,
                *("-c", RACER, database.url, environment["PARCOURS_ACTOR_PUBLIC_KEY"], str(here)),
                *(str(person) for person in people[n::copies]),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": "."},
        )
        for n in range(copies)
    ]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:  # all of them before one is waited for, or they run one after another
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    told_all = [racer.communicate(timeout=60)[0].split() for racer in racers]
    assert [answer for told_one in told_all for answer in told_one] == ["accepted"] * (seats + 1)
    happened = events_of(application, here)
    assert (happened.count("SeatGiven"), happened.count("Waitlisted")) == (seats, 1)
    assert happened[-1] == "Waitlisted"
    assert taken(application, here) == seats


def test_the_race_of_the_bench_finds_every_seat_that_is_too_many(
    application: Application, database: Database, environment: dict[str, str], prison: UUID
) -> None:
    people = [join(application, prison) for _ in range(13)]
    key = Path(environment["PARCOURS_ACTOR_PUBLIC_KEY"])
    race = seat_race.run(database.url, key, prison, people, copies=3)
    assert (race.asked, race.given, race.waiting, race.engaged, race.too_many) == (13, 12, 1, 12, 0)
    assert replace(race, given=13, waiting=0).too_many == 1  # a seat too many
    assert replace(race, waiting=0).too_many == 1  # somebody lost
    assert replace(race, engaged=13).too_many == 1


def test_counting_seats_before_the_writers_turn_alone_would_give_one_too_many(
    application: Application, make: Callable[[], Application], prison: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: a desk whose class has always a seat free gives more than there are."""
    monkeypatch.setattr("services.scheduling.domain.class_session.ClassSession.would_seat", lambda _: True)
    here = held(application, prison, seats=1)
    people = [join(application, prison) for _ in range(3)]
    answers = at_once(make, [(OPERATOR, place(RequestClass, here, person)) for person in people])
    assert all(isinstance(answer, Done) for answer in answers)
    assert taken(application, here) == 3


def test_one_person_asked_for_twice_at_once_in_two_classes_has_one_seat(
    application: Application, make: Callable[[], Application], prison: UUID
) -> None:
    here, there = (held(application, prison) for _ in range(2))
    ann = join(application, prison)
    answers = at_once(make, [(OPERATOR, place(RequestClass, each, ann)) for each in (here, there)])
    assert sorted(type(answer).__name__ for answer in answers) == ["Done", "Refused"]
    rows = application.log.select(
        "SELECT count(*) FROM engagement WHERE engagement_id = ANY(%s)",
        ([place_id_of(each, ann) for each in (here, there)],),
    )
    assert rows == [(2,)]
