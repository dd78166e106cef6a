"""A small organisation with a random history, told as feeds; pages of any size, as a service would cut them."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from services.backbone.follower import Feed
from services.contracts import progress, scheduling
from services.contracts.message import Event, FeedItem
from services.contracts.progress import class_record_id_of, record_id_of
from services.contracts.scheduling import (
    DirectoryEntry,
    DirectoryItem,
    assignment_id_of,
    classes,
    duties,
    exemptions,
    seats,
)
from tests.support.examples import ANSWER_KEYS, PUBLISHED

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
DAYS = 60
COURSES = ("recognising", "fire")
OUTCOMES: tuple[progress.ClassOutcome, ...] = ("begun", "completed", "partial", "absent")


@dataclass(frozen=True)
class Part:
    """A page, as a follower sees it."""

    items: Sequence[Any]
    position: int
    head: int


@dataclass
class World:
    """Units, people and what happened; positions have gaps, as those of real feeds do."""

    chance: Random
    people_count: int = 12
    feeds: dict[str, list[Any]] = field(default_factory=dict)
    units: list[UUID] = field(default_factory=list)
    people: list[UUID] = field(default_factory=list)
    _now: datetime = START

    def __post_init__(self) -> None:
        self.feeds = {"content": [], "scheduling": [], "directory": [], "progress": []}
        self.say("content", PUBLISHED)
        self.say("content", ANSWER_KEYS)
        self.root = self._unit("service", None)
        self.north, self.south = self._unit("region", self.root), self._unit("region", self.root)
        self.prisons = [self._unit("prison", parent) for parent in (self.north, self.north, self.south)]
        self.teams = [self._unit("team", prison) for prison in self.prisons]
        for number in range(self.people_count):
            self._register(number)

    def live_on(self, steps: int) -> None:
        """So many random things happen, in random order, some recorded days late."""
        for _ in range(steps):
            self._now += timedelta(hours=self.chance.randrange(1, 30))
            self._anything(self.chance.choice(self.people))
        class_id = self.hold_class(*self.people[:4])
        for _ in range(3):
            self.attend(
                self.chance.choice(self.people[:2]), class_id, self.chance.choice(OUTCOMES), late=True
            )
        self.open_room(*self.people[:6])

    def open_room(self, *people: UUID) -> None:
        """A room with three slots: each of these people has a seat, and then what chance will of it."""
        room_id = self.uuid()

        def tell(kind: Any, **fields: Any) -> None:
            self.say("scheduling", kind(occurred_at=self._now, **fields))

        unit_id, hours = (
            self.chance.choice(self.prisons),
            ({"weekday": 1, "opens": "08:00", "closes": "00:00"},),
        )
        tell(seats.RoomOpened, room_id=room_id, unit_id=unit_id, name="Local", seats=6, hours=hours)
        starts = [self._now + timedelta(days=n) for n in range(3)]
        slots = [
            {
                "slot_id": seats.slot_id_of(room_id, start),
                "room_id": room_id,
                "starts_at": start,
                "ends_at": start + timedelta(hours=2),
            }
            for start in starts
        ]
        one, other, last = slots
        for slot in slots:
            tell(seats.SlotOpened, **slot, unit_id=unit_id, seats=6)
        for person_id in people:
            what = {"person_id": person_id, "course": COURSES[0], "period": 1, "half": 1}
            mine = {**what, "booking_id": seats.booking_id_of(person_id, COURSES[0], 1, 1)}
            tell(seats.SeatBooked, **one, **mine, despite=())
            for _ in range(self.chance.randrange(3)):
                tell(seats.SeatMoved, **other, **mine, from_slot_id=one["slot_id"], despite=())
                tell(seats.SeatMoved, **one, **mine, from_slot_id=other["slot_id"], despite=())
            if self.chance.random() < 0.5:
                tell(self.chance.choice([seats.SeatUsed, seats.SeatMissed]), **one, **mine)
            else:
                tell(seats.SeatReleased, **one, **mine, cause=self.chance.choice(["closed", "cancelled"]))
        closure = {"room_id": room_id, "closure_id": self.uuid()}
        day = self._now.date()
        tell(seats.RoomClosed, **closure, from_on=day, to_on=day, reason="Travaux")
        tell(seats.SlotResized, slot_id=last["slot_id"], seats=4)
        if self.chance.random() < 0.5:
            tell(seats.ClosureLifted, **closure)
            tell(seats.SlotCancelled, slot_id=last["slot_id"], reason="Panne")

    def hold_class(self, *people: UUID, seats: int = 2) -> UUID:
        """An in-person session: the first have seats, the next wait, the last asks; one wishes another."""
        class_id = self.uuid()
        begins = self._now + timedelta(days=30)
        days = ({"starts_at": begins, "ends_at": begins + timedelta(hours=7)},)
        about = {"class_id": class_id, "course": "in-depth", "days": days, "occurred_at": self._now}
        said = {"language": "fr", "centre_id": self.root, "room": "B", "trainers": (), "seats": seats + 1}
        named = {"title": {"fr": "Approfondir"}, "validity_months": 24}
        self.say("scheduling", classes.ClassPublished(**about, **said, **named))
        self.say("scheduling", classes.ClassChanged(**about, **{**said, "seats": seats}))
        for n, person_id in enumerate(people):
            theirs = {**about, "person_id": person_id}
            self.say("scheduling", classes.ClassRequested(**theirs))
            if n < seats:
                given = {"cause": "approved", "reservation_id": None}
                self.say("scheduling", classes.ClassSeatGiven(**theirs, **given))
            elif n < len(people) - 1:
                self.say("scheduling", classes.ClassWaitlisted(**theirs))
        wish = {"person_id": people[0], "course": "other", "language": "nl", "centre_id": None}
        self.say("scheduling", classes.ClassWished(**wish, occurred_at=self._now))
        return class_id

    def attend(
        self,
        person_id: UUID,
        class_id: UUID,
        outcome: progress.ClassOutcome,
        period: int = 1,
        *,
        late: bool = False,
    ) -> None:
        """What came of an in-person session; said again, it is a correction."""
        attended = {"begun": (True, None), "completed": (True, True), "partial": (True, False)}
        self.say(
            "progress",
            progress.ClassOutcomeNoted(
                record_id=class_record_id_of(class_id, person_id),
                person_id=person_id,
                course="in-depth",
                class_id=class_id,
                period=period,
                outcome=outcome,
                attended=attended.get(outcome, (False, False)),
                language="fr",
                validity_months=24,
                occurred_at=self._now,
            ),
            late=late,
        )

    def say(self, feed: str, event: Event, *, late: bool = False) -> FeedItem[Any]:
        """Add an event to a feed; `late` ones happened up to five days before they are recorded."""
        recorded = max(self._now, event.occurred_at)
        if late:
            recorded += timedelta(days=self.chance.random() * 5)
        feed_so_far = self.feeds[feed]
        position = (feed_so_far[-1].position if feed_so_far else 0) + self.chance.choice([1, 1, 1, 2, 5])
        item: FeedItem[Any] = FeedItem(
            position=position,
            stream_id=getattr(event, "record_id", self.uuid()),
            stream_version=1,
            recorded_at=recorded,
            actor=self.uuid(),
            command_id=self.uuid(),
            topic="told",
            digest=hashlib.sha256(str(position).encode()).hexdigest(),
            event=event,
        )
        feed_so_far.append(item)
        return item

    def uuid(self) -> UUID:
        return UUID(int=self.chance.getrandbits(128))

    def name(
        self, person_id: UUID, number: int, given_name: str = "Given {}", family_name: str = "Family {}"
    ) -> None:
        """An entry of the directory; an older one of the same person vanishes, as the feed knows the present."""
        entries = self.feeds["directory"]
        position = (entries[-1].position if entries else 0) + self.chance.choice([1, 2])
        self.feeds["directory"] = [item for item in entries if item.person_id != person_id]
        entry = DirectoryEntry(
            person_id=person_id,
            given_name=given_name.format(number),
            family_name=family_name.format(number),
            staff_number=f"S{number}",
            language="fr",
        )
        self.feeds["directory"].append(
            DirectoryItem(position=position, person_id=person_id, entry=entry if number >= 0 else None)
        )

    def _unit(self, kind: Any, parent: UUID | None) -> UUID:
        unit_id = self.uuid()
        number = len(self.units)
        self.say(
            "scheduling",
            scheduling.UnitCreated(
                unit_id=unit_id,
                kind=kind,
                name={"fr": f"Unité {number}", "nl": f"Eenheid {number}"},
                parent_id=parent,
                occurred_at=self._now,
            ),
        )
        self.units.append(unit_id)
        return unit_id

    def _register(self, number: int) -> None:
        person_id = self.uuid()
        self.people.append(person_id)
        self.say("scheduling", scheduling.PersonRegistered(person_id=person_id, occurred_at=self._now))
        self.place(person_id, self.chance.choice(self.teams + self.prisons))
        self.name(person_id, number)

    def place(self, person_id: UUID, unit_id: UUID) -> None:
        self.say(
            "scheduling",
            scheduling.PersonPlaced(person_id=person_id, unit_id=unit_id, occurred_at=self._now),
            late=self.chance.random() < 0.2,
        )

    def appoint(
        self,
        person_id: UUID,
        unit_id: UUID,
        until: datetime | None = None,
        since: datetime | None = None,
    ) -> None:
        self.say(
            "scheduling",
            scheduling.ManagerAppointed(
                person_id=person_id, unit_id=unit_id, until=until, occurred_at=since or self._now
            ),
        )

    def relieve(self, person_id: UUID, unit_id: UUID) -> None:
        self._now += timedelta(hours=1)
        self.say(
            "scheduling",
            scheduling.ManagerRelieved(person_id=person_id, unit_id=unit_id, occurred_at=self._now),
        )

    def name_deputy(
        self, deputy_id: UUID, person_id: UUID, until: datetime, since: datetime | None = None
    ) -> None:
        who = {"person_id": person_id, "deputy_id": deputy_id}
        self.say("scheduling", scheduling.DeputyNamed(**who, until=until, occurred_at=since or self._now))

    def end_deputy(self, deputy_id: UUID, person_id: UUID) -> None:
        self._now += timedelta(hours=1)
        who = {"person_id": person_id, "deputy_id": deputy_id}
        self.say("scheduling", scheduling.DeputyEnded(**who, occurred_at=self._now))

    def rename(self, unit_id: UUID, name: dict[Any, str]) -> None:
        self._now += timedelta(hours=1)
        self.say("scheduling", scheduling.UnitRenamed(unit_id=unit_id, name=name, occurred_at=self._now))

    def close(self, unit_id: UUID) -> None:
        self._now += timedelta(hours=1)
        self.say("scheduling", scheduling.UnitClosed(unit_id=unit_id, occurred_at=self._now))

    def leave(self, person_id: UUID) -> None:
        self._now += timedelta(hours=1)
        self.say("scheduling", scheduling.PersonWithdrawn(person_id=person_id, occurred_at=self._now))

    def move(self, unit_id: UUID, parent_id: UUID) -> None:
        self._now += timedelta(hours=1)
        self.say(
            "scheduling", scheduling.UnitMoved(unit_id=unit_id, parent_id=parent_id, occurred_at=self._now)
        )

    def assign(
        self, person_id: UUID, course: str, due_on: date, kind: Any = scheduling.CourseAssigned
    ) -> None:
        self.say(
            "scheduling",
            kind(
                assignment_id=assignment_id_of(person_id, course),
                person_id=person_id,
                course=course,
                period=1,
                due_on=due_on,
                occurred_at=self._now - timedelta(days=self.chance.choice([0, 0, 3])),
            ),
        )

    def order(self) -> None:
        """An order, sometimes ended; and what stands in its way for somebody, sometimes solved."""
        order_id, person_id = self.uuid(), self.chance.choice(self.people)
        self.say(
            "scheduling",
            duties.OrderGiven(
                order_id=order_id,
                course=self.chance.choice(COURSES),
                unit_id=self.chance.choice([None, *self.units]),
                function=None,
                due_on=None,
                after_days=30,
                recurrence=self.chance.choice([None, duties.Recurrence()]),
                from_on=self._now.date(),
                to_on=None,
                occurred_at=self._now,
            ),
        )
        hindrance_id = duties.hindrance_id_of("past", order_id, person_id, 1)
        self.say(
            "scheduling",
            duties.HindranceFound(
                hindrance_id=hindrance_id,
                kind="past",
                order_id=order_id,
                person_id=person_id,
                course=COURSES[0],
                period=1,
                due_on=self._now.date(),
                held_on=None,
                held_by=None,
                occurred_at=self._now,
            ),
        )
        if self.chance.random() < 0.5:
            gone = {"hindrance_id": hindrance_id, "person_id": person_id}
            self.say("scheduling", duties.OrderEnded(order_id=order_id, occurred_at=self._now))
            self.say("scheduling", duties.HindranceGone(**gone, occurred_at=self._now))

    def exempt(self, person_id: UUID, course: str, *, granted: bool) -> None:
        kind: Any = exemptions.ExemptionGranted if granted else exemptions.ExemptionRevoked
        more = {"reason": "administrative", "attachment": None} if granted else {}
        self.say(
            "scheduling",
            kind(
                exemption_id=exemptions.exemption_id_of(person_id, course),
                person_id=person_id,
                course=course,
                period=self.chance.choice([1, 1, 2]),
                sentence="So it is.",
                occurred_at=self._now - timedelta(days=self.chance.choice([0, 10])),
                **more,
            ),
        )

    def step(self, person_id: UUID, course: str, kind: Any, **fields: Any) -> None:
        """A step of a training record, perhaps some days ago."""
        self.say(
            "progress",
            kind(
                record_id=record_id_of(person_id, course),
                person_id=person_id,
                course=course,
                course_version=1,
                occurred_at=self._now - timedelta(days=self.chance.choice([0, 0, 0, 4])),
                **fields,
            ),
            late=self.chance.random() < 0.2,
        )

    def _anything(self, person_id: UUID) -> None:
        course = self.chance.choice(COURSES)
        graded = self._graded()
        due = (self._now + timedelta(days=self.chance.randrange(-5, 40))).date()
        match self.chance.randrange(17):
            case 0:
                self.place(person_id, self.chance.choice(self.teams + self.prisons))
            case 1 | 2:
                self.assign(person_id, course, due)
            case 3:
                self.assign(person_id, course, due, scheduling.DueDateChanged)
            case 4:
                self.say(
                    "scheduling",
                    scheduling.AssignmentWithdrawn(
                        assignment_id=assignment_id_of(person_id, course),
                        person_id=person_id,
                        course=course,
                        period=1,
                        occurred_at=self._now,
                    ),
                )
            case 5 | 6:
                self.step(person_id, course, progress.RecordOpened, period=1, language="fr")
            case 7:
                self.step(person_id, course, progress.ModuleCompleted, module="introduction", language="fr")
            case 8:
                self.step(
                    person_id,
                    course,
                    progress.QuizFailed,
                    right=1,
                    attempts_left=self.chance.choice([0, 1]),
                    **graded,
                )
            case 9 | 10:
                self.step(
                    person_id, course, progress.CourseCompleted, validity_months=self.chance.choice([0, 1, 3])
                )
            case 11:
                if self.chance.random() < 0.3:
                    self.say(
                        "scheduling", scheduling.PersonWithdrawn(person_id=person_id, occurred_at=self._now)
                    )
                elif self.chance.random() < 0.3:
                    self.say(
                        "scheduling", scheduling.PersonReturned(person_id=person_id, occurred_at=self._now)
                    )
                self.name(person_id, self.chance.randrange(-1, 100))
            case 15:
                self.order()
            case 13 | 14:
                self.exempt(person_id, course, granted=self.chance.random() < 0.7)
            case _ if self.chance.random() < 0.1:
                self.rename(self.chance.choice(self.units), {"fr": f"Unité {self._now}"})
            case _ if self.chance.random() < 0.2:
                deputy = self.chance.choice(self.people)
                self.name_deputy(deputy, person_id, until=self._now + timedelta(days=9))
                if self.chance.random() < 0.5:
                    self.end_deputy(deputy, person_id)
            case _ if self.chance.random() < 0.5:
                self.appoint(person_id, self.chance.choice(self.units))
            case _ if self.chance.random() < 0.5:
                self.move(self.chance.choice(self.teams), self.chance.choice([*self.prisons, self.north]))
            case _:
                self.move(self.chance.choice(self.prisons), self.chance.choice([self.north, self.south]))

    def _graded(self) -> dict[str, Any]:
        """An attempt at some questions, one of them answered wrongly and one not at all."""
        n = len(self.feeds["progress"])
        asked = [f"q0{(n + i) % 8}" for i in range(5)]
        return {
            "attempt": 1,
            "asked": 5,
            "answers": dict.fromkeys(asked[:-1], ("b",)),
            "wrong": (asked[0], asked[-1]),
            "language": "fr" if n % 3 else "nl",
        }

    # --- as followers read it --------------------------------------------------------------------

    def page(self, feed: str, after: int, limit: int) -> Part:
        """What the service would answer."""
        items = [item for item in self.feeds[feed] if item.position > after]
        head = self.feeds[feed][-1].position if self.feeds[feed] else 0
        shown = items[:limit]
        return Part(shown, shown[-1].position if len(shown) < len(items) else max(head, after), head)

    @contextmanager
    def read(self, feed: Feed, after: int) -> Iterator[Iterator[Part]]:
        """All pages after a position, of random sizes, for a rebuild."""

        def pages() -> Iterator[Part]:
            place = after
            while True:
                page = self.page(feed.name, place, self.chance.choice([1, 3, 50, 5_000]))
                yield page
                place = page.position
                if place >= page.head:
                    return

        yield pages()
