"""What managers of a whole service ask all day: due lists, plans of prisons, the overview; with two years behind it."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from deploy.api import Person
from deploy.bench.figures import Figure, at_most, latencies
from deploy.bench.ground import MANAGER, PRISON_MANAGER, Ground
from deploy.bench.reports import Ask, asked, asyncio_run
from deploy.simulation.log_writer import LogWriter
from deploy.simulation.seats import TO_COME_WEEKS, SeatsMaker
from deploy.telling import Telling

PAGE: Final = 500
MS_MAX: Final = at_most(40)
MUST_FOLLOW: Final = frozenset({"assigned", "in_progress", "due_soon", "overdue"})
WEEKS_BACK: Final = 52


def asked_of_a_service(ground: Ground, telling: Telling) -> list[Figure]:
    """p50 and p99 of each question through HTTP, one client, one question after the other."""
    _fill_seats(ground, telling)
    chance = random.Random(f"weeks/{ground.sizes.seed}")  # noqa: S311
    course = {"course": ground.course}
    prison, service = {"unit": str(ground.prison)}, {"unit": str(ground.root)}

    def week(_: Any) -> str:
        monday = _monday(ground.until) + timedelta(weeks=chance.randint(-WEEKS_BACK, TO_COME_WEEKS))
        query = {**prison, **course, "from": monday.date().isoformat(), "days": "7"}
        return f"/api/v1/reports/plan?{urlencode(query)}"

    def use(_: Any) -> str:
        since, until = (ground.until - timedelta(days=365)).date(), ground.until.date()
        return f"/api/v1/reports/seats?{urlencode({**prison, 'from': since, 'to': until})}"

    asking: dict[str, tuple[str, Ask]] = {
        "due list, one prison": (PRISON_MANAGER, _of("due", {**prison, **course})),
        "due list, whole service": (MANAGER, _of("due", {**service, **course})),
        "plan of a week, one prison": (PRISON_MANAGER, week),
        "use of seats in a year, one prison": (PRISON_MANAGER, use),
        "overview, whole service": (MANAGER, _of("overview", {**service, **course})),
    }
    figures: list[Figure] = []
    for name, (user, ask) in asking.items():
        telling.step(f"Asking for {name}")
        seconds = asyncio_run(asked(ground, user, ask, telling, name))
        figures += latencies(name, seconds, None, MS_MAX)
    return figures


def _of(report: str, query: dict[str, str]) -> Ask:
    return lambda _: f"/api/v1/reports/{report}?{urlencode(query)}"


def _monday(moment: datetime) -> datetime:
    return moment - timedelta(days=moment.weekday())


def _fill_seats(ground: Ground, telling: Telling) -> None:
    telling.step("Making years of seats, through the domain code")
    with ground.person(MANAGER) as manager:
        staff = {prison: _staff(manager, prison, ground.course) for prison in ground.prisons}
    with LogWriter(ground.database("scheduling")) as writer:
        maker = SeatsMaker(writer, ground.course, ground.since, datetime.now(UTC), ground.sizes.seed)
        for prisons in maker.make(staff):
            telling.track("prisons", prisons, len(staff))
    ground.follow_up(telling, "read models")
    telling.step("Letting policies come to an end")
    ground.settle()


def _staff(manager: Person, prison: UUID, course: str) -> tuple[list[UUID], list[UUID]]:
    """Those of a prison who have followed the course, and those who must."""
    done: list[UUID] = []
    must: list[UUID] = []
    cursor: str | None = None
    while True:
        told = manager.get("/reports/staff", unit=prison, course=course, limit=PAGE, cursor=cursor)
        for line in told["lines"]:
            (must if line["status"] in MUST_FOLLOW else done).append(UUID(line["person_id"]))
        if (cursor := told["cursor"]) is None:
            return done, must
