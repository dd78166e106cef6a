"""How the logs are sealed, as their witness saw it."""

from datetime import datetime

from services.contracts.message import Message


class AskSeals(Message):
    """What was signed about each log, and what does the witness say to it?"""


class FalseNote(Message):
    """A note whose root is not the one of the events that came to the witness: `note` is the proof."""

    note: str
    why: str
    found_at: datetime


class Seal(Message):
    """A log: so many `events` came to the witness, and `note` (signed by the log and by the witness) is the newest.

    Whoever keeps a note can show later whether the log still holds all that it held then.
    """

    origin: str
    events: int
    size: int
    note: str | None
    cosigned_at: datetime | None
    false_note: FalseNote | None


class Seals(Message):
    """All logs."""

    seals: tuple[Seal, ...]
