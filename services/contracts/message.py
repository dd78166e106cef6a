"""The base of every message, and the shapes in which messages travel.

A message is frozen, closed and names itself. Old shapes die at the door: a raw body of an
older version passes through its upcasters before it is validated, so that only the newest
class exists in code.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Final, Generic, Literal, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, StringConstraints

Language = Literal["fr", "nl", "de", "en"]
"""Languages a course or a person may have (ISO 639-1)."""

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
"""A name that people chose once and that never changes: course, module, page, question, option."""

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 digest, lower-case hexadecimal."""

_WRITTEN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
"""No control characters but those that end lines: PostgreSQL keeps no NUL in a text, and a log never forgets one."""

Sentence = Annotated[
    str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True, pattern=_WRITTEN)
]
Localised = dict[Language, Sentence]
"""One text in several languages."""


YEAR_MIN: Final = 1990
YEAR_MAX: Final = 2199
"""Years that a request may name: in any zone, and with the longest validity added, a moment that all can hold."""


def _is_our_time(value: object) -> bool:
    """Whether a time or date, as text or parsed, lies in the years that a request may name."""
    if isinstance(value, date):
        return YEAR_MIN <= value.year <= YEAR_MAX
    return not isinstance(value, str) or str(YEAR_MIN) <= value[:4] <= str(YEAR_MAX)


def _is_no_epoch(value: object) -> object:
    """Refuse numbers as times, also those written as text: an epoch says nothing about the writer's zone."""
    if isinstance(value, int | float) or (isinstance(value, str) and value[4:5] != "-"):
        raise ValueError("a time is written as text with its zone, such as 2027-06-30T09:00:00+02:00")
    if not _is_our_time(value):
        raise ValueError(f"a time is written with a year from {YEAR_MIN} to {YEAR_MAX}")
    return value


def _is_day(value: object) -> object:
    """Refuse numbers and times of day as dates."""
    if isinstance(value, int | float) or (isinstance(value, str) and len(value) != len("2027-06-30")):
        raise ValueError("a date is written as 2027-06-30")
    if not _is_our_time(value):
        raise ValueError(f"a date is written with a year from {YEAR_MIN} to {YEAR_MAX}")
    return value


def _is_whole(value: object) -> object:
    """Refuse texts and truths as numbers."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise ValueError("a number is written without quotes")
    return value


def _is_truth(value: object) -> object:
    """Refuse numbers and texts as truths."""
    if not isinstance(value, bool):
        raise ValueError("write true or false")
    return value


Instant = Annotated[AwareDatetime, BeforeValidator(_is_no_epoch)]
"""A moment with its time zone."""

Day = Annotated[date, BeforeValidator(_is_day)]
"""A calendar day, in Europe/Brussels."""

Whole = Annotated[int, BeforeValidator(_is_whole)]
"""A whole number in a request, written as one."""

Truth = Annotated[bool, BeforeValidator(_is_truth)]
"""True or false in a request, written so."""


class Message(BaseModel):
    """Frozen, closed; a field that is not declared is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Event(Message):
    """A fact as other services may know it; each kind has a literal `type` and `version`."""

    type: str
    version: int
    occurred_at: datetime


class Command(Message):
    """A request to change. `command_id` is made by the client; sending it twice is sending it once."""

    NOT_COMPARED: ClassVar[dict[str, Any]] = {"occurred_at": True}
    """What may differ between two sends of one command: the moment, for a client that writes it anew."""

    command_id: UUID
    type: str
    occurred_at: Instant

    def told(self) -> str:
        """What a repetition must say again, as JSON; nothing personal, since its digest is kept for ever."""
        return self.model_dump_json(exclude=self.NOT_COMPARED)


E_co = TypeVar("E_co", covariant=True)


class FeedItem(Message, Generic[E_co]):
    """One public event at its place in a feed.

    `recorded_at` is when we wrote it down, `event.occurred_at` when it took effect; `digest` is
    the SHA-256 of the stored bytes, whatever later releases make of them. `topic` is what the service
    itself calls this kind of event; with it, whoever reads a feed can hash what the log is sealed with.
    """

    position: int
    stream_id: UUID
    stream_version: int
    recorded_at: datetime
    actor: UUID
    command_id: UUID
    topic: str
    digest: Sha256
    event: E_co


class Unseen(Message):
    """A private event at its place in a feed: that it is there, and the digest of its stored bytes."""

    position: int
    stream_id: UUID
    stream_version: int
    topic: str
    digest: Sha256


class FeedPage(Message, Generic[E_co]):
    """Some items in order, and between them those that are `unseen`. `position` is how far the reader has now come.

    It is said first, so that the next page can be asked for before this one is looked at.
    """

    feed: Slug
    position: int
    head: int
    items: tuple[FeedItem[E_co], ...]
    unseen: tuple[Unseen, ...] = ()


class ReadNotes(Message):
    """Ask for the notes that were signed over more than so many events, oldest first."""

    after: Whole


class Notes(Message):
    """Signed notes (C2SP tlog-checkpoint) about one log."""

    notes: tuple[str, ...]


class ReadFeed(Message):
    """Ask for the items after a position."""

    after: int
    limit: int


Body = TypeVar("Body")


class Signed(Message, Generic[Body]):
    """A command or question with the token of who asks; the service verifies it, the broker cannot forge it."""

    token: str
    correlation_id: UUID
    body: Body


class Batch(Message, Generic[Body]):
    """Commands of several people that travel, and commit, together; each has its own answer."""

    items: tuple[Signed[Body], ...]


class Done(Message):
    """The command's effect stands. `duplicate` says that it already stood: this is the first answer again."""

    outcome: Literal["accepted", "duplicate"]
    command_id: UUID
    position: int


class Refused(Message):
    """The command has no effect, and which rule stood in its way (see `contracts.rules`)."""

    outcome: Literal["refused"] = "refused"
    command_id: UUID
    rule: str
    params: dict[str, str] = {}


Outcome = Done | Refused


class Outcomes(Message):
    """One answer for each command of a batch, in its order."""

    outcomes: tuple[Outcome, ...]


class Problem(Message):
    """Why a question could not be answered, or a batch not be taken; `rule` as in `contracts.rules`."""

    rule: str
    params: dict[str, str] = {}


Answer = TypeVar("Answer")


class Reply(Message, Generic[Answer]):
    """What every RPC method returns: an answer or a problem, never both."""

    answer: Answer | None = None
    problem: Problem | None = None


Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
UPCASTERS: dict[tuple[str, int], Upcaster] = {}
"""(type, version) → the step to version + 1, on the raw body."""


def upcaster(type_: str, version: int) -> Callable[[Upcaster], Upcaster]:
    """Register the step that takes a raw body of `type_` from `version` to the next."""

    def register(step: Upcaster) -> Upcaster:
        UPCASTERS[type_, version] = step
        return step

    return register


def upcast(body: dict[str, Any]) -> dict[str, Any]:
    """The raw body in its newest version; unchanged when it has no older one."""
    while step := UPCASTERS.get((body.get("type", ""), body.get("version", 0))):
        body = {**step(body), "version": body["version"] + 1}
    return body
