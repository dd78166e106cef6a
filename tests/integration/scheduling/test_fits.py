"""What would be refused is said before it is tried, and it is what is refused then."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from services.contracts.access import Actor, Role
from services.contracts.message import Refused
from services.contracts.rules import RuleBroken
from services.contracts.scheduling import AppointManager
from services.contracts.scheduling.fits import AskFit, Fit
from services.contracts.scheduling.seats import BookSeat, MoveSeat, ReleaseSeat
from services.scheduling.application import Application
from tests.integration.scheduling.test_seats import MONDAY, at, fortnight, learner, release, seat
from tests.integration.scheduling.words import COURSE, actor, done, events_of, join, told, unit

DAYS = range(21)


@pytest.fixture(scope="module")
def manager(application: Application, prison: UUID) -> Actor:
    person_id = join(application, prison)
    done(application, AppointManager(**told(), unit_id=prison, person_id=person_id))
    return actor(Role.MANAGER, person_id=person_id)


def asking(application: Application, by: Actor, person_id: UUID, here: UUID, half: int) -> Fit:
    slots = tuple(at(here, day) for day in DAYS)
    return application.fit(by, AskFit(person_id=person_id, course=COURSE, half=half, slots=slots))


@pytest.mark.parametrize("half", [1, 2])
@pytest.mark.parametrize("moving", [False, True], ids=["booking", "moving"])
def test_what_a_slot_says_is_what_it_answers(
    application: Application, prison: UUID, manager: Actor, half: int, moving: bool
) -> None:
    """The other half is far from some slots, one slot is full, and for the second half the due date comes soon."""
    other, now_on = (8, 9) if half == 2 else (18, 17)
    here = fortnight(application, prison, seats=1)
    ann = learner(application, prison, due_on=MONDAY + timedelta(days=18 if half == 1 else 16))
    ben = learner(application, prison)
    done(application, seat(BookSeat, ben, at(here, 3)), by=manager)
    done(application, seat(BookSeat, ann, at(here, other), half=3 - half), by=manager)
    if moving:
        done(application, seat(BookSeat, ann, at(here, now_on), half=half), by=manager)
    before = [events_of(application, at(here, day)) for day in DAYS]
    fit = asking(application, manager, ann, here, half)
    assert [events_of(application, at(here, day)) for day in DAYS] == before, "asking changes nothing"
    assert fit.held == (at(here, now_on) if moving else None)
    kinds = {"fits": 0, "yields": 0, "not": 0}
    for line in fit.slots:
        kind = MoveSeat if fit.held else BookSeat
        (outcome,) = application.desk.execute([(manager, seat(kind, ann, line.slot_id, half=half))])
        if line.in_the_way:
            assert isinstance(outcome, Refused)
            assert (outcome.rule, outcome.params) == (line.in_the_way[0].rule, line.in_the_way[0].params)
        if line.possible:
            with_despite = seat(kind, ann, line.slot_id, half=half, despite=line.despite)
            done(application, with_despite, by=manager)
            back = seat(MoveSeat, ann, fit.held, half=half) if fit.held else release(ann, half)
            done(application, back, by=manager)
        kinds["not" if not line.possible else "yields" if line.despite else "fits"] += 1
    assert all(kinds.values()), kinds


def test_both_rules_that_yield_are_told_at_once(
    application: Application, prison: UUID, manager: Actor
) -> None:
    here = fortnight(application, prison)
    ann = learner(application, prison, due_on=MONDAY + timedelta(days=5))
    done(application, seat(BookSeat, ann, at(here, 0)), by=manager)
    last = asking(application, manager, ann, here, 2).slots[-1]
    assert last.possible and set(last.despite) == {"gap-between-halves", "after-due-date"}
    assert {each.rule for each in last.in_the_way} == set(last.despite)


def test_who_has_no_care_of_somebody_learns_nothing(
    application: Application, prison: UUID, manager: Actor
) -> None:
    here = fortnight(application, prison)
    other_prison = unit()
    done(application, other_prison)
    elsewhere = learner(application, other_prison.unit_id)
    for person_id in (elsewhere, uuid4()):
        with pytest.raises(RuleBroken, match="not-yours"):
            asking(application, manager, person_id, here, 1)


def test_what_was_asked_hinders_nobody_who_books_meanwhile(
    application: Application, prison: UUID, manager: Actor
) -> None:
    """Aggregates that were looked at are given back as they were."""
    here = fortnight(application, prison, seats=1)
    ann, ben = learner(application, prison), learner(application, prison)
    asking(application, manager, ann, here, 1)
    done(application, seat(BookSeat, ben, at(here, 0)), by=manager)
    first = asking(application, manager, ann, here, 1).slots[0]
    assert [each.rule for each in first.in_the_way] == ["slot-full"] and not first.possible
    gone = ReleaseSeat.model_validate(release(ben).model_dump())
    done(application, gone, by=manager)
    assert asking(application, manager, ann, here, 1).slots[0].possible
