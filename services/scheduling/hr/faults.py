"""What is wrong with a file, by line and column: all of it, and of very much the first."""

from typing import Final

from services.contracts.scheduling.staff_imports import StaffFault, StaffFaultKind

LISTED_MAX: Final = 100
"""Faults that are listed; the others are counted."""


class Faults:
    """Faults in the order in which they were found."""

    def __init__(self) -> None:
        self.listed: list[StaffFault] = []
        self.total = 0

    def add(
        self, kind: StaffFaultKind, line: int | None = None, column: str | None = None, **params: object
    ) -> None:
        """One more. `params` fill its sentence; never anything that is said of a person."""
        self.total += 1
        if len(self.listed) < LISTED_MAX:
            said = {name: str(value) for name, value in params.items()}
            self.listed.append(StaffFault(kind=kind, line=line, column=column, params=said))

    def __bool__(self) -> bool:
        """Whether there are any."""
        return self.total > 0
