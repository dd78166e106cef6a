"""What every event log must do. One suite; the log in memory and PostgreSQL each run all of it."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.backbone.commands import RIVALS_MAX, CommandDesk
from services.backbone.feed import FeedSource, verify
from services.backbone.log import Conflict, Receipt, StoreAway
from services.contracts.message import Done, Refused
from services.contracts.rules import Rule
from tests.support.jars import ROOM, Jars, PutIn, act, filled, put_in, somebody, to_contract


class EventLogSuite:
    """A subclass gives the fixture `log`: an event log, empty or not, that nobody else writes to."""

    # --- the log ---------------------------------------------------------------------------------

    def test_events_come_back_in_the_order_in_which_they_were_written(self, log: Any) -> None:
        start, jar = log.head(), uuid4()
        events = filled(jar, "a", "b")
        positions = log.append(events, [])
        assert positions == sorted(positions) and len(set(positions)) == 3 and positions[0] > start
        read = log.read(start, 10)
        assert [s.event for s in read] == events
        assert [s.position for s in read] == positions
        assert log.head() == positions[-1]

    def test_a_reader_takes_as_much_as_it_asks_for(self, log: Any) -> None:
        start = log.head()
        log.append(filled(uuid4(), "a", "b"), [])
        head = log.read(start, 2)
        assert len(head) == 2
        assert [s.event.thing for s in log.read(head[-1].position, 10)] == ["b"]
        assert log.read(log.head(), 10) == []

    def test_the_digest_is_that_of_the_stored_bytes(self, log: Any) -> None:
        start, events = log.head(), filled(uuid4(), "a")
        log.append(events, [])
        first, second = log.read(start, 10)
        assert len(first.digest) == 64 and first.digest != second.digest
        log.append(filled(uuid4(), "a"), [])
        assert log.read(start, 1)[0].digest == first.digest

    def test_a_stream_that_moved_on_is_a_conflict_and_nothing_is_written(self, log: Any) -> None:
        jar, start = uuid4(), log.head()
        log.append(filled(jar), [])
        with pytest.raises(Conflict):
            log.append([*filled(uuid4(), "a"), *filled(jar)], [Receipt(uuid4(), jar, 1)])
        assert len(log.read(start, 10)) == 1

    def test_one_place_twice_in_one_write_is_a_conflict(self, log: Any) -> None:
        jar, start = uuid4(), log.head()
        with pytest.raises(Conflict):
            log.append([*filled(jar), *filled(jar)], [])
        assert log.read(start, 10) == []

    def test_a_command_has_one_receipt(self, log: Any) -> None:
        command, start = uuid4(), log.head()
        log.append([], [Receipt(command, None, None, {"rule": "unit-exists", "params": {}})])
        with pytest.raises(Conflict):
            log.append([], [Receipt(command, None, None)])
        with pytest.raises(Conflict):
            log.append(filled(uuid4(), "a"), [Receipt(command, None, None)])
        assert log.read(start, 10) == []
        assert log.receipts([command])[command].refusal == {"rule": "unit-exists", "params": {}}

    def test_one_command_twice_in_one_write_is_a_conflict(self, log: Any) -> None:
        command = uuid4()
        with pytest.raises(Conflict):
            log.append([], [Receipt(command, None, None), Receipt(command, None, None)])
        assert log.receipts([command]) == {}

    def test_a_receipt_names_the_place_of_what_the_command_did(self, log: Any) -> None:
        jar, command, unknown = uuid4(), uuid4(), uuid4()
        positions = log.append(filled(jar, "a"), [Receipt(command, jar, 2)])
        assert log.receipts([command, unknown]) == {command: Receipt(command, jar, 2, None, positions[-1])}

    def test_an_aggregate_is_what_its_events_make_of_it(self, log: Any) -> None:
        jar = uuid4()
        log.append(filled(jar, "a", "b"), [])
        loaded = log.load([jar, uuid4()])
        assert list(loaded) == [jar]
        assert (loaded[jar].things, loaded[jar].version) == (["a", "b"], 3)

    def test_what_is_kept_in_memory_is_brought_up_to_date(self, log: Any) -> None:
        jar = uuid4()
        events = filled(jar, "a", "b")
        log.append(events[:2], [])
        log.keep(log.load([jar]).values())
        log.append(events[2:], [])
        assert log.load([jar])[jar].things == ["a", "b"]

    def test_what_is_not_given_back_is_read_again(self, log: Any) -> None:
        jar = uuid4()
        log.append(filled(jar, "a"), [])
        spoilt = log.load([jar])[jar]
        spoilt.things.append("never committed")
        assert log.load([jar])[jar].things == ["a"]

    def test_positions_are_found_by_stream_and_version(self, log: Any) -> None:
        jar = uuid4()
        positions = log.append(filled(jar, "a"), [])
        assert log.positions([(jar, 1), (jar, 2), (jar, 3)]) == {
            (jar, 1): positions[0],
            (jar, 2): positions[1],
        }

    # --- commands --------------------------------------------------------------------------------

    @pytest.fixture
    def rung(self) -> list[int]:
        return []

    @pytest.fixture
    def jars(self) -> Jars:
        return Jars()

    @pytest.fixture
    def desk(self, log: Any, jars: Jars, rung: list[int]) -> CommandDesk[PutIn]:
        return CommandDesk(log, jars, rung.append)

    def test_a_command_is_done_and_answered_with_its_position(
        self, log: Any, desk: CommandDesk[PutIn], rung: list[int]
    ) -> None:
        command = put_in(uuid4(), "a")
        assert desk.execute([(somebody(), command)]) == [
            Done(outcome="accepted", command_id=command.command_id, position=log.head())
        ]
        assert rung == [log.head()]

    def test_an_event_says_who_did_it_on_whose_command_and_when(
        self, log: Any, desk: CommandDesk[PutIn]
    ) -> None:
        start, person, command = log.head(), somebody(), put_in(uuid4(), "a")
        before = datetime.now(UTC)
        desk.execute([(person, command)])
        event = log.read(start, 10)[-1].event
        assert (event.actor, event.command_id) == (person.person_id, command.command_id)
        assert event.occurred_at == command.occurred_at
        assert before <= event.timestamp <= datetime.now(UTC)

    def test_a_clock_that_is_a_little_ahead_does_not_act_in_the_future(
        self, log: Any, desk: CommandDesk[PutIn]
    ) -> None:
        start, ahead = log.head(), datetime.now(UTC) + timedelta(minutes=4)
        desk.execute([(somebody(), put_in(uuid4(), "a").model_copy(update={"occurred_at": ahead}))])
        event = log.read(start, 10)[-1].event
        assert event.occurred_at == event.timestamp

    def test_a_command_from_the_future_is_refused_and_not_remembered(self, desk: CommandDesk[PutIn]) -> None:
        ahead = datetime.now(UTC) + timedelta(minutes=6)
        command = put_in(uuid4(), "a")
        (early,) = desk.execute([(somebody(), command.model_copy(update={"occurred_at": ahead}))])
        assert isinstance(early, Refused) and early.rule == Rule.TIME_IN_FUTURE
        (mended,) = desk.execute([(somebody(), command)])
        assert mended.outcome == "accepted"

    def test_a_repeated_command_gets_its_first_answer(
        self, log: Any, desk: CommandDesk[PutIn], rung: list[int]
    ) -> None:
        person, command = somebody(), put_in(uuid4(), "a")
        (first,) = desk.execute([(person, command)])
        head = log.head()
        (again,) = desk.execute([(person, command.model_copy(update={"occurred_at": datetime.now(UTC)}))])
        assert (first.outcome, again.outcome) == ("accepted", "duplicate")
        assert isinstance(first, Done) and isinstance(again, Done)
        assert first.position == again.position
        assert log.head() == head and len(rung) == 1

    def test_an_id_that_was_used_is_refused_to_others_and_for_other_commands(
        self, log: Any, desk: CommandDesk[PutIn]
    ) -> None:
        """Nobody is told that something of theirs was done when it was not, or hears of another's command."""
        person, jar = somebody(), uuid4()
        full = [put_in(jar, thing) for thing in "abcd"]
        *_, refused = desk.execute([(person, command) for command in full])
        assert isinstance(refused, Refused) and refused.rule == Rule.ATTEMPTS_EXHAUSTED
        head = log.head()
        for used in (full[0], full[-1]):
            other = used.model_copy(update={"thing": "z"})
            for request in ((somebody(), used), (person, other)):
                assert desk.execute([request]) == [
                    Refused(command_id=used.command_id, rule=Rule.COMMAND_ID_TAKEN)
                ]
        assert desk.execute([(person, full[-1])]) == [refused]
        assert log.head() == head

    def test_one_id_for_two_commands_of_a_batch_is_the_first_one(
        self, log: Any, desk: CommandDesk[PutIn]
    ) -> None:
        person, command = somebody(), put_in(uuid4(), "a")
        other = command.model_copy(update={"thing": "b"})
        outcomes = desk.execute(
            [(person, command), (person, other), (somebody(), command), (person, command)]
        )
        assert [o.outcome for o in outcomes] == ["accepted", "refused", "refused", "duplicate"]
        assert log.load([command.jar_id])[command.jar_id].things == ["a"]

    def test_the_same_command_twice_in_one_batch_has_one_effect(
        self, log: Any, desk: CommandDesk[PutIn]
    ) -> None:
        start, command = log.head(), put_in(uuid4(), "a")
        outcomes = desk.execute([(somebody(), command)] * 3)
        assert [o.outcome for o in outcomes] == ["accepted", "duplicate", "duplicate"]
        assert len(log.read(start, 10)) == 2

    def test_a_batch_for_one_stream_is_decided_in_its_order(self, log: Any, desk: CommandDesk[PutIn]) -> None:
        jar = uuid4()
        outcomes = desk.execute([(somebody(), put_in(jar, thing)) for thing in "abcd"])
        assert [o.outcome for o in outcomes] == ["accepted"] * ROOM + ["refused"]
        assert log.load([jar])[jar].things == ["a", "b", "c"]

    def test_a_refused_command_never_fails_its_neighbours(self, log: Any, desk: CommandDesk[PutIn]) -> None:
        start = log.head()
        outcomes = desk.execute(
            [(somebody(), put_in(uuid4(), thing)) for thing in ("a", "broken", "nobody", "b")]
        )
        assert [o.outcome for o in outcomes] == ["accepted", "refused", "refused", "accepted"]
        assert [o.rule for o in outcomes if isinstance(o, Refused)] == [Rule.COURSE_FAULTY, Rule.NOT_YOURS]
        assert len(log.read(start, 10)) == 4

    def test_a_refusal_by_the_state_of_things_is_remembered(self, log: Any, desk: CommandDesk[PutIn]) -> None:
        jar, late = uuid4(), put_in(uuid4(), "d")
        desk.execute([(somebody(), put_in(jar, thing)) for thing in "abc"])
        late = late.model_copy(update={"jar_id": jar})
        person = somebody()
        (refused,) = desk.execute([(person, late)])
        assert isinstance(refused, Refused)
        assert (refused.rule, refused.params) == (Rule.ATTEMPTS_EXHAUSTED, {"room": "3"})
        assert log.receipts([late.command_id])[late.command_id].refusal is not None
        assert desk.execute([(person, late)]) == [refused]

    def test_a_refusal_for_a_faulty_command_is_not_remembered(self, desk: CommandDesk[PutIn]) -> None:
        faulty = put_in(uuid4(), "broken")
        desk.execute([(somebody(), faulty)])
        (mended,) = desk.execute([(somebody(), faulty.model_copy(update={"thing": "a"}))])
        assert mended.outcome == "accepted"

    def test_what_changes_nothing_is_accepted_where_it_stood(
        self, log: Any, desk: CommandDesk[PutIn], rung: list[int]
    ) -> None:
        jar = uuid4()
        (first,) = desk.execute([(somebody(), put_in(jar, "a"))])
        desk.execute([(somebody(), put_in(uuid4(), "z"))])
        (second,) = desk.execute([(somebody(), put_in(jar, "a"))])
        assert isinstance(first, Done) and isinstance(second, Done)
        assert (second.outcome, second.position) == ("accepted", first.position)
        assert len(rung) == 2

    def test_what_changes_nothing_where_nothing_is_has_no_position(
        self, log: Any, desk: CommandDesk[PutIn]
    ) -> None:
        start, person, command = log.head(), somebody(), put_in(uuid4(), "nothing")
        outcomes = [desk.execute([(person, command)])[0] for _ in range(2)]
        assert [(o.outcome, o.position) for o in outcomes if isinstance(o, Done)] == [
            ("accepted", 0),
            ("duplicate", 0),
        ]
        assert log.read(start, 10) == []

    def test_a_batch_that_changes_nothing_rings_no_bell(
        self, desk: CommandDesk[PutIn], rung: list[int]
    ) -> None:
        assert desk.execute([]) == []
        desk.execute([(somebody(), put_in(uuid4(), "broken"))])
        assert rung == []

    def test_a_batch_is_prepared_once_and_not_for_repeats(self, desk: CommandDesk[PutIn], jars: Jars) -> None:
        person, command = somebody(), put_in(uuid4(), "a")
        desk.execute([(person, command), (person, command), (person, put_in(uuid4(), "b"))])
        desk.execute([(person, command)])
        assert jars.prepared == [2]

    # --- rivals ----------------------------------------------------------------------------------

    def test_the_loser_of_a_race_is_decided_anew_and_its_neighbours_stand(
        self, log: Any, desk: CommandDesk[PutIn], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        jar, neighbour = uuid4(), uuid4()
        desk.execute([(somebody(), put_in(jar, "a"))])
        self.rival_before_append(log, monkeypatch, jar, "rival")
        outcomes = desk.execute([(somebody(), put_in(jar, "b")), (somebody(), put_in(neighbour, "c"))])
        assert [o.outcome for o in outcomes] == ["accepted", "accepted"]
        assert log.load([jar])[jar].things == ["a", "rival", "b"]
        assert log.load([neighbour])[neighbour].things == ["c"]

    def test_who_loses_every_race_is_asked_to_come_back(
        self, log: Any, desk: CommandDesk[PutIn], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tried = []

        def lose(*_: Any) -> list[int]:
            tried.append(1)
            raise Conflict

        monkeypatch.setattr(log, "append", lose)
        with pytest.raises(StoreAway):
            desk.execute([(somebody(), put_in(uuid4(), "a"))])
        assert len(tried) == RIVALS_MAX + 1

    def test_nothing_uncommitted_is_kept_when_the_store_goes_away(
        self, log: Any, desk: CommandDesk[PutIn], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        jar = uuid4()
        desk.execute([(somebody(), put_in(jar, "a"))])

        def away(*_: Any) -> list[int]:
            raise StoreAway("gone")

        with monkeypatch.context() as patched:
            patched.setattr(log, "append", away)
            with pytest.raises(StoreAway):
                desk.execute([(somebody(), put_in(jar, "lost"))])
        assert log.load([jar])[jar].things == ["a"]

    def rival_before_append(self, log: Any, monkeypatch: pytest.MonkeyPatch, jar: UUID, thing: str) -> None:
        """Somebody else writes to the jar between decision and commit, once."""
        append = log.append
        turn = threading.Lock()

        def after_the_rival(*arguments: Any) -> Any:
            if turn.acquire(blocking=False):
                rival = log.load([jar])[jar]
                rival.put_in(thing, act())
                append(list(rival.collect_events()), [])
            return append(*arguments)

        monkeypatch.setattr(log, "append", after_the_rival)

    # --- the feed --------------------------------------------------------------------------------

    def test_the_feed_shows_what_is_public_and_passes_over_the_rest(self, log: Any) -> None:
        start, jar = log.head(), uuid4()
        log.append(filled(jar, "a", "b"), [])
        page = FeedSource(log, to_contract).page(start, 100)
        assert [item["event"]["thing"] for item in page.items] == ["a", "b"]
        assert [item["stream_version"] for item in page.items] == [2, 3]
        assert page.position == page.head == log.head() == page.items[-1]["position"]
        assert page.feed == log.name

    def test_a_page_says_that_there_is_more(self, log: Any) -> None:
        start = log.head()
        log.append(filled(uuid4(), "a", "b"), [])
        source = FeedSource(log, to_contract)
        one = source.page(start, 1)
        assert one.items == () and start < one.position < one.head == log.head()
        two = source.page(one.position, 2)
        assert [item["event"]["thing"] for item in two.items] == ["a", "b"]
        assert two.position == two.head

    def test_a_page_past_the_end_is_empty(self, log: Any) -> None:
        page = FeedSource(log, to_contract).page(log.head(), 10)
        assert page.items == () and page.position == page.head == log.head()

    def test_verify_reads_every_event(self, log: Any) -> None:
        log.append(filled(uuid4(), "a"), [])
        assert verify(log, to_contract) >= 2

    def test_a_stream_with_a_hole_does_not_verify(self, log: Any) -> None:
        jar = uuid4()
        first, _, third = filled(jar, "a", "b")
        log.append([first, third], [])
        with pytest.raises(ValueError, match=f"stream {jar} goes on at version 3, expected 2"):
            verify(log, to_contract)
