"""Figures of a unit and of those directly below it: at one moment, and month after month."""

from uuid import UUID

from services.contracts.reporting.overview import AskOverview, AskTrend, Overview, Trend, TrendPoint
from services.reporting import answers
from services.reporting.moments import Moment, months_until
from services.reporting.projections.unit_counts import counts, counts_at
from services.reporting.questions.state import State


def overview(state: State, asked: AskOverview) -> Overview:
    """Counts by status for a unit, and for each unit directly below it with all below that."""
    care, moment = state.care, state.moment
    care.admit_to_unit(asked.unit_id)
    tree = care.tree_at(moment)
    unit, *below = care.with_those_below(tree, asked.unit_id)
    wanted = {each.unit_id: care.below(tree, each.unit_id) for each in (unit, *below)}
    people = counts(state.tx, asked.course, wanted, moment, state.now.as_of)
    return Overview(
        unit=answers.figures(unit, people),
        below=tuple(answers.figures(each, people) for each in below),
        course=asked.course,
        as_of=moment.as_of,
        known_at=moment.known_at,
        positions=state.positions,
    )


def trend(state: State, asked: AskTrend) -> Trend:
    """How many people were trained at the ends of months, with the units below as they are at the last."""
    care, moment = state.care, state.moment
    care.admit_to_unit(asked.unit_id)
    unit, *below = care.with_those_below(care.tree_at(moment), asked.unit_id)
    points: dict[UUID, list[TrendPoint]] = {each.unit_id: [] for each in (unit, *below)}
    moments = months_until(moment.as_of, asked.points)
    trees = (care.tree_at(Moment(as_of, moment.known_at)) for as_of in moments)
    wanted = [{each: care.below(tree, each) for each in points} for tree in trees]
    asked_at = list(zip(moments, wanted, strict=True))
    counted = counts_at(state.tx, asked.course, asked_at, moment.known_at, state.now.as_of)
    for as_of, found in zip(moments, counted, strict=True):
        for unit_id, figures in found.items():
            trained = figures.get("passed", 0) + figures.get("expiring", 0)
            people = figures.get("people", 0)
            exempt = figures.get("exempt", 0)
            points[unit_id].append(TrendPoint(as_of=as_of, people=people, trained=trained, exempt=exempt))
    return Trend(
        unit=answers.unit_trend(unit, points),
        below=tuple(answers.unit_trend(each, points) for each in below),
        course=asked.course,
        as_of=moment.as_of,
        known_at=moment.known_at,
        positions=state.positions,
    )
