"""What a file of HR would change: who joins, moves, changes, leaves and returns; and nothing the second time."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.contracts.scheduling import DirectoryEntry
from services.scheduling.hr import Known, Plan, Row, compare

NORTH, SOUTH = UUID(int=1), UUID(int=2)
TODAY = date(2026, 6, 15)


def row(
    number: str, unit_id: UUID = NORTH, *, since: date | None = None, until: date | None = None, **of: str
) -> Row:
    said = {
        "given_name": "Ann",
        "family_name": "Peeters",
        "email": None,
        "language": "nl",
        "function": None,
        **of,
    }
    return Row(2, number, unit_id=unit_id, from_date=since, leaving_date=until, **said)  # type: ignore[arg-type]


def known(number: str, unit_id: UUID | None = NORTH, **of: str) -> tuple[str, Known]:
    said = {"given_name": "Ann", "family_name": "Peeters", "language": "nl", **of}
    entry = DirectoryEntry(person_id=UUID(int=hash(number) % 2**64), staff_number=number, **said)  # type: ignore[arg-type]
    return number.casefold(), Known(entry, unit_id)


def plan(*rows: Row, knowing: list[tuple[str, Known]], mode: str = "full") -> Plan:
    return compare(rows, dict(knowing), mode, TODAY, sum(each.unit_id is not None for _, each in knowing))  # type: ignore[arg-type]


def told(plan: Plan) -> list[tuple[str, str]]:
    return [(change.kind, change.staff_number) for change in plan.changes]


def test_who_joins_moves_changes_returns_and_leaves() -> None:
    found = plan(
        row("new"),
        row("same"),
        row("moved", SOUTH),
        row("renamed", family_name="Maes"),
        row("back"),
        knowing=[known("same"), known("moved"), known("renamed"), known("back", None), known("gone")],
    )
    assert told(found) == [
        ("joins", "new"),
        ("moves", "moved"),
        ("changes", "renamed"),
        ("returns", "back"),
        ("leaves", "gone"),
    ]
    assert (found.present, found.unchanged, found.later) == (4, 1, 0)


def test_a_delta_says_nothing_of_whom_it_does_not_name() -> None:
    assert told(plan(row("new"), knowing=[known("other")], mode="delta")) == [("joins", "new")]


def test_whoever_moves_may_be_called_otherwise_too() -> None:
    (change,) = plan(row("a", SOUTH, language="fr"), knowing=[known("a")]).changes
    assert (change.kind, change.entry_changes, change.unit_before, change.unit_after) == (
        "moves",
        True,
        NORTH,
        SOUTH,
    )


def test_a_staff_number_stays_as_the_directory_writes_it() -> None:
    found = plan(row("p1", SOUTH), knowing=[known("P1")])
    assert told(found) == [("moves", "P1")]


def test_the_last_day_is_still_worked_and_the_next_morning_they_have_left() -> None:
    assert told(plan(row("a", until=TODAY), knowing=[known("a")])) == []
    (change,) = plan(row("a", until=date(2026, 6, 14)), knowing=[known("a")]).changes
    assert (change.kind, change.since) == ("leaves", datetime(2026, 6, 14, 22, tzinfo=UTC))


def test_who_left_long_ago_neither_joins_nor_returns() -> None:
    gone = date(2026, 6, 1)
    assert told(plan(row("a", until=gone), row("b", until=gone), knowing=[known("b", None)])) == []


def test_what_holds_from_a_day_to_come_waits_for_that_day() -> None:
    ahead = date(2026, 7, 1)
    found = plan(
        row("a", since=ahead),
        row("b", SOUTH, since=ahead),
        row("c", since=ahead, until=None),
        knowing=[known("b")],
    )
    assert (told(found), found.later) == ([], 3)
    found = plan(row("b", SOUTH, since=ahead, language="fr"), knowing=[known("b")])
    assert (told(found), found.later) == ([("changes", "b")], 1)
    assert found.changes[0].unit_after == NORTH


def test_a_from_date_of_somebody_who_is_there_already_changes_nothing() -> None:
    assert told(plan(row("a", since=date(2020, 1, 1)), knowing=[known("a")])) == []


def test_a_very_old_date_counts_from_1990() -> None:
    (change,) = plan(row("a", since=date(1971, 3, 1)), knowing=[]).changes
    assert change.since is not None
    assert change.since.date() == date(1990, 1, 1)


@pytest.mark.parametrize(
    ("leaving", "of", "many"), [(1, 10, False), (2, 19, True), (11, 100, True), (10, 100, False)]
)
def test_more_than_a_tenth_leaving_is_many(leaving: int, of: int, many: bool) -> None:
    people = [known(f"p{n}") for n in range(of)]
    assert plan(*(row(f"p{n}") for n in range(leaving, of)), knowing=people).many_leave is many


def test_whom_a_delta_lets_go_it_names_one_by_one_and_nobody_is_asked() -> None:
    people = [known(f"p{n}") for n in range(4)]
    leaving = [row(f"p{n}", until=date(2026, 6, 1)) for n in range(3)]
    found = plan(*leaving, knowing=people, mode="delta")
    assert (found.count("leaves"), found.many_leave) == (3, False)
    assert plan(*leaving, row("p3"), knowing=people).many_leave


def test_the_same_changes_have_the_same_digest_and_others_another() -> None:
    people = [known("a"), known("b")]
    first, again = (plan(row("a", SOUTH), knowing=people) for _ in range(2))
    assert first.digest == again.digest
    assert first.digest != plan(row("a", SOUTH, function="x"), knowing=people).digest
    assert first.digest != plan(row("a", SOUTH), row("b"), knowing=people).digest


_rows = st.lists(
    st.builds(
        row,
        st.sampled_from("abcdefgh"),
        st.sampled_from([NORTH, SOUTH]),
        since=st.none() | st.dates(date(2026, 6, 1), date(2026, 6, 30)),
        until=st.none() | st.dates(date(2026, 6, 1), date(2026, 6, 30)),
        language=st.sampled_from(["fr", "nl"]),
    ),
    unique_by=lambda each: each.staff_number,
)


def carry_out(plan: Plan, people: dict[str, Known]) -> dict[str, Known]:
    after = dict(people)
    for change in plan.changes:
        id_ = change.person_id or UUID(int=hash(change.staff_number) % 2**64)
        after[change.staff_number.casefold()] = Known(change.entry(id_), change.unit_after)
    return after


@for_all(_rows, _rows, st.sampled_from(["full", "delta"]))
def test_the_same_file_twice_changes_nothing_and_nobody_gets_another_id(
    before: list[Row], rows: list[Row], mode: str
) -> None:
    people = carry_out(compare(before, {}, "full", TODAY, 0), {})
    first = compare(rows, people, mode, TODAY, 0)  # type: ignore[arg-type]
    after = carry_out(first, people)
    assert compare(rows, after, mode, TODAY, 0).changes == []  # type: ignore[arg-type]
    assert all(after[number].entry.person_id == each.entry.person_id for number, each in people.items())
