"""Proposals keep every rule, place as many as anybody could, and say why somebody was not placed."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.simulation.planning import prison_question
from services.scheduling.planning import (
    Candidate,
    Obstacle,
    OpenSlot,
    Proposal,
    Quality,
    Question,
    Seat,
    Span,
    Team,
    propose,
    search,
)
from tests.support.plan_checker import broken_rules, most_that_can_be_placed

MONDAY = date(2026, 9, 7)
SITE, ELSEWHERE = UUID(int=1), UUID(int=2)
RED, BLUE = UUID(int=11), UUID(int=12)
LATE = MONDAY + timedelta(days=60)
NOTHING = Quality(0, 0, 0, 0, 0, 0.0)


def at(day: int, hour: int = 8, hours: int = 2) -> Span:
    """Hours of a day, in UTC: the local day is the same one."""
    start = datetime(MONDAY.year, MONDAY.month, MONDAY.day, hour, tzinfo=UTC) + timedelta(days=day)
    return Span(start, start + timedelta(hours=hours))


def slot(number: int, day: int, hour: int = 8, seats: int = 1, site: UUID = SITE) -> OpenSlot:
    return OpenSlot(UUID(int=1_000 + number), site, at(day, hour), seats)


def person(number: int, team: UUID = RED, **more: Any) -> Candidate:
    return Candidate(UUID(int=100 + number), team, frozenset({SITE}), **{"due_on": LATE, **more})


def asked(people: list[Candidate], slots: list[OpenSlot], **more: Any) -> Question:
    return Question(tuple(people), tuple(slots), **more)


def answer(question: Question, seconds: float = 5.0) -> Proposal:
    proposal = propose(question, seconds, time.monotonic)
    assert broken_rules(question, proposal) == []
    return proposal


def why(question: Question) -> tuple[set[Obstacle], tuple[Any, ...]]:
    """Of the one person who is not placed."""
    (unplaced,) = answer(question).unplaced
    return set(unplaced.obstacles), unplaced.remedies


# --- placing -------------------------------------------------------------------------------------


def test_everybody_gets_both_halves_on_different_days() -> None:
    proposal = answer(asked([person(1), person(2)], [slot(1, 0, seats=2), slot(2, 3, seats=2)]))
    assert len(proposal.seats) == 4 and proposal.unplaced == ()
    assert proposal.quality.days == 2 and proposal.quality.proved


def test_a_team_is_away_on_as_few_days_as_possible() -> None:
    days = [slot(day, day, seats=3) for day in range(10)]
    proposal = answer(asked([person(n) for n in range(3)], days))
    assert proposal.quality.days == proposal.quality.days_bound == 2


def test_days_on_which_the_team_is_away_anyway_cost_nothing() -> None:
    away = Team(RED, 5, (at(4, 14), at(6, 14)))
    proposal = answer(asked([person(1)], [slot(day, day) for day in range(10)], teams=(away,)))
    assert {seat.slot_id.int - 1_000 for seat in proposal.seats} == {4, 6}
    assert proposal.quality.days == 0


def test_seats_of_alike_slots_in_two_rooms_are_filled_without_one_too_many() -> None:
    rooms = [slot(1, 0, seats=2), slot(2, 0, seats=1), slot(3, 2, seats=1), slot(4, 2, seats=2)]
    assert answer(asked([person(n) for n in range(3)], rooms)).unplaced == ()


def test_who_has_one_half_gets_the_other_within_the_gap_to_it() -> None:
    days = [slot(1, 0), slot(2, 5), slot(3, 30)]
    half = person(1, halves=1, other_half=MONDAY + timedelta(days=20))
    proposal = answer(asked([half], days))
    assert [seat.slot_id.int for seat in proposal.seats] == [1_003]


def test_a_first_half_that_was_missed_is_planned_before_the_second() -> None:
    days = [slot(1, 0), slot(2, 5), slot(3, 12)]
    half = person(1, halves=1, other_half=MONDAY + timedelta(days=7), earlier=True)
    assert [seat.slot_id.int for seat in answer(asked([half], days)).seats] in ([1_001], [1_002])


def test_slots_over_midnight_that_overlap_are_not_given_to_one_person() -> None:
    night = OpenSlot(UUID(int=1), SITE, at(0, 20, hours=8), 1)
    early = OpenSlot(UUID(int=2), SITE, at(1, 3, hours=2), 1)
    later = OpenSlot(UUID(int=3), SITE, at(1, 9, hours=2), 1)
    assert {s.slot_id.int for s in answer(asked([person(1)], [night, early, later])).seats} == {1, 3}


def test_nobody_to_place_is_an_answer_too() -> None:
    assert answer(asked([], [slot(1, 0)])).quality.proved
    assert answer(asked([person(1)], [])).unplaced[0].obstacles == {Obstacle.NO_SLOT}


# --- why not, and what would free it -------------------------------------------------------------

TWO = [slot(1, 0), slot(2, 3)]


@pytest.mark.parametrize(
    ("question", "obstacle"),
    [
        (asked([person(1), person(2)], TWO), Obstacle.SEATS),
        (
            asked([person(1), person(2)], [slot(1, 0, seats=2), slot(2, 3, seats=2)], teams=(Team(RED, 1),)),
            Obstacle.TEAM,
        ),
        (asked([person(1, due_on=MONDAY + timedelta(days=2))], TWO), Obstacle.DUE_DATE),
        (asked([person(1, available=(at(0, 6, 8), at(3, 12, 8)))], TWO), Obstacle.AVAILABILITY),
        (asked([person(1, absent=(at(3, 0, 24),))], TWO), Obstacle.ABSENCE),
        (asked([person(1, engaged=(at(0, 9),))], TWO), Obstacle.ENGAGED),
        (asked([person(1)], [slot(1, 0), slot(2, 20)]), Obstacle.GAP),
        (asked([person(1, halves=1, other_half=MONDAY)], [slot(1, 0), slot(2, 20)]), Obstacle.GAP),
        (asked([person(1)], [slot(1, 0, site=ELSEWHERE)]), Obstacle.NO_SLOT),
        (asked([person(1)], [slot(1, 0)]), Obstacle.NO_SLOT),
    ],
)
def test_the_rule_that_stands_in_the_way_is_named(question: Question, obstacle: Obstacle) -> None:
    assert why(question)[0] == {obstacle}


def test_a_later_due_date_that_would_do_is_named() -> None:
    slots = [slot(1, 0), slot(2, 5), slot(3, 9)]
    _, remedies = why(asked([person(1, due_on=MONDAY + timedelta(days=4))], slots))
    assert remedies[0].due_on == MONDAY + timedelta(days=5)


def test_several_ways_out_are_told_of_the_least_first() -> None:
    slots = [slot(1, 0), slot(2, 3), slot(3, 20, seats=2), slot(4, 25, seats=2)]
    due = MONDAY + timedelta(days=10)
    _, remedies = why(asked([person(1, due_on=due), person(2, due_on=due)], slots))
    assert [set(remedy.obstacles) for remedy in remedies] == [{Obstacle.SEATS}, {Obstacle.DUE_DATE}]


# --- against brute force -------------------------------------------------------------------------

spans = st.builds(at, st.integers(0, 5), st.sampled_from([7, 9, 12]), st.integers(2, 30))
weeks = st.builds(at, st.integers(0, 2), st.just(6), st.integers(30, 120))
seldom = st.sampled_from([False, False, False, True])


@st.composite
def questions(draw: st.DrawFn) -> Question:
    """Small ones, in which people are in each other's way."""
    slots = [
        slot(n, draw(st.integers(0, 5)), draw(st.sampled_from([8, 9, 10])), draw(st.integers(1, 2)))
        for n in range(draw(st.integers(3, 7)))
    ]
    people = [
        person(
            n,
            team=draw(st.sampled_from([RED, RED, BLUE])),
            due_on=MONDAY + timedelta(days=draw(st.integers(3, 7))),
            halves=(halves := draw(st.sampled_from([1, 2, 2]))),
            other_half=MONDAY + timedelta(days=draw(st.integers(-2, 6))) if halves == 1 else None,
            earlier=draw(st.booleans()),
            available=tuple(draw(st.lists(spans | weeks, max_size=3))) if draw(seldom) else None,
            absent=tuple(draw(st.lists(spans, max_size=1))) if draw(seldom) else (),
            engaged=tuple(draw(st.lists(spans, max_size=1))) if draw(seldom) else (),
        )
        for n in range(draw(st.integers(2, 4)))
    ]
    teams = tuple(
        Team(team, draw(st.sampled_from([None, 0, 1, 1, 2])), draw(st.lists(spans, max_size=1).map(tuple)))
        for team in (RED, BLUE)
    )
    return Question(
        tuple(people),
        tuple(slots),
        teams,
        draw(st.sampled_from([1, 1, 2])),
        draw(st.sampled_from([2, 4, 14])),
    )


@settings(max_examples=150, deadline=None)
@given(questions())
def test_small_questions_are_answered_best(question: Question) -> None:
    proposal = answer(question)
    most = most_that_can_be_placed(question)
    assert proposal.quality.placed == proposal.quality.placed_bound == most
    assert proposal.quality.proved


@settings(max_examples=60, deadline=None)
@given(questions())
def test_greedy_alone_keeps_every_rule_and_bounds_hold(question: Question) -> None:
    proposal = propose(question, 5.0, time.monotonic, progress=lambda _: False)
    assert broken_rules(question, proposal) == []
    best = answer(question)
    assert proposal.quality.placed <= best.quality.placed <= proposal.quality.placed_bound
    if proposal.quality.placed == best.quality.placed == len(question.people):
        assert proposal.quality.days_bound <= best.quality.days <= proposal.quality.days


@settings(max_examples=60, deadline=None)
@given(questions())
def test_a_large_question_taken_in_pieces_keeps_every_rule(question: Question) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "WHOLE_CELLS_MAX", 0)
        patch.setattr(search, "PIECE_CELLS_MAX", 6)
        proposal = answer(question, seconds=1.0)
    assert proposal.quality.placed <= most_that_can_be_placed(question) <= proposal.quality.placed_bound


@settings(max_examples=60, deadline=None)
@given(questions())
def test_what_is_said_to_free_a_place_does(question: Question) -> None:
    proposal = answer(question)
    for unplaced in proposal.unplaced:
        for remedy in unplaced.remedies:
            freed = _give_way(question, unplaced.person_id, remedy)
            assert most_that_can_be_placed(freed) > proposal.quality.placed, remedy


def _give_way(question: Question, person_id: UUID, remedy: Any) -> Question:
    (who,) = (p for p in question.people if p.person_id == person_id)
    way = [s for s in question.slots if s.slot_id in remedy.slots]
    for obstacle in remedy.obstacles:
        match obstacle:
            case Obstacle.SEATS:
                more = tuple(replace(s, seats=s.seats + 1) if s in way else s for s in question.slots)
                question = replace(question, slots=more)
            case Obstacle.TEAM:
                teams = tuple(replace(t, away_max=9) if t.team == who.team else t for t in question.teams)
                question = replace(question, teams=teams)
            case Obstacle.DUE_DATE:
                who = replace(who, due_on=remedy.due_on)
            case Obstacle.AVAILABILITY:
                who = replace(who, available=None)
            case Obstacle.ABSENCE:
                who = replace(who, absent=())
            case Obstacle.ENGAGED:
                who = replace(who, engaged=())
            case Obstacle.GAP:
                question = replace(question, gap_days_min=1, gap_days_max=99)
                who = replace(who, other_half=None)  # and with it, which comes first
    people = tuple(who if p.person_id == person_id else p for p in question.people)
    return replace(question, people=people)


# --- time ----------------------------------------------------------------------------------------


def test_without_any_time_the_greedy_answer_stands() -> None:
    question = prison_question(1, people=100)
    proposal = answer(question, seconds=0.0)
    assert proposal.quality.placed == 100


def test_progress_is_told_and_can_end_the_search() -> None:
    told: list[Quality] = []

    def enough(quality: Quality) -> bool:
        told.append(quality)
        return len(told) < 3

    question = prison_question(2, people=200)
    proposal = propose(question, 60.0, time.monotonic, enough)
    assert broken_rules(question, proposal) == []
    assert 1 <= len(told) <= 3 and proposal.quality.seconds < 30


def test_a_prison_is_planned_in_pieces_within_its_time() -> None:
    question = prison_question(3, people=250, spare=1.1, away_max=2)
    proposal = answer(question, seconds=6.0)
    assert proposal.quality.seconds < 12
    assert proposal.quality.placed >= 240 and proposal.quality.gap < 0.5


# --- the checker sees what is wrong --------------------------------------------------------------

A, B = person(1), person(2)
SLOTS = [slot(1, 0), slot(2, 3), slot(3, 20), slot(4, 0, 9), slot(5, 3, site=ELSEWHERE)]


def placed(*seats: tuple[Candidate, int], days: int = 2) -> Proposal:
    has = tuple(Seat(who.person_id, UUID(int=1_000 + number)) for who, number in seats)
    count = len({who.person_id for who, _ in seats})
    return Proposal(has, (), replace(NOTHING, placed=count, days=days))


def limited(away_max: int, *away: Span) -> Callable[[Question], Question]:
    return lambda question: replace(question, teams=(Team(RED, away_max, away),))


@pytest.mark.parametrize(
    ("rule", "people", "proposal"),
    [
        ("halves", [A], placed((A, 1), days=1)),
        ("said", [A, B], placed((A, 1), (A, 2))),
        ("site", [A], placed((A, 1), (A, 5))),
        ("due", [replace(A, due_on=MONDAY)], placed((A, 1), (A, 2))),
        ("available", [replace(A, available=(at(0, 8, 2),))], placed((A, 1), (A, 2))),
        ("absent", [replace(A, absent=(at(3, 9, 1),))], placed((A, 1), (A, 2))),
        ("engaged", [replace(A, engaged=(at(3, 7, 2),))], placed((A, 1), (A, 2))),
        ("gap", [A], placed((A, 1), (A, 3))),
        ("gap", [replace(A, halves=1, other_half=MONDAY)], placed((A, 1), days=1)),
        ("order", [replace(A, halves=1, other_half=MONDAY, earlier=True)], placed((A, 2), days=1)),
        ("twice", [A], placed((A, 1), (A, 4), days=1)),
        ("seats", [A, B], placed((A, 1), (A, 2), (B, 1), (B, 2))),
        ("placed", [A], replace(placed((A, 1), (A, 2)), quality=replace(NOTHING, placed=2, days=2))),
        ("days", [A], placed((A, 1), (A, 2), days=1)),
    ],
)
def test_the_checker_finds_each_planted_fault(rule: str, people: list[Candidate], proposal: Proposal) -> None:
    assert rule in broken_rules(asked(people, SLOTS), proposal)


def test_the_checker_finds_too_many_of_a_team_away_and_nothing_in_a_good_plan() -> None:
    good = placed((A, 1), (A, 2))
    question = asked([A], SLOTS)
    assert broken_rules(question, good) == []
    assert broken_rules(limited(0)(question), good) == ["team", "team"]
    assert broken_rules(
        limited(1, at(0, 9, 1))(question), replace(good, quality=replace(good.quality, days=1))
    ) == ["team"]
    assert (
        broken_rules(limited(1, at(0, 10, 1))(question), replace(good, quality=replace(good.quality, days=1)))
        == []
    )
