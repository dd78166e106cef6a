"""Files of HR over a real PostgreSQL: shown, confirmed, applied as a whole or not at all, and once."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from services.backbone.log import StoreAway
from services.contracts.rules import Rule, RuleBroken
from services.contracts.scheduling import (
    AppointManager,
    CodeUnit,
    PlacePerson,
    UpdateDirectoryEntry,
    WithdrawPerson,
)
from services.contracts.scheduling.staff_imports import (
    ConfirmStaffImport,
    SendStaffFile,
    StaffImport,
)
from services.scheduling.application import Application
from services.scheduling.importer import Importer
from services.scheduling.store import check_membership
from tests.integration.conftest import Database
from tests.integration.scheduling.words import OPERATOR, done, events_of, join, told, unit

HEADER = "staff_number;given_name;family_name;email;language;function;unit;from_date;leaving_date"


class Office:
    """An organisation of its own, with HR that sends files, and a worker that may be stopped anywhere."""

    def __init__(self, database: Database, make: Callable[[], Application]) -> None:
        self.url = database.url
        self.make = make
        self.application = make()
        self.files = self.application.staff_files
        self.clock = lambda: datetime.now(UTC)
        self.database: psycopg.Connection[Any] | None = None
        self.prison, self.wing = unit(), None
        wing = unit(self.prison.unit_id)
        done(self.application, self.prison, wing)
        for code, unit_id in (("VC", self.prison.unit_id), ("VC-A", wing.unit_id)):
            done(self.application, CodeUnit(**told(), unit_id=unit_id, code=code))
        self.worker()

    def worker(self) -> None:
        """A new worker takes over from one that died."""
        if self.database is not None:
            self.database.close()
        application = self.make()
        self.importer = Importer(self.url, application.log, application.desk, clock=lambda: self.clock())
        self.database = psycopg.connect(self.url, autocommit=True)
        assert self.importer.lead(self.database)

    def send(self, *rows: str, mode: str = "delta", dry_run: bool = True) -> StaffImport:
        content = "\n".join([HEADER, *rows]).encode()
        sent = SendStaffFile.model_construct(import_id=uuid4(), mode=mode, dry_run=dry_run, content=content)
        return self.files.receive(OPERATOR, sent)

    def work(self) -> None:
        assert self.database is not None
        while self.importer.step(self.database):
            pass

    def checked(self, *rows: str, **how: Any) -> StaffImport:
        import_id = self.send(*rows, **how).import_id
        self.work()
        return self.files.of(import_id)

    def confirm(self, shown: StaffImport, leaving: int | None = None) -> StaffImport:
        self.files.confirm(OPERATOR, ConfirmStaffImport(import_id=shown.import_id, leaving=leaving))
        self.work()
        return self.files.of(shown.import_id)

    def applied(self, *rows: str, **how: Any) -> StaffImport:
        shown = self.checked(*rows, **how)
        assert shown.state == "checked", shown
        after = self.confirm(shown, shown.counts.leaves)
        assert after.state == "applied", after
        check_membership(self.application.log)
        return after

    def person(self, number: str) -> UUID:
        (row,) = self.rows("SELECT person_id FROM directory WHERE staff_number = %s", number)
        return row[0]

    def unit_of(self, number: str) -> UUID | None:
        rows = self.rows("SELECT unit_id FROM membership WHERE person_id = %s", self.person(number))
        return rows[0][0] if rows else None

    def rows(self, query: str, *params: object) -> list[Any]:
        return self.application.log.select(query, params)

    def head(self) -> int:
        return self.application.log.head()


@pytest.fixture
def office(databases: dict[str, Database], environment: dict[str, str]) -> Iterator[Office]:
    database = databases["scheduling"].migrated("services/scheduling/migrations")
    with psycopg.connect(database.owner_url) as owner:  # each test has an organisation of its own
        owner.execute("TRUNCATE stored_events, command_receipts, directory, membership, staff_import")
    made: list[Application] = []

    def make() -> Application:
        key = Path(environment["PARCOURS_ACTOR_PUBLIC_KEY"])
        made.append(Application(database.url, key, on_commit=lambda _: None))
        return made[-1]

    office = Office(database, make)
    yield office
    assert office.database is not None
    office.database.close()
    for each in made:
        each.log.close()


def a_row(number: str, *, unit: str = "VC", name: str = "Ann", since: str = "", until: str = "") -> str:
    return f"{number};{name};Peeters;;nl;;{unit};{since};{until}"


def test_a_dry_run_shows_what_would_change_and_changes_nothing(office: Office) -> None:
    head = office.head()
    shown = office.checked(a_row("a"), a_row("b", unit="vc-a"))
    assert (shown.state, shown.counts.joins, shown.counts.rows, shown.many_leave) == ("checked", 2, 2, False)
    assert [(line.kind, line.staff_number, line.given_name) for line in shown.lines] == [
        ("joins", "a", "Ann"),
        ("joins", "b", "Ann"),
    ]
    assert office.head() == head
    assert office.rows("SELECT FROM directory") == []


def test_what_was_confirmed_is_recorded_in_the_name_of_who_confirmed(office: Office) -> None:
    after = office.applied(a_row("a", since="2026-01-05"), a_row("b", unit="VC-A"))
    assert office.unit_of("a") == office.prison.unit_id
    assert events_of(office.application, office.person("a")) == ["Registered", "Placed"]
    stored = office.application.log.read(0, 1_000)
    assert after.position == stored[-1].position
    about_a = [s.event for s in stored if s.stream_id == office.person("a")]
    assert {event.actor for event in about_a} == {OPERATOR.person_id}
    assert {event.occurred_at for event in about_a} == {datetime(2026, 1, 4, 23, tzinfo=UTC)}
    assert len({s.event.command_id for s in stored[-4:]}) == 1


def test_names_in_a_file_are_gone_when_it_was_applied_and_stand_in_no_event(office: Office) -> None:
    after = office.applied(a_row("a", name="Wilhelmina"))
    assert after.lines == ()
    (row,) = office.rows("SELECT row_to_json(staff_import)::text FROM staff_import")
    assert "Wilhelmina" not in row[0]
    assert all(b"Wilhelmina" not in s.state for s in office.application.log.read(0, 1_000))


def test_the_same_file_twice_changes_nothing(office: Office) -> None:
    rows = (a_row("a", since="2026-01-05"), a_row("b", unit="VC-A"), a_row("c", until="2026-01-31"))
    office.applied(*rows, mode="full")
    head = office.head()
    again = office.checked(*rows, mode="full")
    assert again.counts.model_dump(exclude={"rows", "people", "unchanged"}) == dict.fromkeys(
        ("joins", "moves", "changes", "returns", "leaves", "later"), 0
    )
    office.confirm(again)
    assert office.head() == head


def test_who_moves_is_called_otherwise_leaves_and_comes_back_stays_the_same_person(office: Office) -> None:
    office.applied(a_row("a"), a_row("b"), mode="full")
    ann = office.person("a")
    office.applied(a_row("a", unit="VC-A", name="Anna", since="2026-02-01"), a_row("b"), mode="full")
    assert office.rows("SELECT given_name FROM directory WHERE person_id = %s", ann) == [("Anna",)]
    office.applied(a_row("b"), mode="full")
    assert office.unit_of("a") is None
    office.applied(a_row("a"), a_row("b"), mode="full")
    assert (office.person("a"), office.unit_of("a")) == (ann, office.prison.unit_id)
    assert events_of(office.application, ann) == [
        "Registered",
        "Placed",
        "Placed",
        "Withdrawn",
        "Returned",
        "Placed",
    ]


def test_a_manager_who_leaves_is_responsible_for_nothing(office: Office) -> None:
    office.applied(a_row("a"), a_row("b"))
    done(
        office.application,
        AppointManager(**told(), unit_id=office.prison.unit_id, person_id=office.person("a")),
    )
    office.applied(a_row("a", until=str((datetime.now(UTC) - timedelta(days=2)).date())))
    stored = office.application.log.read(0, 1_000)
    assert [s.topic.rsplit(".", 1)[1] for s in stored[-2:]] == ["ManagerRelieved", "Withdrawn"]


def test_a_faulty_file_is_told_by_line_and_column_and_not_kept(office: Office) -> None:
    shown = office.checked(a_row("a"), a_row("b", unit="NOWHERE"), a_row("a"))
    assert shown.state == "faulty"
    assert [(f.kind, f.line, f.column) for f in shown.faults] == [
        ("unit-unknown", 3, "unit"),
        ("duplicate", 4, "staff_number"),
    ]
    assert office.rows("SELECT content, lines::text FROM staff_import") == [(None, "[]")]
    with pytest.raises(RuleBroken, match=Rule.IMPORT_NOT_READY.value):
        office.confirm(shown)


def test_more_than_a_tenth_leaving_must_be_said_by_number(office: Office) -> None:
    office.applied(*(a_row(f"p{n}") for n in range(9)), mode="full")
    shown = office.checked(*(a_row(f"p{n}") for n in range(7)), mode="full")
    assert (shown.many_leave, shown.counts.leaves, shown.counts.people) == (True, 2, 9)
    for leaving in (None, 1):
        with pytest.raises(RuleBroken, match=Rule.IMPORT_MANY_LEAVE.value):
            office.confirm(shown, leaving)
    assert office.confirm(shown, 2).state == "applied"


def test_a_delta_is_held_against_all_who_are_here(office: Office) -> None:
    office.applied(*(a_row(f"p{n}") for n in range(20)))
    shown = office.checked(a_row("p0", until="2026-01-31"))
    assert (shown.many_leave, shown.counts.leaves, shown.counts.people) == (False, 1, 20)


def test_without_a_dry_run_it_is_applied_at_once_unless_many_leave(office: Office) -> None:
    assert office.checked(a_row("a"), a_row("b"), mode="full", dry_run=False).state == "applied"
    assert office.checked(a_row("a"), mode="full", dry_run=False).state == "checked"
    assert office.unit_of("b") is not None


def test_what_changed_since_it_was_shown_is_shown_again_and_then_applied(office: Office) -> None:
    office.applied(a_row("a"), a_row("b"))
    shown = office.checked(a_row("a", unit="VC-A"), a_row("b", unit="VC-A"))
    done(office.application, WithdrawPerson(**told(), person_id=office.person("b")))
    again = office.confirm(shown)
    assert (again.state, again.outdated, again.counts.moves, again.counts.returns) == ("checked", True, 1, 1)
    assert office.unit_of("a") == office.prison.unit_id
    assert office.confirm(again).state == "applied"
    assert (
        office.unit_of("b")
        == office.application.log.select(
            "SELECT unit_id FROM membership WHERE person_id = %s", (office.person("a"),)
        )[0][0]
    )


def test_somebody_who_moves_while_it_is_being_applied_is_not_overlooked(office: Office) -> None:
    office.applied(a_row("a"), a_row("b"))
    shown = office.checked(a_row("a", unit="VC-A"), a_row("b", name="Bea"))
    append = office.importer._desk._log.append
    rivals = []

    def after_a_rival(*args: Any, **kwargs: Any) -> list[int]:
        if not rivals:
            other = unit()
            done(office.application, other)
            person_id = office.person("a")
            rivals.append(
                done(office.application, PlacePerson(**told(), person_id=person_id, unit_id=other.unit_id))
            )
        return append(*args, **kwargs)

    office.importer._desk._log.append = after_a_rival  # type: ignore[method-assign]
    again = office.confirm(shown)
    assert (again.state, again.outdated) == ("checked", True)
    assert office.rows("SELECT given_name FROM directory WHERE staff_number = 'b'") == [("Ann",)]


@pytest.mark.parametrize("at", ["before", "after"])
def test_a_worker_that_dies_while_applying_leaves_all_or_nothing_and_the_next_ends_it(
    office: Office, at: str
) -> None:
    shown = office.checked(a_row("a"), a_row("b"))
    append = office.importer._desk._log.append

    def dies(*args: Any, **kwargs: Any) -> list[int]:
        if at == "after":
            append(*args, **kwargs)
        raise KeyboardInterrupt

    office.importer._desk._log.append = dies  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        office.confirm(shown)
    assert len(office.rows("SELECT FROM directory")) == (2 if at == "after" else 0)
    office.worker()
    office.work()
    after = office.files.of(shown.import_id)
    assert (after.state, after.position) == ("applied", office.head())
    assert len(office.rows("SELECT FROM directory")) == 2
    assert events_of(office.application, office.person("a")) == ["Registered", "Placed"]


def test_a_database_that_goes_away_ends_nothing(office: Office) -> None:
    shown = office.checked(a_row("a"))
    append = office.importer._desk._log.append

    def away(*args: Any, **kwargs: Any) -> list[int]:
        office.importer._desk._log.append = append  # type: ignore[method-assign]
        raise StoreAway("no answer")

    office.importer._desk._log.append = away  # type: ignore[method-assign]
    with pytest.raises(StoreAway):
        office.confirm(shown)
    office.work()
    assert office.files.of(shown.import_id).state == "applied"


def test_a_file_is_forgotten_after_a_day_whatever_became_of_it(office: Office) -> None:
    shown = office.checked(a_row("a"))
    office.clock = lambda: datetime.now(UTC) + timedelta(days=1, minutes=1)
    office.importer._next_forgetting = 0.0
    office.work()
    after = office.files.of(shown.import_id)
    assert (after.state, after.lines) == ("expired", ())
    assert office.rows("SELECT content FROM staff_import") == [(None,)]
    with pytest.raises(RuleBroken, match=Rule.IMPORT_NOT_READY.value):
        office.confirm(shown)


def test_a_file_can_be_given_up_and_then_says_nothing_more(office: Office) -> None:
    shown = office.checked(a_row("a"))
    after = office.files.discard(shown.import_id)
    assert (after.state, after.lines) == ("discarded", ())
    assert office.files.discard(shown.import_id).state == "discarded"
    applied = office.applied(a_row("b"))
    with pytest.raises(RuleBroken, match=Rule.IMPORT_NOT_READY.value):
        office.files.discard(applied.import_id)


def test_sending_a_file_again_under_its_id_is_sending_it_once_and_another_is_refused(office: Office) -> None:
    sent = SendStaffFile.model_construct(import_id=uuid4(), mode="delta", dry_run=True, content=b"a")
    office.files.receive(OPERATOR, sent)
    office.files.receive(OPERATOR, sent)
    assert len(office.files.newest(10).imports) == 1
    with pytest.raises(RuleBroken, match=Rule.COMMAND_ID_TAKEN.value):
        office.files.receive(OPERATOR, sent.model_copy(update={"content": b"b"}))
    with pytest.raises(RuleBroken, match=Rule.IMPORT_UNKNOWN.value):
        office.files.of(uuid4())


def test_a_fault_of_ours_ends_the_file_and_not_the_worker(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.scheduling.importer.examine", lambda *_: 1 / 0)
    assert office.checked(a_row("a")).state == "failed"
    monkeypatch.undo()
    assert office.checked(a_row("a")).state == "checked"


def test_one_worker_at_a_time_has_the_turn(office: Office) -> None:
    with psycopg.connect(office.url, autocommit=True) as second:
        assert not office.importer.lead(second)


def test_an_entry_that_was_changed_by_hand_follows_hr_again(office: Office) -> None:
    office.applied(a_row("a"))
    person_id = office.person("a")
    (row,) = office.rows(
        "SELECT person_id, given_name, family_name, staff_number, email, language, function FROM directory"
    )
    entry = dict(
        zip(
            ("person_id", "given_name", "family_name", "staff_number", "email", "language", "function"),
            row,
            strict=True,
        )
    )
    changed = UpdateDirectoryEntry(**told(), entry={**entry, "given_name": "Other"})
    done(office.application, changed)
    office.applied(a_row("a"))
    assert office.rows("SELECT given_name FROM directory WHERE person_id = %s", person_id) == [("Ann",)]


def test_those_whom_no_file_named_are_known_by_their_numbers_too(office: Office) -> None:
    person_id = join(office.application, office.prison.unit_id)
    shown = office.checked(a_row(person_id.hex, unit="VC-A"))
    assert [(line.kind, line.staff_number) for line in shown.lines] == [("moves", person_id.hex)]
