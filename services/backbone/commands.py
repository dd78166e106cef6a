"""Carrying out commands: many travel and commit together, each has its own answer.

A repeated command gets its first answer again; another command under its id, or the same from
somebody else, is refused and learns nothing of it. A refused one never fails its neighbours. When
somebody else wrote to one of the streams first, every command of the batch is carried out again
on its own, in order, so that only the one that lost the race is decided anew.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from psycopg import Cursor

from services.backbone.aggregate import Act, Aggregate, Fact
from services.backbone.clock import Clock, utc_now
from services.backbone.log import Conflict, EventLog, Receipt, StoreAway
from services.contracts.access import Actor
from services.contracts.message import Command, Done, Outcome, Refused
from services.contracts.rules import Breach, Rule, RuleBroken, breach_of

RIVALS_MAX = 8
"""How often one command is decided anew because of rivals before its sender is asked to come back."""

C_contra = TypeVar("C_contra", bound=Command, contravariant=True)


@dataclass(slots=True)
class Streams:
    """The aggregates that a command may decide on; new ones are added by `begin`."""

    loaded: dict[UUID, Aggregate]
    also: list[Callable[[Cursor[Any]], None]] = field(default_factory=list)
    _touched: dict[UUID, Aggregate] = field(default_factory=dict)

    def get(self, stream_id: UUID) -> Aggregate | None:
        """The aggregate, or None when its stream does not exist."""
        aggregate = self.loaded.get(stream_id)
        if aggregate is not None:
            self._touched[stream_id] = aggregate
        return aggregate

    def begin(self, aggregate: Aggregate) -> None:
        """Add a new aggregate."""
        self.loaded[aggregate.id] = self._touched[aggregate.id] = aggregate

    def collect(self) -> list[Fact]:
        """What was recorded since the last time, by the aggregates that were looked at since."""
        made = [event for a in self._touched.values() if a.pending_events for event in a.collect_events()]
        self._touched.clear()
        return made  # type: ignore[return-value]

    def together_with(self, write: Callable[[Cursor[Any]], None]) -> None:
        """Write something that is no event in the same transaction (a directory entry)."""
        self.also.append(write)


class Deliberation(Protocol[C_contra]):
    """Decides the commands of one batch, with what was looked up for all of them at once."""

    def streams(self, actor: Actor, command: C_contra) -> Collection[UUID]:
        """The streams to load. Raises RuleBroken when the command makes no sense at all."""
        ...

    def decide(self, command: C_contra, actor: Actor, act: Act, streams: Streams) -> None:
        """Record what the command does, or raise RuleBroken before anything is recorded."""
        ...


class Decider(Protocol[C_contra]):
    """A service's decisions. Batches overlap in a process, so each is deliberated on apart."""

    def prepare(self, requests: Sequence[tuple[Actor, C_contra]]) -> Deliberation[C_contra]:
        """Look up, for all commands of a batch at once, what decisions need from read models."""
        ...


@dataclass(slots=True)
class _Undertaking(Generic[C_contra]):
    """What a batch is about to commit; `fingerprints` by command."""

    fingerprints: dict[UUID, bytes]
    events: list[Fact] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    answers: dict[UUID, Outcome | Receipt] = field(default_factory=dict)


class CommandDesk(Generic[C_contra]):
    """Where commands arrive. Rings (`on_commit`, with the new head) after each commit that made events."""

    def __init__(
        self,
        log: EventLog,
        decider: Decider[C_contra],
        on_commit: Callable[[int], None],
        clock: Clock = utc_now,
    ) -> None:
        """Decide with `decider`, write to `log`."""
        self._log = log
        self._decider = decider
        self._on_commit = on_commit
        self._clock = clock

    def execute(self, requests: Sequence[tuple[Actor, C_contra]]) -> list[Outcome]:
        """One answer for each command, in order. Raises StoreAway: nothing is known, send it again."""
        try:
            return self._together(requests)
        except Conflict:
            return [self._alone(request) for request in requests]

    def _alone(self, request: tuple[Actor, C_contra]) -> Outcome:
        for _ in range(RIVALS_MAX):
            try:
                return self._together([request])[0]
            except Conflict:
                continue
        raise StoreAway(f"lost {RIVALS_MAX} races for one stream")

    def _together(self, requests: Sequence[tuple[Actor, C_contra]]) -> list[Outcome]:
        answered = self._log.receipts(command.command_id for _, command in requests)
        fresh = _first_of_each([r for r in requests if r[1].command_id not in answered])
        work = _Undertaking[C_contra]({request[1].command_id: _fingerprint(request) for request in fresh})
        if fresh:
            self._decide(fresh, work)
        return self._answers(requests, answered, work)

    def _decide(self, fresh: Sequence[tuple[Actor, C_contra]], work: _Undertaking[C_contra]) -> None:
        deliberation = self._decider.prepare(fresh)
        wanted: dict[UUID, tuple[UUID, ...]] = {}
        for actor, command in fresh:
            try:
                wanted[command.command_id] = tuple(deliberation.streams(actor, command))
            except RuleBroken as broken:
                self._refuse(command, broken, work)
        streams = Streams(self._log.load({id_ for ids in wanted.values() for id_ in ids}))
        now = self._clock()
        for actor, command in fresh:
            if command.command_id not in wanted:
                continue
            alongside = len(streams.also)
            act = Act(actor.person_id, command.command_id, min(command.occurred_at, now), now)
            try:
                deliberation.decide(command, actor, act, streams)
            except RuleBroken as broken:
                self._refuse(command, broken, work)
                del streams.also[alongside:]
                made = streams.collect()
                assert not made, f"{command.type} was refused after it had recorded something"
            else:
                made = streams.collect()
                work.events += made
                receipt = _receipt(command, made, wanted[command.command_id], streams)
                work.receipts.append(receipt._replace(fingerprint=work.fingerprints[command.command_id]))
        if work.receipts:
            positions = self._log.append(
                work.events,
                work.receipts,
                _all_of(streams.also),
            )
            self._number(work, positions)
        self._log.keep(streams.loaded.values())
        if work.events:
            self._on_commit(positions[-1])

    def _refuse(self, command: C_contra, broken: RuleBroken, work: _Undertaking[C_contra]) -> None:
        """Remember a refusal that depends on the state of things: repeated, it is answered the same."""
        work.answers[command.command_id] = _refusal(command.command_id, broken)
        if breach_of(broken.rule) is Breach.CONFLICT:
            refusal = {"rule": broken.rule.value, "params": broken.params}
            fingerprint = work.fingerprints[command.command_id]
            work.receipts.append(Receipt(command.command_id, None, None, refusal, fingerprint=fingerprint))

    def _number(self, work: _Undertaking[C_contra], positions: list[int]) -> None:
        """Turn receipts into answers, now that the positions are known."""
        places = {
            (event.originator_id, event.originator_version): position
            for event, position in zip(work.events, positions, strict=True)
        }
        earlier = [
            (r.stream_id, r.stream_version)
            for r in work.receipts
            if r.stream_id and r.stream_version and (r.stream_id, r.stream_version) not in places
        ]
        if earlier:
            places |= self._log.positions(earlier)
        for receipt in work.receipts:
            if receipt.refusal is None:
                place = (receipt.stream_id, receipt.stream_version)
                position = places.get(place, 0)  # type: ignore[arg-type]
                work.answers[receipt.command_id] = Done(
                    outcome="accepted", command_id=receipt.command_id, position=position
                )

    @staticmethod
    def _answers(
        requests: Sequence[tuple[Actor, C_contra]],
        answered: dict[UUID, Receipt],
        work: _Undertaking[C_contra],
    ) -> list[Outcome]:
        answers: list[Outcome] = []
        seen: set[UUID] = set()
        for request in requests:
            id_ = request[1].command_id
            answer: Any = work.answers.get(id_)
            if answer is None:
                answer = _again(answered[id_])
            elif id_ in seen and isinstance(answer, Done):
                answer = answer.model_copy(update={"outcome": "duplicate"})
            if id_ in answered or id_ in seen:
                first = answered[id_].fingerprint if id_ in answered else work.fingerprints[id_]
                if first != _fingerprint(request):
                    answer = _refusal(id_, RuleBroken(Rule.COMMAND_ID_TAKEN))
            seen.add(id_)
            answers.append(answer)
        return answers


def _first_of_each(requests: Sequence[tuple[Actor, C_contra]]) -> list[tuple[Actor, C_contra]]:
    """The requests without those that repeat a command of the same batch."""
    first: dict[UUID, tuple[Actor, C_contra]] = {}
    for request in requests:
        first.setdefault(request[1].command_id, request)
    return list(first.values())


def _fingerprint(request: tuple[Actor, Command]) -> bytes:
    """Which command it is, and whose."""
    actor, command = request
    return sha256(actor.person_id.bytes + command.told().encode()).digest()


def _all_of(writes: list[Callable[[Cursor[Any]], None]]) -> Callable[[Cursor[Any]], None] | None:
    def write_all(cursor: Cursor[Any]) -> None:
        for write in writes:
            write(cursor)

    return write_all if writes else None


def _receipt(command: Command, made: list[Fact], wanted: tuple[UUID, ...], streams: Streams) -> Receipt:
    """The place of the command's last event; of its stream's last event when it changed nothing."""
    if made:
        return Receipt(command.command_id, made[-1].originator_id, made[-1].originator_version)
    for stream_id in wanted:
        if aggregate := streams.get(stream_id):
            return Receipt(command.command_id, stream_id, aggregate.version)
    return Receipt(command.command_id, None, None)


def _refusal(command_id: UUID, broken: RuleBroken) -> Refused:
    return Refused(command_id=command_id, rule=broken.rule.value, params=broken.params)


def _again(receipt: Receipt) -> Outcome:
    if receipt.refusal is not None:
        return Refused(command_id=receipt.command_id, **receipt.refusal)
    return Done(outcome="duplicate", command_id=receipt.command_id, position=receipt.position)


def check_time(command: Command, now: Any, skew_seconds: float) -> None:
    """Refuse a command from the future; a little is forgiven, since clocks differ."""
    if (command.occurred_at - now).total_seconds() > skew_seconds:
        raise RuleBroken(Rule.TIME_IN_FUTURE, occurred_at=command.occurred_at.isoformat())
