"""Brings together a command and what it is about; the aggregates decide. One file a room of this service."""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from services.backbone.aggregate import Act
from services.backbone.commands import Streams
from services.backbone.log import EventLog
from services.contracts.access import Actor
from services.contracts.message import Command
from services.contracts.scheduling import (
    AssignmentCommand,
    DutyCommand,
    ExemptionCommand,
    OrganisationCommand,
    PeopleCommand,
    SchedulingCommand,
)
from services.contracts.scheduling.classes import ClassRoomCommand
from services.contracts.scheduling.seats import SeatCommand
from services.contracts.scheduling.staff_imports import ApplyStaffImport
from services.scheduling.decisions.assignments import AssignmentRoom
from services.scheduling.decisions.classes import ClassRoom
from services.scheduling.decisions.duties import DutyRoom
from services.scheduling.decisions.exemptions import ExemptionRoom
from services.scheduling.decisions.matter import Matter, Room, RoomMaker
from services.scheduling.decisions.organisation import OrganisationRoom
from services.scheduling.decisions.people import PeopleRoom
from services.scheduling.decisions.seats import SeatRoom
from services.scheduling.decisions.staff_imports import StaffImportRoom

ROOMS: Final[dict[tuple[type[Command], ...], RoomMaker]] = {
    OrganisationCommand.__args__: OrganisationRoom,
    PeopleCommand.__args__: PeopleRoom,
    AssignmentCommand.__args__: AssignmentRoom,
    DutyCommand.__args__: DutyRoom,
    ExemptionCommand.__args__: ExemptionRoom,
    SeatCommand.__args__: SeatRoom,
    ClassRoomCommand.__args__: ClassRoom,
    (ApplyStaffImport,): StaffImportRoom,
}
"""Which room decides which commands."""

_ROOM_OF: Final = {kind: kinds for kinds in ROOMS for kind in kinds}


class Decisions:
    """Finds what commands are about and who may give them; the aggregates decide."""

    def __init__(self, log: EventLog) -> None:
        """Look up in the database of `log`."""
        self._log = log

    def prepare(self, requests: Sequence[tuple[Actor, SchedulingCommand]]) -> "Deliberation":
        """The rooms that these commands belong to, each with what it looked up for all of its own."""
        told: dict[tuple[type[Command], ...], list[Command]] = {}
        for _, command in requests:
            told.setdefault(_ROOM_OF[type(command)], []).append(command)
        rooms = {kinds: ROOMS[kinds](self._log, commands) for kinds, commands in told.items()}
        return Deliberation({kind: room for kinds, room in rooms.items() for kind in kinds})


class Deliberation:
    """Decides one batch."""

    def __init__(self, rooms: dict[type[Command], Room]) -> None:
        """Each command by the room of its kind."""
        self._rooms = rooms

    def streams(self, actor: Actor, command: SchedulingCommand) -> Collection[UUID]:
        """What a command may change, first, and what it depends on. Raises RuleBroken."""
        return self._rooms[type(command)].streams(actor, command)

    def decide(self, command: SchedulingCommand, actor: Actor, act: Act, streams: Streams) -> None:
        """Carry out one command, or raise RuleBroken."""
        self._rooms[type(command)].decide(command, actor, Matter(streams, act))
