"""What questions have in common in their query strings."""

from datetime import datetime
from typing import Annotated, TypedDict
from uuid import UUID

from fastapi import Query

from gateway.times import moment, positions
from services.contracts.message import Language, Slug

_MOMENT = (
    r"^(19[9]\d|2[01]\d\d)-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
    r"(T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?(Z|[+-](0\d|1[0-4]):[0-5]\d))?$"
)
_POSITIONS = r"^((content|progress|scheduling):)?\d{1,18}(,(content|progress|scheduling):\d{1,18}){0,2}$"
# In the document only: what does not fit is refused with a sentence of `gateway.times`.

AsOf = Annotated[
    str | None,
    Query(
        max_length=40,
        description="The moment asked about: a date (the end of that day, Europe/Brussels) or an instant with zone",
        examples=["2027-06-30"],
        json_schema_extra={"pattern": _MOMENT},
    ),
]
KnownAt = Annotated[
    str | None,
    Query(
        max_length=40,
        description="The knowledge used: what had been recorded by then; written as `as_of`",
        examples=["2027-06-30T09:00:00+02:00"],
        json_schema_extra={"pattern": _MOMENT},
    ),
]
AtLeast = Annotated[
    str | None,
    Query(
        max_length=100,
        description="Wait (at most 2 s) until this position was read: `123` (of progress) or "
        "`progress:123,scheduling:45`",
        examples=["progress:123"],
        json_schema_extra={"pattern": _POSITIONS},
    ),
]
Lang = Annotated[Language, Query(description="Language of the texts", examples=["fr"])]
Unit = Annotated[UUID, Query(description="The unit; those below it are included")]
Course = Annotated[Slug, Query(description="The course", examples=["radicalisation-awareness"])]


class Times(TypedDict):
    """The fields of `TwoTimes`."""

    as_of: datetime | None
    known_at: datetime | None
    at_least: dict[str, int]


def times(as_of: str | None, known_at: str | None, at_least: str | None) -> Times:
    """The two times of a question, and the positions to wait for. Raises Problem."""
    return {
        "as_of": moment(as_of, "query.as_of"),
        "known_at": moment(known_at, "query.known_at"),
        "at_least": positions(at_least),
    }
