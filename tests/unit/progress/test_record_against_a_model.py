"""A training record against a plain model of it: any steps in any order, and every step replayed from its bytes."""

from typing import Any
from uuid import UUID

from eventsourcing.persistence import StoredEvent
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.backbone.log import EventMapper
from services.contracts.rules import RuleBroken
from services.progress.domain import Outline, TrainingRecord
from tests.unit.progress.words import ANN, RECORD, at, first, named

PAGES = {"one": ["p1", "p2"], "two": ["p3"], "test": ["p4"]}
KEYS = {"q1": ["a"], "q2": ["a", "b"], "q3": ["c"]}
OPTIONS = ["a", "b", "c"]
ATTEMPTS = 2
MARK_PERCENT = 50

COURSE = Outline(
    course="small",
    version=3,
    languages=frozenset({"fr", "nl"}),
    modules={part: tuple(pages) for part, pages in PAGES.items()},
    test_module="test",
    draw=2,
    pass_mark_percent=MARK_PERCENT,
    attempts_allowed=ATTEMPTS,
    validity_months=24,
    keys={q: (frozenset(OPTIONS), frozenset(right)) for q, right in KEYS.items()},
)
ASKED = ["q1", "q2"]
SESSIONS = [named(f"session {n}") for n in range(4)]
Told = list[str] | str
"""What a step does: the names of its events, or the rule that refuses it."""


class PlainRecord:
    """The rules again, in dictionaries and lists, as one would explain them."""

    def __init__(self) -> None:
        self.language = "fr"
        self.running: UUID | None = None
        self.over: dict[UUID, str] = {}
        self.pages: dict[str, list[str]] = {}
        self.done: list[str] = []
        self.attempts: list[int | None] = []
        """One entry an attempt: how many were right; none while it is open."""
        self.finished = False

    def closed_to(self, session: UUID) -> str | None:
        if session == self.running:
            return None
        return self.over.get(session, "session-missing")

    def sit_down(self, session: UUID, language: str) -> Told:
        if session == self.running:
            return []
        if session in self.over:
            return self.over[session]
        told = ["SessionStarted"]
        if self.running is not None:
            self.over[self.running] = "session-abandoned"
            told.insert(0, "SessionAbandoned")
        self.running, self.language = session, language
        return told

    def place(self) -> tuple[str, str] | None:
        """The last page of the course, in its order, that was read."""
        read = [(part, page) for part in PAGES for page in PAGES[part] if page in self.pages.get(part, [])]
        return read[-1] if read else None

    def stop(self, session: UUID) -> Told:
        if self.over.get(session) == "session-ended":
            return []
        if refused := self.closed_to(session):
            return refused
        self.running = None
        self.over[session] = "session-ended"
        return ["SessionEnded"]

    def speak(self, session: UUID, language: str) -> Told:
        if refused := self.closed_to(session):
            return refused
        if language == self.language:
            return []
        self.language = language
        return ["LanguageChanged"]

    def begin(self, session: UUID, part: str) -> Told:
        if refused := self.closed_to(session):
            return refused
        if part not in PAGES:
            return "module-unknown"
        if part in self.pages:
            return []
        parts = list(PAGES)
        if self.done != parts[: parts.index(part)]:
            return "module-out-of-order"
        self.pages[part] = []
        return ["ModuleStarted"]

    def reach(self, session: UUID, part: str, page: str) -> Told:
        if refused := self.closed_to(session):
            return refused
        if part not in PAGES:
            return "module-unknown"
        if page not in PAGES[part]:
            return "checkpoint-unknown"
        if part not in self.pages:
            return "module-not-started"
        if page in self.pages[part] or self.finished:
            return []
        self.pages[part].append(page)
        return ["CheckpointReached"]

    def finish(self, session: UUID, part: str) -> Told:
        if refused := self.closed_to(session):
            return refused
        if part not in PAGES:
            return "module-unknown"
        if part in self.done:
            return []
        if part not in self.pages:
            return "module-not-started"
        if sorted(self.pages[part]) != sorted(PAGES[part]):
            return "checkpoints-missing"
        if part == "test":
            return "quiz-not-open"
        self.done.append(part)
        return ["ModuleCompleted"]

    def try_test(self, session: UUID) -> Told:
        if refused := self.closed_to(session):
            return refused
        if self.finished:
            return "record-completed"
        if None in self.attempts:
            return []
        if self.done != ["one", "two"]:
            return "modules-missing"
        if "test" not in self.pages:
            return "module-not-started"
        if len(self.attempts) == ATTEMPTS:
            return "attempts-exhausted"
        self.attempts.append(None)
        return ["QuizStarted"]

    def hand_in(self, session: UUID, attempt: int, answers: dict[str, tuple[str, ...]]) -> Told:
        if refused := self.closed_to(session):
            return refused
        if self.finished:
            return "record-completed"
        if None not in self.attempts or attempt != len(self.attempts):
            return "quiz-not-open"
        for question, chosen in answers.items():
            if question not in ASKED or any(option not in OPTIONS for option in chosen):
                return "answers-do-not-fit"
        right = sum(sorted(set(answers.get(q, ()))) == KEYS[q] for q in ASKED)
        self.attempts[-1] = right
        if right / len(ASKED) < MARK_PERCENT / 100:
            return ["QuizFailed"]
        self.done.append("test")
        self.finished = True
        return ["QuizPassed", "ModuleCompleted", "CourseCompleted"]


sessions = st.sampled_from(SESSIONS)
languages = st.sampled_from(["fr", "nl"])
parts = st.sampled_from([*PAGES, "poetry"])
pages = st.sampled_from([page for pages in PAGES.values() for page in pages])
all_answers = st.dictionaries(
    st.sampled_from([*ASKED, "q3", "q9"]), st.lists(st.sampled_from([*OPTIONS, "z"]), max_size=3).map(tuple)
)
fitting_answers = st.fixed_dictionaries({q: st.sampled_from([("a",), ("a", "b"), ("c",)]) for q in ASKED})


class RecordAgainstModel(RuleBasedStateMachine):
    """Both are told the same steps, and must say the same."""

    def __init__(self) -> None:
        super().__init__()
        self.mapper = EventMapper()
        self.model = PlainRecord()
        self.minute = 0
        self.record = TrainingRecord.open(RECORD, ANN, COURSE, 1, "fr", at())
        self.bytes: list[StoredEvent] = []
        self.keep()

    def keep(self) -> list[str]:
        events: list[Any] = list(self.record.collect_events())
        self.bytes += [self.mapper.to_stored_event(event) for event in events]
        return [type(event).__name__ for event in events]

    def both(self, step: str, expected: Told, *arguments: Any) -> None:
        self.minute += 1
        try:
            getattr(self.record, step)(*arguments, at(self.minute))
        except RuleBroken as broken:
            assert broken.rule.value == expected
            assert not self.record.pending_events, "a refused command leaves no event behind"
        else:
            assert self.keep() == expected

    @rule(session=sessions, language=languages)
    def sit_down(self, session: UUID, language: str) -> None:
        self.both("start_session", self.model.sit_down(session, language), session, language, COURSE)

    @rule(session=sessions)
    def stop(self, session: UUID) -> None:
        self.both("end_session", self.model.stop(session), session)

    @rule(session=sessions, language=languages)
    def speak(self, session: UUID, language: str) -> None:
        self.both("change_language", self.model.speak(session, language), session, language)

    @rule(session=sessions, part=parts)
    def begin(self, session: UUID, part: str) -> None:
        self.both("start_module", self.model.begin(session, part), session, part, COURSE)

    @rule(session=sessions, part=parts, page=pages)
    def reach(self, session: UUID, part: str, page: str) -> None:
        self.both("reach_checkpoint", self.model.reach(session, part, page), session, part, page, COURSE)

    @rule(session=sessions, part=parts)
    def finish(self, session: UUID, part: str) -> None:
        self.both("complete_module", self.model.finish(session, part), session, part, COURSE)

    @rule(session=sessions)
    def try_test(self, session: UUID) -> None:
        self.both("start_quiz", self.model.try_test(session), session, COURSE, first)

    @rule(session=sessions, attempt=st.integers(1, 3), answers=all_answers)
    def hand_in(self, session: UUID, attempt: int, answers: dict[str, tuple[str, ...]]) -> None:
        self.both(
            "submit_quiz", self.model.hand_in(session, attempt, answers), session, attempt, answers, COURSE
        )

    @precondition(lambda self: self.model.running and "two" not in self.model.done)
    @rule()
    def follow_the_next_part(self) -> None:
        """What most learners do; without it chance would rarely see the test."""
        session = self.model.running
        assert session is not None
        part = next(part for part in PAGES if part not in self.model.done)
        self.begin(session, part)
        for page in PAGES[part]:
            self.reach(session, part, page)
        self.finish(session, part)

    @precondition(lambda self: self.model.running and self.model.done == ["one", "two"])
    @rule(answers=fitting_answers)
    def sit_the_test(self, answers: dict[str, tuple[str, ...]]) -> None:
        session = self.model.running
        assert session is not None
        self.begin(session, "test")
        self.try_test(session)
        self.hand_in(session, len(self.model.attempts), answers)

    @invariant()
    def both_remember_the_same(self) -> None:
        model, record = self.model, self.record
        assert (record.language, record.session, record.resume_at(COURSE)) == (
            model.language,
            model.running,
            model.place(),
        )
        assert record.reached == model.pages and list(record.completed) == model.done
        assert {**dict.fromkeys(record.abandoned, "session-abandoned")} == {
            session: why for session, why in model.over.items() if why == "session-abandoned"
        }
        assert record.ended == {session for session, why in model.over.items() if why == "session-ended"}
        assert (record.attempt is not None) == (None in model.attempts)
        graded = [right for right in model.attempts if right is not None]
        assert record.attempts_used == len(graded)
        last = record.last_graded
        assert ((last.right, last.asked) if last else None) == ((graded[-1], len(ASKED)) if graded else None)
        assert (record.completed_at is not None) == model.finished

    @invariant()
    def folding_the_stored_bytes_gives_the_same_record(self) -> None:
        folded: Any = None
        for stored in self.bytes:
            folded = self.mapper.to_domain_event(stored).mutate(folded)
        assert folded == self.record
        assert folded.version == len(self.bytes)


RecordAgainstModel.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestRecordAgainstModel = RecordAgainstModel.TestCase
