"""Decides on rooms, on slots, and on who has which seat."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from services.backbone.commands import check_time
from services.backbone.limits import CLOCK_SKEW_SECONDS
from services.backbone.log import Conflict, EventLog
from services.contracts.access import Actor, Role
from services.contracts.message import Command
from services.contracts.rules import Rule, RuleBroken
from services.contracts.scheduling import assignment_id_of
from services.contracts.scheduling.seats import (
    BookingCommand,
    BookSeat,
    CancelSlot,
    ChangeRoom,
    CloseRoom,
    ExcuseSeat,
    LiftClosure,
    MoveSeat,
    NoteAttendance,
    OpenRoom,
    OpenSlots,
    ReleaseSeat,
    RoomCommand,
    SeatCommand,
    Yielding,
    booking_id_of,
    slot_id_of,
)
from services.scheduling.decisions.matter import Matter, admit, admit_itself
from services.scheduling.domain import ORGANISATION, Assignment
from services.scheduling.domain.due import end_of_day, local_day, start_of_day
from services.scheduling.domain.room import SLOTS_AT_ONCE_MAX, Closure, Room
from services.scheduling.domain.slot import Booking, Slot, check_gap, told
from services.scheduling.engagements import Engagement, Engagements
from services.scheduling.timetable import Planned, Timetable


class Seating(NamedTuple):
    """What is to be done, once it was looked at: who leaves which slot for which, and which rules are set aside."""

    slot: Slot
    booking: Booking
    before: Slot | None
    despite: tuple[Yielding, ...]


class SeatRoom:
    """Knows what the people of its commands are booked on, and the slots of the rooms that change."""

    def __init__(self, log: EventLog, commands: Sequence[Command]) -> None:
        """Look up both."""
        self._log = log
        bookings = [c for c in commands if isinstance(c, BookingCommand)]
        self._engagements = Engagements(log.select, {c.person_id for c in bookings})
        rooms = [c for c in commands if isinstance(c, ChangeRoom | CloseRoom | OpenSlots)]
        self._since = min((_since(c) for c in rooms), default=datetime.now(UTC))
        cancelled = [c.slot_id for c in commands if isinstance(c, CancelSlot)]
        wanted = {c.room_id for c in rooms}
        if cancelled:
            found = log.select("SELECT room_id FROM slot WHERE slot_id = ANY(%s)", (cancelled,))
            wanted |= {row[0] for row in found}
            self._since = datetime.min.replace(tzinfo=UTC)
        self._timetable = Timetable(log.select, wanted, self._since)

    def streams(self, actor: Actor, command: SeatCommand) -> Collection[UUID]:
        """The room, the slot or the slots that a command changes, and what allows it."""
        if isinstance(command, NoteAttendance | ExcuseSeat) or (
            isinstance(command, ReleaseSeat) and command.cause != "cancelled"
        ):
            admit_itself(actor)
        else:
            admit(actor, Role.OPERATOR, Role.MANAGER)
        match command:
            case OpenRoom() | LiftClosure():
                return [command.room_id, ORGANISATION]
            case ChangeRoom() | CloseRoom():
                return [command.room_id, ORGANISATION, *(s.slot_id for s in self._slots_of(command))]
            case OpenSlots():
                return [command.room_id, ORGANISATION]
            case CancelSlot():
                return [command.slot_id, ORGANISATION]
            case BookSeat() | MoveSeat():
                about = [command.person_id, self._assignment(command), ORGANISATION]
                before = self._held(command)
                return [command.slot_id, *about, *([before.place_id] if before else [])]
            case ReleaseSeat():
                before = self._held(command)
                return [*([before.place_id] if before else []), command.person_id, ORGANISATION]
            case NoteAttendance() | ExcuseSeat():
                return [command.slot_id]

    def decide(self, command: SeatCommand, actor: Actor, matter: Matter) -> None:
        """Carry it out."""
        check_time(command, matter.act.recorded_at, CLOCK_SKEW_SECONDS)
        match command:
            case OpenRoom():
                self._open_room(command, actor, matter)
            case ChangeRoom() | CloseRoom() | LiftClosure() | OpenSlots():
                self._of_room(command, actor, matter)
            case CancelSlot():
                self._cancel(command, actor, matter)
            case BookSeat() | MoveSeat():
                self._seat(command, actor, matter)
            case ReleaseSeat():
                self._release(command, actor, matter)
            case NoteAttendance():
                self._note(command, actor, matter)
            case ExcuseSeat():
                slot = _slot(command.slot_id, actor, matter)
                slot.excuse(command.booking_id, command.cause, matter.act)

    # --- rooms and slots -------------------------------------------------------------------------

    def _open_room(self, command: OpenRoom, actor: Actor, matter: Matter) -> None:
        matter.in_care(command.unit_id, actor)
        known = matter.streams.get(command.room_id)
        if known is not None:
            said = (command.name, command.seats, tuple(command.hours))
            if not isinstance(known, Room) or (known.unit_id, known.said) != (command.unit_id, said):
                raise RuleBroken(Rule.ROOM_EXISTS)
            return  # the same form once more
        matter.organisation.known(command.unit_id)
        matter.streams.begin(Room.open(command, matter.act))

    def _of_room(
        self, command: ChangeRoom | CloseRoom | LiftClosure | OpenSlots, actor: Actor, matter: Matter
    ) -> None:
        room = _room(command.room_id, actor, matter)
        matter.in_care(room.unit_id, actor)
        match command:
            case ChangeRoom():
                slots = self._loaded(self._slots_of(command, matter.act.recorded_at), matter)
                for slot in slots:
                    slot.check_room_for(min(slot.seats, command.seats))
                room.change(command, matter.act)
                for slot in slots:
                    slot.resize(min(slot.seats, command.seats), matter.act)
                self._keep_timetable(matter)
            case CloseRoom():
                slots = self._loaded(self._slots_of(command, matter.act.recorded_at), matter)
                days = Closure(command.from_on, command.to_on)
                room.close(command.closure_id, days, command.reason, matter.act)
                for slot in slots:
                    self._free(slot.cancel(command.reason, "closed", matter.act), matter)
                    self._timetable.remove(slot.id)
                self._keep_timetable(matter)
            case LiftClosure():
                room.lift(command.closure_id, matter.act)
            case OpenSlots():
                self._open_slots(command, room, actor, matter)

    def _open_slots(self, command: OpenSlots, room: Room, actor: Actor, matter: Matter) -> None:
        spans = room.spans(command)
        if Role.OPERATOR not in actor.roles and spans[0][0] <= matter.act.recorded_at:
            raise RuleBroken(Rule.SLOT_PAST, at=told(spans[0][0]))
        new = []
        for starts_at, ends_at in spans:
            there = self._timetable.of(room.id, starts_at, ends_at)
            if [(slot.starts_at, slot.ends_at) for slot in there] == [(starts_at, ends_at)]:
                continue
            if there:
                raise RuleBroken(Rule.SLOT_OVERLAPS, at=told(starts_at), other=told(there[0].starts_at))
            new.append((starts_at, ends_at))
        seats = min(command.seats or room.seats, room.seats)
        self._load([slot_id_of(room.id, span[0]) for span in new], matter)
        for span in new:
            id_ = slot_id_of(room.id, span[0])
            known = matter.streams.get(id_)
            if isinstance(known, Slot):
                known.open_again(span[1], seats, matter.act)
            else:
                matter.streams.begin(Slot.open(room.id, room.unit_id, span, seats, matter.act))
            self._timetable.add(Planned(id_, room.id, *span))
        matter.alongside.rely_on(room)
        self._keep_timetable(matter)

    def _cancel(self, command: CancelSlot, actor: Actor, matter: Matter) -> None:
        slot = _slot(command.slot_id, actor, matter)
        matter.in_care(slot.unit_id, actor)
        if slot.starts_at <= matter.act.recorded_at:
            raise RuleBroken(Rule.SLOT_PAST, at=told(slot.starts_at))
        self._free(slot.cancel(command.reason, "closed", matter.act), matter)
        self._timetable.remove(slot.id)
        self._keep_timetable(matter)

    def _slots_of(self, command: ChangeRoom | CloseRoom, now: datetime | None = None) -> list[Planned]:
        """The slots that it may change: those to come, of a closure those within it."""
        since, until = now or self._since, None
        if isinstance(command, CloseRoom):
            since, until = max(since, start_of_day(command.from_on)), end_of_day(command.to_on)
        slots = [s for s in self._timetable.of(command.room_id, since, until) if s.starts_at >= since]
        if len(slots) > SLOTS_AT_ONCE_MAX:
            raise RuleBroken(Rule.SLOTS_TOO_MANY, slots=len(slots), allowed=SLOTS_AT_ONCE_MAX)
        return slots

    # --- seats -----------------------------------------------------------------------------------

    def look(self, command: BookSeat | MoveSeat, actor: Actor, matter: Matter) -> "Seating":
        """Everything that is looked at before a seat is given. Records nothing. Raises RuleBroken."""
        matter.person_in_care(command.person_id, actor)
        slot = _slot(command.slot_id, actor, matter)
        self._check_room(slot, command.person_id, actor, matter)
        matter.person(command.person_id).present()
        booking = Booking(command.person_id, command.course, command.period, command.half)
        imports = Role.OPERATOR in actor.roles
        before = self._before(command, booking, slot, matter)
        if before is slot:
            return Seating(slot, booking, before, ())
        if before is not None and before.starts_at <= matter.act.recorded_at and not imports:
            raise RuleBroken(Rule.SLOT_PAST, at=told(before.starts_at))
        slot.check_free(booking, None if imports else matter.act.recorded_at)
        leaving = [booking.id] if before else []
        clash = self._engagements.clash(booking.person_id, slot.starts_at, slot.ends_at, leaving)
        if clash is not None:
            raise RuleBroken(
                Rule.PERSON_ENGAGED,
                kind=clash.kind,
                place_id=clash.place_id,
                at=told(clash.starts_at),
                until=told(clash.ends_at),
            )
        return Seating(slot, booking, before, self._yielding(command, slot, matter))

    def _seat(self, command: BookSeat | MoveSeat, actor: Actor, matter: Matter) -> None:
        """Book or move: everything is looked at before anything is recorded."""
        slot, booking, before, despite = self.look(command, actor, matter)
        if before is slot:
            return
        matter.alongside.rely_on(matter.person(command.person_id))
        if before is None:
            slot.book(booking, despite, matter.act)
        else:
            slot.move_here(booking, before, despite, matter.act)
        taken = Engagement(booking.id, booking.person_id, slot.starts_at, slot.ends_at, "slot", slot.id)
        self._engagements.release(booking.id)
        self._engagements.engage([taken])
        self._keep_engagements(matter)

    def held_by(self, command: BookingCommand, now: datetime) -> UUID | None:
        """The slot of the seat that a booking has now, unless it is over."""
        held = self._held(command)
        return held.place_id if held is not None and held.ends_at > now else None

    def _before(
        self, command: BookSeat | MoveSeat, booking: Booking, slot: Slot, matter: Matter
    ) -> Slot | None:
        """The slot that a booking moves from. Raises RuleBroken: there is none, or one too many."""
        held = self._held(command)
        before = matter.streams.get(held.place_id) if held else None
        if held is not None and (not isinstance(before, Slot) or booking.id not in before.taken):
            raise Conflict  # somebody moved it between our two looks
        over = held is not None and held.ends_at <= matter.act.recorded_at
        if isinstance(command, BookSeat):
            if held is not None and held.place_id == slot.id:
                return slot
            if held is not None and not over:
                raise RuleBroken(Rule.SEAT_BOOKED, at=told(held.starts_at))
            return None
        if held is None or over:
            raise RuleBroken(Rule.BOOKING_UNKNOWN)
        assert isinstance(before, Slot)
        return before

    def _check_room(self, slot: Slot, person_id: UUID, actor: Actor, matter: Matter) -> None:
        """A seat is for the people of its prison, and for those whom a manager of the room brings."""
        unit_id = matter.person(person_id).unit_id
        if unit_id not in matter.organisation.at_or_below(slot.unit_id):
            matter.in_care(slot.unit_id, actor)

    def _yielding(self, command: BookSeat | MoveSeat, slot: Slot, matter: Matter) -> tuple[Yielding, ...]:
        """The rules that stand in the way and were set aside. Raises RuleBroken for those that were not."""
        set_aside: list[Yielding] = []
        for check in (self._check_gap, self._check_due):
            try:
                check(command, slot, matter)
            except RuleBroken as broken:
                name = broken.rule.value
                for rule in command.despite:
                    if rule == name:
                        set_aside.append(rule)
                        break
                else:
                    raise
        return tuple(set_aside)

    def _check_gap(self, command: BookSeat | MoveSeat, slot: Slot, matter: Matter) -> None:
        other_id = booking_id_of(command.person_id, command.course, command.period, 3 - command.half)
        for other in self._engagements.of(command.person_id):
            if other.engagement_id == other_id:
                check_gap(command.half, slot.day, local_day(other.starts_at))

    def _check_due(self, command: BookSeat | MoveSeat, slot: Slot, matter: Matter) -> None:
        """The course must be assigned; a due date that has passed is no reason to wait longer."""
        assignment = matter.streams.get(self._assignment(command))
        due_on = assignment.due.present if isinstance(assignment, Assignment) else None
        if due_on is None:
            raise RuleBroken(Rule.ASSIGNMENT_UNKNOWN, course=command.course)
        if local_day(matter.act.recorded_at) <= due_on < slot.day:
            raise RuleBroken(Rule.AFTER_DUE_DATE, due_on=due_on.isoformat(), day=slot.day.isoformat())

    def _release(self, command: ReleaseSeat, actor: Actor, matter: Matter) -> None:
        matter.person_in_care(command.person_id, actor)
        held = self._held(command)
        slot = matter.streams.get(held.place_id) if held else None
        if held is None or not isinstance(slot, Slot):
            raise RuleBroken(Rule.BOOKING_UNKNOWN)
        if command.booking_id not in slot.taken:
            raise Conflict
        if slot.starts_at <= matter.act.recorded_at and Role.OPERATOR not in actor.roles:
            raise RuleBroken(Rule.SLOT_PAST, at=told(slot.starts_at))
        slot.release(command.booking_id, command.cause, matter.act)
        self._free([command.booking_id], matter)

    def _note(self, command: NoteAttendance, actor: Actor, matter: Matter) -> None:
        slot = _slot(command.slot_id, actor, matter)
        if command.booking_id not in slot.taken:
            raise RuleBroken(Rule.BOOKING_UNKNOWN)
        slot.note(command.booking_id, command.came, matter.act)
        held = self._held(command)
        if not command.came and held is not None and held.place_id == slot.id:
            self._free([command.booking_id], matter)
        elif command.came and held is None:  # after a miss: they were taken after all
            self._take_again(slot, command, matter)

    def _take_again(self, slot: Slot, command: NoteAttendance, matter: Matter) -> None:
        """The days between the halves are counted from this one, unless something else was noted for its time."""
        if self._engagements.clash(command.person_id, slot.starts_at, slot.ends_at) is None:
            span = slot.starts_at, slot.ends_at
            taken = Engagement(command.booking_id, command.person_id, *span, "slot", slot.id)
            self._engagements.engage([taken])
            self._keep_engagements(matter)

    # --- what was looked up ----------------------------------------------------------------------

    def _held(self, command: BookingCommand) -> Engagement | None:
        """The seat that a booking has, as this batch has changed it so far."""
        for each in self._engagements.of(command.person_id):
            if each.engagement_id == command.booking_id:
                return each
        return None

    def _assignment(self, command: BookingCommand) -> UUID:
        return assignment_id_of(command.person_id, command.course, command.period)

    def _free(self, bookings: Collection[UUID], matter: Matter) -> None:
        for booking_id in bookings:
            self._engagements.release(booking_id)
        if bookings:
            self._keep_engagements(matter)

    def _keep_engagements(self, matter: Matter) -> None:
        if self._engagements not in matter.streams.also:
            matter.streams.together_with(self._engagements)

    def _keep_timetable(self, matter: Matter) -> None:
        if self._timetable not in matter.streams.also:
            matter.streams.together_with(self._timetable)

    def _load(self, stream_ids: Collection[UUID], matter: Matter) -> None:
        """Load more streams, now that we know which; those that this batch has changed stay as they are."""
        missing = [id_ for id_ in stream_ids if id_ not in matter.streams.loaded]
        matter.streams.loaded.update(self._log.load(missing))

    def _loaded(self, slots: Collection[Planned], matter: Matter) -> list[Slot]:
        self._load([slot.slot_id for slot in slots], matter)
        found = [matter.streams.get(slot.slot_id) for slot in slots]
        return [slot for slot in found if isinstance(slot, Slot)]


def _since(command: RoomCommand) -> datetime:
    """From when on the slots of its room matter to a command."""
    match command:
        case OpenSlots() | CloseRoom():
            return min(start_of_day(command.from_on), datetime.now(UTC))
        case _:
            return datetime.now(UTC)


def _room(room_id: UUID, actor: Actor, matter: Matter) -> Room:
    room = matter.streams.get(room_id)
    if not isinstance(room, Room):
        matter.in_care(None, actor)
        raise RuleBroken(Rule.ROOM_UNKNOWN)
    return room


def _slot(slot_id: UUID, actor: Actor, matter: Matter) -> Slot:
    slot = matter.streams.get(slot_id)
    if not isinstance(slot, Slot):
        matter.in_care(None, actor)
        raise RuleBroken(Rule.SLOT_UNKNOWN)
    return slot
