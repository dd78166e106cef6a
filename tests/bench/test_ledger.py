"""The count finds what it is there to find: each fault is planted, and seen."""

from pathlib import Path
from uuid import UUID

from deploy.bench.ledger import Ledger, compare, read

A, B, C = (UUID(int=n) for n in (1, 2, 3))


def ledger(tmp_path: Path) -> tuple[Ledger, Path]:
    file = tmp_path / "ledger"
    return Ledger(file), file


def test_a_clean_run_counts_clean(tmp_path: Path) -> None:
    writing, file = ledger(tmp_path)
    writing.sent(A, "progress.open_record")
    writing.answered(A, "accepted", 17)
    entries = read(file)
    count = compare(entries, {A: 1})
    assert count.clean
    assert (count.acknowledged, count.refused, count.unanswered) == (1, 0, 0)
    assert entries[A].position == 17
    assert count.by_type == {"progress.open_record": 1}


def test_an_acknowledged_command_that_is_not_in_the_log_is_lost(tmp_path: Path) -> None:
    writing, file = ledger(tmp_path)
    for id_ in (A, B):
        writing.sent(id_, "x")
        writing.answered(id_, "accepted", 1)
    count = compare(read(file), {A: 1})
    assert count.lost == (B,)
    assert not count.clean


def test_a_command_of_which_only_a_part_is_in_the_log_is_lost(tmp_path: Path) -> None:
    writing, file = ledger(tmp_path)
    writing.sent(A, "x")
    writing.answered(A, "accepted", 1)
    assert compare(read(file), {A: 1}, events_each=2).lost == (A,)


def test_a_command_with_two_events_is_duplicated(tmp_path: Path) -> None:
    writing, file = ledger(tmp_path)
    writing.sent(A, "x")
    writing.answered(A, "accepted", 1)
    count = compare(read(file), {A: 2})
    assert count.duplicated == (A,)
    assert not count.clean


def test_an_event_that_nobody_sent_a_command_for_is_unexpected(tmp_path: Path) -> None:
    writing, file = ledger(tmp_path)
    writing.sent(A, "x")
    writing.answered(A, "accepted", 1)
    assert compare(read(file), {A: 1, B: 1}).unexpected == (B,)


def test_a_refused_command_that_is_in_the_log_is_unexpected(tmp_path: Path) -> None:
    writing, file = ledger(tmp_path)
    writing.sent(A, "x")
    writing.answered(A, "refused", 0)
    count = compare(read(file), {A: 1})
    assert count.unexpected == (A,)
    assert count.refused == 1


def test_a_command_without_an_answer_may_stand_in_the_log_or_not(tmp_path: Path) -> None:
    writing, file = ledger(tmp_path)
    for id_ in (A, B):
        writing.sent(id_, "x")
        writing.failed(id_, "503")
    count = compare(read(file), {A: 1})
    assert count.clean
    assert count.unanswered == 2


def test_a_command_sent_again_counts_from_its_first_sending_and_a_repeated_answer_is_acknowledged(
    tmp_path: Path,
) -> None:
    writing, file = ledger(tmp_path)
    writing.sent(A, "x")
    writing.failed(A, "unanswered")
    first = read(file)[A].sent_at
    writing.sent(A, "x")
    writing.answered(A, "duplicate", 5)
    entry = read(file)[A]
    assert entry.sent_at == first
    assert entry.failures == 1
    assert compare({A: entry}, {A: 1}).acknowledged == 1


def test_a_last_line_that_was_cut_off_is_passed_over(tmp_path: Path) -> None:
    writing, file = ledger(tmp_path)
    writing.sent(A, "x")
    writing.close()
    with file.open("a") as torn:
        torn.write(f"answered 1.0 {A} acc")
    assert not read(file)[A].acknowledged
