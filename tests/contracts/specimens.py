"""Bodies made from a shape alone: the least that a message may say, and one with everything in it.

The same shape always gives the same body, so that a body kept in a file tells when a shape changed.
"""

import dataclasses
import types
import typing
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin
from uuid import UUID, uuid5

from annotated_types import Ge, Le
from pydantic import AwareDatetime, BaseModel, StringConstraints
from pydantic.fields import FieldInfo

from services.contracts import scheduling
from services.contracts.scheduling import duties

IDS = UUID("7b0f5c1e-0000-4000-8000-000000000000")
MOMENT = datetime(2027, 6, 30, 10, 0, tzinfo=UTC)
LATER = timedelta(days=30)
"""What has an end ends after it begins."""


EITHER_OR: dict[type[Any], tuple[str, str]] = {
    scheduling.AssignCourse: ("person_id", "unit_id"),
    duties.GiveOrder: ("due_on", "after_days"),
}
"""Optional fields of which exactly one is said: the first in the minimal body, the second in the full one."""


def minimal(kind: type[Any]) -> Any:
    """One with its required fields only, and nothing in any list."""
    return _instance(kind, whole=False)


def full(kind: type[Any]) -> Any:
    """One with every field said, and two things in every list."""
    return _instance(kind, whole=True)


def _instance(kind: type[Any], *, whole: bool) -> Any:
    if issubclass(kind, BaseModel):
        said, unsaid = EITHER_OR.get(kind, ("", ""))[:: -1 if whole else 1]
        fields = {
            name: _value(field.annotation, name, whole=True)
            if name == said
            else _of_field(field, name, whole=whole)
            for name, field in kind.model_fields.items()
            if name != unsaid and (name == said or field.is_required() or (whole and not _is_tag(field)))
        }
        return kind(**fields)
    hints = typing.get_type_hints(kind, include_extras=True)
    given = {
        field.name: _value(hints[field.name], field.name, whole=whole)
        for field in dataclasses.fields(kind)
        if whole or (field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING)
    }
    if "originator_topic" in given:
        given["originator_topic"] = kind.TOPIC.rpartition(".")[0]
    return kind(**given)


def _is_tag(field: FieldInfo) -> bool:
    """`type`, `version`, `outcome`: a literal with one value, which is its default."""
    return get_origin(field.annotation) is Literal and len(get_args(field.annotation)) == 1


def _of_field(field: FieldInfo, name: str, *, whole: bool) -> Any:
    return _value(Annotated[field.annotation, *field.metadata, None], name, whole=whole)


def _value(kind: Any, name: str, *, whole: bool) -> Any:
    told: list[Any] = []
    while get_origin(kind) is Annotated:
        kind, *more = get_args(kind)
        told += more
    arguments = get_args(kind)
    origin = get_origin(kind)
    if origin is Literal:
        return arguments[-1 if whole else 0]
    if origin in (Union, types.UnionType):
        if type(None) in arguments and not whole:
            return None
        return _value(next(a for a in arguments if a is not type(None)), name, whole=whole)
    if origin in (tuple, frozenset, list):
        return _several(origin, arguments, name, whole=whole)
    if origin is dict:
        return _pairs(arguments, name, whole=whole)
    if isinstance(kind, type) and (issubclass(kind, BaseModel) or dataclasses.is_dataclass(kind)):
        return _instance(kind, whole=whole)
    return _single(kind, name, told)


def _several(origin: Any, arguments: tuple[Any, ...], name: str, *, whole: bool) -> Any:
    if origin is tuple and arguments[-1] is not Ellipsis:
        return tuple(_value(a, f"{name}-{n}", whole=whole) for n, a in enumerate(arguments, start=1))
    count = 2 if whole else 0
    return origin(_value(arguments[0], f"{name}-{n}", whole=whole) for n in range(1, count + 1))


def _pairs(arguments: tuple[Any, ...], name: str, *, whole: bool) -> dict[Any, Any]:
    keys, values = arguments
    if not whole:
        return {}
    choices = get_args(keys) if get_origin(keys) is Literal else None
    if choices is None:
        choices = [_value(keys, f"{name}-{n}", whole=True) for n in (1, 2)]
    return {key: _value(values, f"{name}-{key}", whole=True) for key in choices}


def _single(kind: Any, name: str, told: list[Any]) -> Any:
    if kind is UUID or isinstance(kind, TypeVar):  # the library leaves the kind of stream ids open
        return uuid5(IDS, name)
    if kind is datetime or kind is AwareDatetime:
        return MOMENT if name in ("occurred_at", "timestamp") else MOMENT + LATER
    if kind is date:
        return MOMENT.date()
    if kind is time:
        return time(18) if name.startswith("closes") else time(8)
    if kind is bool:
        return True
    if kind is int:
        least = max((t.ge for t in _limits(told) if isinstance(t, Ge)), default=1)
        most = min((t.le for t in _limits(told) if isinstance(t, Le)), default=7)
        return max(least, min(most, 7))
    if kind is float:
        return 1.5
    if kind is str:
        patterns = [t.pattern for t in told if isinstance(t, StringConstraints) and t.pattern]
        return "0123456789abcdef" * 4 if any("{64}" in str(p) for p in patterns) else name.replace("_", "-")
    raise TypeError(f"no specimen for {kind!r} in {name}: say here what it looks like")


def _limits(told: list[Any]) -> list[Any]:
    """What `Field(ge=…, le=…)` and `Ge`, `Le` say."""
    return [limit for t in told for limit in (t.metadata if isinstance(t, FieldInfo) else [t])]
