"""The main job, played through the public API, and told as it goes.

Every step asks the API and checks what it says: a story that does not come out as told ends with
an error, so that the demo is a test of the running system too.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from deploy.api import Person, Refusal
from deploy.demo.in_person import InPerson
from deploy.demo.people import DEMO_PASSWORD, Learner
from deploy.demo.walk import Walk

BRUSSELS = ZoneInfo("Europe/Brussels")
REBUILD_SECONDS_MAX = 600.0
ORDERED_DAYS_AGO = 13


class StoryBroken(Exception):
    """Something did not come out as the story says."""


@dataclass(frozen=True)
class Scene:
    """One step that was played: what happened, and what the API said of it."""

    number: int
    told: str
    facts: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self)


@dataclass(frozen=True)
class Cast:
    """Who plays, and where."""

    learners: tuple[Learner, Learner, Learner]
    prison: str
    course: str
    course_zip: Path
    open_account: Callable[[Learner], None]


def expect(fact: bool, otherwise: str) -> None:
    """Go on only when it is so. Raises StoryBroken."""
    if not fact:
        raise StoryBroken(otherwise)


class Story:
    """Plays once, with three people who are new to the organisation."""

    def __init__(self, base_url: str, cast: Cast) -> None:
        """Play at this address with this cast."""
        self._base_url = base_url
        self._cast = cast
        self._people = ExitStack()
        self._number = 0
        self.course = ""
        self.version = 0
        self.today = datetime.now(BRUSSELS).date()

    def play(self) -> Iterator[Scene]:
        """The scenes, one by one, as they happen. Raises StoryBroken, or Refusal."""
        with self._people:
            yield self._publish()
            yield self._join()
            yield self._assign()
            yield from self._learn()
            yield self._stop_in_the_middle()
            yield self._send_twice()
            yield self._meet()
            yield from self._look_as_manager()
            yield from self._audit()

    # --- scenes --------------------------------------------------------------------------------

    def _publish(self) -> Scene:
        content = self._cast.course_zip.read_bytes()
        self.course = self._cast.course
        versions = []
        for centre in ("centre.noord", "centre.sud"):
            person = self._signed_in(centre)
            person.upload("/courses", content, "application/zip")
            view = person.get(f"/courses/{self.course}", lang="nl")
            versions.append(view["course_version"])
        self.version = versions[0]
        expect(versions[0] == versions[1], "one folder became two versions")
        return self._scene(
            f"The two training centres publish «{view['title']}» in French and Dutch: "
            f"{len(view['modules'])} parts. The same folder sent by both is one version, {self.version}.",
            course=self.course,
            version=self.version,
            parts=[module["id"] for module in view["modules"]],
        )

    def _join(self) -> Scene:
        operator = self._signed_in("operator")
        hired = datetime.now(UTC) - timedelta(days=40)
        commands = [
            {
                "command_id": str(uuid4()),
                "type": "scheduling.register_person",
                "occurred_at": hired.isoformat(),
                "unit_id": self._cast.prison,
                "entry": {
                    "person_id": str(learner.person_id),
                    "given_name": learner.given_name,
                    "family_name": learner.family_name,
                    "staff_number": learner.staff_number,
                    "email": f"{learner.staff_number.lower()}@parcours.example",
                    "language": learner.language,
                },
            }
            for learner in self._cast.learners
        ]
        results = operator.post("/organisation/commands", {"commands": commands})["results"]
        expect(all(r["outcome"] == "accepted" for r in results), f"somebody could not join: {results}")
        for learner in self._cast.learners:
            self._cast.open_account(learner)
        names = ", ".join(f"{learner.name} ({learner.letter})" for learner in self._cast.learners)
        return self._scene(
            f"Three people join the prison: {names}.", positions=[r["position"] for r in results]
        )

    def _assign(self) -> Scene:
        later, yesterday = self.today + timedelta(days=60), self.today - timedelta(days=1)
        ordered = datetime.now(UTC) - timedelta(days=ORDERED_DAYS_AGO)
        order = {"occurred_at": ordered.isoformat(), "course": self.course}
        everybody = self._signed_in("manager.valclair").post(
            "/assignments",
            {**order, "command_id": str(uuid4()), "due_on": later.isoformat(), "unit_id": self._cast.prison},
        )
        late = self._cast.learners[2]
        brought_in = {
            **order,
            "type": "scheduling.assign_course",
            "command_id": str(uuid4()),
            "due_on": yesterday.isoformat(),
            "person_id": str(late.person_id),
        }
        done = self._signed_in("operator").post("/organisation/commands", {"commands": [brought_in]})
        self._assigned = max(everybody["position"], done["results"][0]["position"])
        return self._scene(
            f"Their personnel manager assigns the course to the whole prison, due on {later:%d/%m/%Y}. "
            f"{late.given_name}'s earlier duty, due on {yesterday:%d/%m/%Y}, is brought in from the old planning: "
            f"ordered {ORDERED_DAYS_AGO} days ago, recorded today. Every fact has these two times.",
            due_on=later.isoformat(),
            due_on_c=yesterday.isoformat(),
            position=self._assigned,
        )

    def _learn(self) -> Iterator[Scene]:
        ann = self._cast.learners[0]
        pc_1 = self._walk(ann, "fr")
        pc_1.open(datetime.now(UTC) - timedelta(days=2))
        half = pc_1.modules[: len(pc_1.modules) // 2]
        for module in half:
            pc_1.follow(module)
        place = pc_1.view()["resume_at"]
        yield self._scene(
            f"{ann.given_name} starts in French on one PC, two days ago, follows {len(half)} parts and stops "
            f"at {place[0]} / {place[1]}.",
            resume_at=place,
        )
        pc_2 = self._walk(ann, "nl")
        pc_2.sit_down()
        view = pc_2.view()
        expect(view["resume_at"] == place, "the place was lost")
        late = pc_1.try_step("progress.start_module", module=pc_1.modules[len(half)].id)
        expect(
            late["outcome"] == "refused" and late["rule"] == "session-abandoned", f"two PCs at once: {late}"
        )
        yield self._scene(
            "On another PC, in Dutch, the course goes on exactly there. The first PC's session is abandoned: "
            f"its next step is refused with «{late['sentence']}», and nothing is lost.",
            resume_at=view["resume_at"],
            refused=late["rule"],
        )
        for module in pc_2.modules[len(half) :]:
            pc_2.follow(module)
        failed = pc_2.sit_test(right=False)
        passed = pc_2.sit_test(right=True)
        self._passed_at = pc_2.position
        first, second = _score(failed), _score(passed)
        yield self._scene(
            f"The test of knowledge: {first[0]} of {first[1]} right, not enough; "
            f"second try {second[0]} of {second[1]}: passed, and the course is completed.",
            first=first,
            second=second,
            completed_at=passed["completed_at"],
        )

    def _stop_in_the_middle(self) -> Scene:
        ben = self._cast.learners[1]
        walk = self._walk(ben, "nl")
        midnight = datetime.combine(self.today, datetime.min.time(), BRUSSELS)
        walk.open(max(datetime.now(UTC) - timedelta(minutes=50), midnight))
        for module in walk.modules[:2]:
            walk.follow(module)
        walk.stand_up()
        self._passed_at = max(self._passed_at, walk.position)
        return self._scene(
            f"{ben.given_name} follows two parts and stops. {self._cast.learners[2].given_name} never starts.",
            resume_at=walk.view()["resume_at"],
        )

    def _send_twice(self) -> Scene:
        walk = self._walk(self._cast.learners[1], "nl")
        command = walk.session_command()
        first, again = walk.person.commands([command])[0], walk.person.commands([command])[0]
        expect(first["position"] == again["position"], "the second answer differs from the first")
        expect((first["outcome"], again["outcome"]) == ("accepted", "duplicate"), f"{first} {again}")
        self._passed_at = max(self._passed_at, first["position"])
        return self._scene(
            f"One command is sent twice: one effect, the same answer (position {first['position']}).",
            first=first,
            again=again,
        )

    def _meet(self) -> Scene:
        session = InPerson(self._signed_in("centre.sud"), self._signed_in("manager.valclair"))
        session.hold()
        people = [self._signed_in(learner.user_name) for learner in self._cast.learners]
        ann, ben, cid = self._cast.learners
        got = [session.ask(*each) for each in zip(people, self._cast.learners, strict=True)]
        expect(got == ["seated", "seated", "waiting"], f"two seats and a waiting list became {got}")
        session.give_back(people[1], ben)
        offered, now = session.accept(people[2], cid)
        expect((offered, now) == ("offered", "seated"), f"{cid.given_name} was {offered}, and is {now}")
        return self._scene(
            f"The training centre holds the advanced course in person, on {session.first_day:%d/%m/%Y} and the day "
            f"after: two seats. {ann.given_name} and {ben.given_name} have them, {cid.given_name} waits. "
            f"{ben.given_name} cannot come: the seat is offered to {cid.given_name}, who takes it.",
            session=session.session,
            places=got,
        )

    def _look_as_manager(self) -> Iterator[Scene]:
        manager = self._signed_in("manager.valclair")
        wanted = f"progress:{self._passed_at},scheduling:{self._assigned}"
        found = self._statuses(manager, at_least=wanted)
        expect(found == ["passed", "in_progress", "overdue"], f"today the three stand {found}")
        overview = manager.get("/reports/overview", unit=self._cast.prison, course=self.course)
        yield self._scene(
            "The manager's list shows it: A passed, B in progress, C overdue. "
            f"For the prison: {_counts(overview['unit']['counts'])}.",
            statuses=found,
            counts=overview["unit"]["counts"],
        )
        due = self.today - timedelta(days=1)
        then = self._statuses(manager, as_of=due.isoformat())
        expect(then == ["in_progress", "assigned", "due_soon"], f"yesterday the three stood {then}")
        yield self._scene(
            "Asked as of yesterday, it shows yesterday: A in progress, B assigned, C due that day, nobody overdue yet.",
            as_of=due.isoformat(),
            statuses=then,
        )
        stranger = self._signed_in("manager.westerdreef")
        try:
            stranger.get("/reports/overview", unit=self._cast.prison, course=self.course)
            raise StoryBroken("another prison's manager saw the figures")
        except Refusal as refusal:
            expect(refusal.status == 403, f"another manager was answered {refusal.status}")
        yield self._scene("The manager of another prison asks for the same list and is refused (403).")

    def _audit(self) -> Iterator[Scene]:
        auditor = self._signed_in("auditor")
        ann = self._cast.learners[0]
        history = auditor.get(f"/audit/people/{ann.person_id}/history")
        lines = history["lines"]
        expect(
            any(line["type"] == "progress.course_completed" for line in lines), "no completion in the history"
        )
        yield self._scene(
            f"The auditor replays {ann.given_name}'s history: {len(lines)} events, each with who, what, when it "
            "happened, when it was recorded, which version and language.",
            events=[_brief(line) for line in lines],
        )
        job = auditor.post("/audit/rebuild", {})
        status = self._await_rebuild(auditor, job["job_id"])
        proofs = {proof["read_model"]: proof["rebuilt"] for proof in status["proofs"]}
        expect(all(proof["equal"] for proof in status["proofs"]), "a rebuilt read model differs")
        expect(bool(proofs), "nothing was rebuilt")
        yield self._scene(
            f"Every read model is dropped and rebuilt from the feeds: {status['events']} events at "
            f"{status['events_per_second']:.0f}/s, and the digests equal those of the live ones.",
            proofs=proofs,
        )

    # --- helps ---------------------------------------------------------------------------------

    def _scene(self, told: str, **facts: Any) -> Scene:
        self._number += 1
        return Scene(self._number, told, facts)

    def _signed_in(self, user: str, language: str = "en") -> Person:
        person = Person(self._base_url, user, DEMO_PASSWORD, language)
        self._people.callback(person.close)
        return person

    def _walk(self, learner: Learner, language: str) -> Walk:
        person = self._signed_in(learner.user_name)
        return Walk(person, learner.person_id, self.course, language)

    def _statuses(self, manager: Person, **params: Any) -> list[str]:
        """How the three stand, in the order A, B, C."""
        found: dict[str, str] = {}
        cursor = None
        while True:
            page = manager.get(
                "/reports/staff",
                unit=self._cast.prison,
                course=self.course,
                cursor=cursor,
                limit=500,
                **params,
            )
            found |= {line["person_id"]: line["status"] for line in page["lines"]}
            cursor = page["cursor"]
            if cursor is None:
                return [found.get(str(learner.person_id), "unknown") for learner in self._cast.learners]

    def _await_rebuild(self, auditor: Person, job_id: str) -> dict[str, Any]:
        deadline = time.monotonic() + REBUILD_SECONDS_MAX
        while time.monotonic() < deadline:
            status: dict[str, Any] = auditor.get(f"/audit/rebuild/{job_id}")
            if status["state"] in ("done", "failed"):
                expect(status["state"] == "done", f"the rebuild failed: {status['failure']}")
                return status
            time.sleep(0.3)
        raise StoryBroken(f"the rebuild took longer than {REBUILD_SECONDS_MAX:.0f} s")


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{number} {status.replace('_', ' ')}" for status, number in counts.items() if number)


def _brief(line: dict[str, Any]) -> dict[str, Any]:
    event = line["event"]
    return {
        "type": line["type"],
        "occurred_at": line["occurred_at"],
        "recorded_at": line["recorded_at"],
        "actor": line["actor"],
        "version": event.get("course_version"),
        "language": event.get("language"),
    }


def _score(record: dict[str, Any]) -> tuple[int, int]:
    attempt = record["last_attempt"]
    return attempt["right"], attempt["asked"]
