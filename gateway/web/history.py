"""One person's history for an auditor: event by event in both times, and two moments side by side."""

import asyncio
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from gateway.ask import ask_for
from gateway.parts import parts_of
from gateway.times import BRUSSELS, local_moment
from gateway.web import charts
from gateway.web.book import book_of
from gateway.web.page import at, files_of, page, page_router
from gateway.web.rendering import local_day
from services.contracts.access import SCHEDULING
from services.contracts.reporting.audit import AskHistory, History, HistoryLine
from services.contracts.reporting.transcripts import AskTranscript, Transcript

router = page_router()

PAGE_LINES: Final = 50
"""Events on one page: with all that is told of each, some 100 KB."""

PAPER_LINES: Final = 120
"""Events on one page to be printed, with less about each."""

LATE: Final = timedelta(hours=1)
"""Between happening and being recorded: from here on the page says so aloud."""

LATE_MAX: Final = 5
"""Such events to which a comparison is offered."""

NOTICED: Final = timedelta(minutes=1)
"""From here on the page tells it at all; steps come in seconds after they were made."""

MOMENT: Final = timedelta(microseconds=1)
"""The shortest time there is in our records."""

Kind = Literal["place", "duty", "plan", "step", "result"]
KINDS: Final[tuple[Kind, ...]] = ("place", "duty", "plan", "step", "result")

_RESULTS: Final = frozenset(
    {
        "progress.quiz_failed",
        "progress.quiz_passed",
        "progress.course_completed",
        "progress.class_outcome_noted",
    }
)
_DUTIES: Final = frozenset(
    {
        "scheduling.course_assigned",
        "scheduling.due_date_changed",
        "scheduling.assignment_withdrawn",
        "scheduling.exemption_granted",
        "scheduling.exemption_revoked",
        "scheduling.hindrance_found",
        "scheduling.hindrance_gone",
    }
)
_PLANS: Final = ("scheduling.seat_", "scheduling.class_")
"""How the types of events begin that are about seats and in-person sessions."""

HAPPENED: Final = 44
RECORDED: Final = 130
"""How far down the lanes of the picture lie."""

LANES_LEFT: Final = 130.0
LANES_RIGHT: Final = 980.0
"""Between what stands in front of the lanes of the picture and its end; it is 1000 wide."""

MomentText = Annotated[str, Query(max_length=40)]
TimeText = Annotated[str, Query(max_length=20)]


def kind_of(type_: str) -> Kind:
    """To which of five kinds an event belongs, for its sign in the picture."""
    if type_ in _RESULTS:
        return "result"
    if type_ in _DUTIES:
        return "duty"
    if type_.startswith(_PLANS):
        return "plan"
    return "place" if type_.startswith("scheduling.") else "step"


@dataclass(frozen=True, slots=True)
class When:
    """A moment that was asked for, as the form and the links of a page write it; none means now."""

    text: str
    moment: datetime | None

    @classmethod
    def read(cls, day: str, time: str, place: str, now: datetime) -> "When":
        """From a day and, perhaps, a time of day; a day alone is its end. Raises Problem."""
        if time:
            day = day or now.astimezone(BRUSSELS).date().isoformat()
        text = f"{day}T{time}" if time and len(day) == len("2027-06-30") else day
        return cls(text, local_moment(text, place))

    @property
    def day(self) -> str:
        """For the form."""
        return self.moment.astimezone(BRUSSELS).date().isoformat() if self.moment else ""

    @property
    def time(self) -> str:
        """For the form; nothing when only a day was asked for."""
        if self.moment is None or len(self.text) == len("2027-06-30"):
            return ""
        return self.moment.astimezone(BRUSSELS).strftime("%H:%M:%S")


class Entry:
    """One event as the page tells it."""

    def __init__(self, number: int, line: HistoryLine, person_id: UUID) -> None:
        """The `number`-th of a person's events."""
        self.number = number
        self.line = line
        self.kind = kind_of(line.type)
        self.own = line.actor == person_id
        self.by_itself = line.actor == SCHEDULING
        self.gap = line.recorded_at - line.occurred_at
        self.key = f"{line.feed}-{line.position}"

    @property
    def day(self) -> date:
        """On which it happened."""
        return local_day(self.line.occurred_at)

    @property
    def noticed(self) -> bool:
        """The two times are not the same to a reader."""
        return abs(self.gap) >= NOTICED

    @property
    def late(self) -> bool:
        """Recorded long after it happened."""
        return self.gap >= LATE

    @property
    def just_before(self) -> str:
        """The last moment at which this was not known."""
        return (self.line.recorded_at - MOMENT).astimezone(BRUSSELS).isoformat()

    @property
    def just_after(self) -> str:
        """The moment from which this was known."""
        return self.line.recorded_at.astimezone(BRUSSELS).isoformat()


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a person at two moments: the events, and how they stand by them."""

    entries: list[Entry]
    transcript: Transcript


@router.get("/audit/people/{person}")
async def history(
    request: Request,
    person: UUID,
    as_of: MomentText = "",
    as_of_time: TimeText = "",
    known_at: MomentText = "",
    known_at_time: TimeText = "",
    start: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    paper: bool = False,
) -> Response:
    """Every event about a person: what happened by one moment, of which was recorded by another."""
    now = parts_of(request).clock()
    of = When.read(as_of, as_of_time, "query.as_of", now)
    known = When.read(known_at, known_at_time, "query.known_at", now)
    told = await _told(request, person, of.moment, known.moment)
    lines_max = PAPER_LINES if paper else PAGE_LINES
    first = start if start <= len(told.entries) else 1
    shown = told.entries[first - 1 : first - 1 + lines_max]
    return await page(
        request,
        "audit/history.html",
        person=person,
        told=told,
        shown=shown,
        first=first,
        lines_max=lines_max,
        paper=paper,
        of=of,
        known=known,
        book=await book_of(request, [entry.line for entry in told.entries], told.transcript),
        picture=picture_of(told.entries),
        kinds=KINDS,
        address=lambda **query: at(
            f"/audit/people/{person}", **{"as_of": of.text, "known_at": known.text, **query}
        ),
        compare=lambda **query: at(f"/audit/people/{person}/compare", **query),
        files=files_of(
            f"/audit/people/{person}/history",
            as_of=of.moment and of.moment.isoformat(),
            known_at=known.moment and known.moment.isoformat(),
        ),
    )


@router.get("/audit/people/{person}/compare")
async def compare(
    request: Request,
    person: UUID,
    by: Literal["known_at", "as_of"] = "known_at",
    first: MomentText = "",
    first_time: TimeText = "",
    second: MomentText = "",
    second_time: TimeText = "",
) -> Response:
    """What was known at two moments (or: what had happened by two), side by side; the earlier one is left."""
    now = parts_of(request).clock()
    left = When.read(first, first_time, "query.first", now)
    right = When.read(second, second_time, "query.second", now)
    if (left.moment or now) > (right.moment or now):
        left, right = right, left
    sides = await asyncio.gather(
        *(_told(request, person, *_times(by, each.moment)) for each in (left, right))
    )
    before = {entry.key for entry in sides[0].entries}
    added = [entry for entry in sides[1].entries if entry.key not in before]
    return await page(
        request,
        "audit/compare.html",
        person=person,
        by=by,
        left=left,
        right=right,
        sides=sides,
        asked=bool(left.moment or right.moment),
        late=late_ones(sides[1].entries),
        compare=lambda **query: at(f"/audit/people/{person}/compare", **query),
        added=added,
        shown=added[:PAGE_LINES],
        standings=standings_of(*(side.transcript for side in sides)),
        book=await book_of(request, [entry.line for entry in sides[1].entries], sides[1].transcript),
        now=now,
    )


def _times(by: str, moment: datetime | None) -> tuple[datetime | None, datetime | None]:
    return (moment, None) if by == "as_of" else (None, moment)


async def _told(request: Request, person: UUID, as_of: datetime | None, known_at: datetime | None) -> Told:
    asked: dict[str, Any] = {"person_id": person, "as_of": as_of, "known_at": known_at}
    history, transcript = await asyncio.gather(
        ask_for(request, "reporting.history", AskHistory(**asked), History),
        ask_for(request, "reporting.transcript", AskTranscript(**asked), Transcript),
    )
    return Told(
        [Entry(number, line, person) for number, line in enumerate(history.lines, start=1)], transcript
    )


def late_ones(entries: list[Entry]) -> list[Entry]:
    """What was recorded long after it happened, the last first; steps of a course only where nothing weightier is."""
    late = sorted(
        (each for each in entries if each.late), key=lambda each: each.line.recorded_at, reverse=True
    )
    weighty = [each for each in late if each.kind != "step"] or late
    return weighty[:LATE_MAX]


def standings_of(left: Transcript, right: Transcript) -> list[tuple[Any, Any]]:
    """How a person stands in each course and period, by the one and by the other."""
    sides = [{(line.course, line.period): line for line in each.lines} for each in (left, right)]
    return [(sides[0].get(key), sides[1].get(key)) for key in sorted({*sides[0], *sides[1]})]


@dataclass(frozen=True, slots=True)
class Picture:
    """Both times of each event: marks on two lanes, and lines from one to the other.

    What many events share is one path each (`d` of SVG), or a long history makes a heavy page.
    """

    at_once: str
    later: str
    steps: str
    marks: list[tuple[Kind, int, int]]
    ticks: list[charts.Tick]
    breaks: list[charts.Break]


def picture_of(entries: list[Entry]) -> Picture | None:
    """None when there is nothing to draw."""
    if not entries:
        return None
    times = (moment for entry in entries for moment in (entry.line.occurred_at, entry.line.recorded_at))
    scale = charts.BrokenScale(times, LANES_LEFT, LANES_RIGHT)
    lines: dict[bool, dict[str, None]] = {True: {}, False: {}}
    steps: dict[str, None] = {}
    marks: dict[tuple[Kind, int, int], None] = {}
    for entry in entries:
        x, then = round(scale.x(entry.line.occurred_at)), round(scale.x(entry.line.recorded_at))
        lines[entry.late][f"M{x} {HAPPENED}L{then} {RECORDED}"] = None
        for place in ((x, HAPPENED), (then, RECORDED)):
            if entry.kind == "step":
                steps[f"M{place[0]} {place[1]}h0"] = None
            else:
                marks[entry.kind, *place] = None
    at_once, later = ("".join(lines[late]) for late in (False, True))
    return Picture(at_once, later, "".join(steps), [*marks], scale.ticks(), scale.breaks)
