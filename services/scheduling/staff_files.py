"""What operators ask about files of HR, each in a transaction of its own."""

from uuid import UUID

from services.backbone.clock import Clock
from services.backbone.transaction import transaction
from services.contracts.access import Actor
from services.contracts.scheduling.staff_imports import (
    ConfirmStaffImport,
    SendStaffFile,
    StaffImport,
    StaffImports,
)
from services.scheduling import staff_imports


class StaffFiles:
    """Takes files in, tells of them, and lets them be confirmed. Raises RuleBroken, StoreAway."""

    def __init__(self, database_url: str, clock: Clock) -> None:
        """Nothing is connected before it is used: that is seldom."""
        self._database_url = database_url
        self._clock = clock

    def receive(self, actor: Actor, sent: SendStaffFile) -> StaffImport:
        """Put a file in line."""
        with transaction(self._database_url) as tx:
            staff_imports.receive(tx, sent, actor.person_id, self._clock())
            return staff_imports.of(tx, sent.import_id)

    def of(self, import_id: UUID) -> StaffImport:
        """How far a file is, and what it would change."""
        with transaction(self._database_url) as tx:
            return staff_imports.of(tx, import_id)

    def newest(self, limit: int) -> StaffImports:
        """The last files."""
        with transaction(self._database_url) as tx:
            return StaffImports(imports=tuple(staff_imports.newest(tx, limit)))

    def confirm(self, actor: Actor, asked: ConfirmStaffImport) -> StaffImport:
        """Have a file applied."""
        with transaction(self._database_url) as tx:
            staff_imports.confirm(tx, asked, actor.person_id)
            return staff_imports.of(tx, asked.import_id)

    def discard(self, import_id: UUID) -> StaffImport:
        """Give a file up."""
        with transaction(self._database_url) as tx:
            staff_imports.discard(tx, import_id, self._clock())
            return staff_imports.of(tx, import_id)
