"""What booking or moving a seat would be answered, slot by slot. The same code looks that looks before it is done."""

from collections.abc import Sequence
from typing import Final, get_args
from uuid import UUID

from services.backbone.aggregate import Act
from services.backbone.clock import Clock
from services.backbone.commands import Streams
from services.backbone.log import Conflict, EventLog, StoreAway
from services.contracts.access import Actor
from services.contracts.rules import RuleBroken
from services.contracts.scheduling.fits import AskFit, Fit, InTheWay, SlotFit
from services.contracts.scheduling.seats import BookSeat, MoveSeat, Yielding
from services.scheduling.decisions.matter import Matter
from services.scheduling.decisions.seats import SeatRoom

TRIES_MAX: Final = 3
"""How often it is looked again when somebody books at the same moment."""

NOBODYS: Final = UUID(int=0)
"""The id of commands that nobody gives."""


def fit_of(log: EventLog, clock: Clock, actor: Actor, asked: AskFit) -> Fit:
    """What each slot would say. Raises RuleBroken(NOT_YOURS), StoreAway."""
    for _ in range(TRIES_MAX):
        try:
            return _fit_of(log, clock, actor, asked)
        except Conflict:
            continue
    raise StoreAway(f"lost {TRIES_MAX} races for one person")


def _fit_of(log: EventLog, clock: Clock, actor: Actor, asked: AskFit) -> Fit:
    now = clock()
    if not asked.slots:
        return Fit(held=None, slots=())
    said = asked.model_dump(exclude={"slots"})
    told = {**said, "command_id": NOBODYS, "occurred_at": now}
    room = SeatRoom(log, [BookSeat(**told, slot_id=asked.slots[0])])
    held = room.held_by(BookSeat(**told, slot_id=asked.slots[0]), now)
    kind = MoveSeat if held is not None else BookSeat
    commands = [kind(**told, slot_id=slot_id) for slot_id in asked.slots]
    wanted = {stream for command in commands for stream in room.streams(actor, command)}
    matter = Matter(Streams(log.load(wanted)), Act(actor.person_id, NOBODYS, now, now))
    try:
        matter.person_in_care(asked.person_id, actor)
        return Fit(held=held, slots=tuple(_slot_fit(room, actor, command, matter) for command in commands))
    finally:
        log.keep(matter.streams.loaded.values())


def _slot_fit(room: SeatRoom, actor: Actor, command: BookSeat | MoveSeat, matter: Matter) -> SlotFit:
    in_the_way: list[RuleBroken] = []
    despite: list[Yielding] = []
    possible = True
    while True:
        try:
            room.look(command.model_copy(update={"despite": tuple(despite)}), actor, matter)
        except RuleBroken as broken:
            in_the_way.append(broken)
            name = _yielding(broken, despite)
            if name is not None:
                despite.append(name)
                continue
            possible = False
        return SlotFit(
            slot_id=command.slot_id,
            possible=possible,
            in_the_way=tuple(InTheWay(rule=each.rule.value, params=each.params) for each in in_the_way),
            despite=tuple(despite) if possible else (),
        )


def _yielding(broken: RuleBroken, despite: Sequence[Yielding]) -> Yielding | None:
    """The rule by its name, when it may be set aside and was not yet."""
    for name in get_args(Yielding):
        if name == broken.rule.value and name not in despite:
            return name  # type: ignore[no-any-return]
    return None
