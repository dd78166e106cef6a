"""The moment that a question asks about, the knowledge it uses, and how far the feeds had been read."""

from datetime import datetime

from services.contracts.message import Message, Slug

Positions = dict[Slug, int]
"""How far each feed had been read when an answer was made."""


class TwoTimes(Message):
    """The moment asked about and the knowledge used; `at_least` waits until a feed was read so far."""

    as_of: datetime | None = None
    known_at: datetime | None = None
    at_least: Positions = {}
