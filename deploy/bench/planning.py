"""`planning`: a service of 12,000 people in 35 prisons, two years on: proposals, nights, reports, a file of HR."""

import time
from typing import Final

from deploy.bench.figures import Figure, Result, at_least, at_most
from deploy.bench.ground import Ground
from deploy.bench.hr import import_of_all
from deploy.bench.nights import night
from deploy.bench.orders import order_for_all
from deploy.bench.seat_race import seat_race
from deploy.bench.service import asked_of_a_service
from deploy.simulation.planning import prison_question
from deploy.telling import Telling
from services.scheduling.planning import Quality, propose

PEOPLE: Final = 1_000
WEEKS: Final = 8
LIMIT_SECONDS: Final = 45.0
"""The same as the service gives itself."""

FIRST_SECONDS_MAX, SECONDS_MAX, GAP_PERCENT_MAX = at_most(5), at_most(60), at_most(5)


def planning(ground: Ground, telling: Telling) -> Result:
    """One prison of 1,000 people, two halves each, in two rooms over eight weeks, with shifts and leave."""
    question = prison_question(ground.sizes.seed, people=PEOPLE, weeks=WEEKS)
    told: list[Quality] = []

    def heard(quality: Quality) -> bool:
        told.append(quality)
        return True

    telling.step(f"Asking for a plan of {PEOPLE:,} people")
    since = time.perf_counter()
    proposal = propose(question, LIMIT_SECONDS, time.perf_counter, heard)
    seconds = time.perf_counter() - since
    quality = proposal.quality
    telling.step("Working through a night")
    nights = night(ground.database("scheduling"))
    return Result(
        "planning",
        [
            Figure("first answer", told[0].seconds, "s", FIRST_SECONDS_MAX),
            Figure("proposal", seconds, "s", SECONDS_MAX),
            Figure(
                "placed",
                quality.placed,
                "people",
                at_least(quality.placed_bound),
                quality.placed_bound,
                "bound",
            ),
            Figure("days of absence", quality.days, "", None, quality.days_bound, "bound"),
            Figure("gap", quality.gap * 100, "%", GAP_PERCENT_MAX),
            *nights,
            *asked_of_a_service(ground, telling),
            *seat_race(ground, telling),
            *order_for_all(ground, telling),
            *import_of_all(ground, telling),
        ],
        {
            "people": PEOPLE,
            "seats": sum(slot.seats for slot in question.slots),
            "slots": len(question.slots),
            "teams": len(question.teams),
            "days of absence, first answer": told[0].days,
            "worst team, days more than it needs": quality.worst,
        },
    )
