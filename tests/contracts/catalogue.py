"""docs/messages.md, written from the contracts: `python -m tests.contracts.catalogue` after every change of them."""

import ast
import inspect
import types
import typing
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin
from uuid import UUID

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from services.contracts import message
from services.contracts.access import RPC_ACCESS
from services.contracts.content import CONFIDENTIAL
from services.contracts.message import Command, Event, Message
from tests.contracts.golden import CONTRACTS, messages, rooms, type_of, version_of

FILE = Path(__file__).parents[2] / "docs" / "messages.md"
SHARED = (*(room for module in CONTRACTS.values() for room in rooms(module)), message)

HEAD = """\
# Messages

Everything that services, gateway and clients say to one another, service by service. This page is
written from `services/contracts` by `python -m tests.contracts.catalogue`, and a test compares it;
do not edit it.

A message is frozen and closed: a field that is not named here is an error. Events are facts that a
service offers on its feed; each keeps its place in the stream, who did it, on whose command, and
when it was recorded beside it (`FeedItem`). Commands carry a `command_id` made by the client, and
the same id always gets the same answer. A field with a default may be left out.
"""


def text() -> str:
    """The whole page."""
    return "\n".join([HEAD, *_words(), *(line for service in CONTRACTS for line in _service(service))])


def _words() -> Iterator[str]:
    yield "## Words for values\n"
    for name, (alias, meaning) in _aliases().items():
        yield f"* **{name}** — {meaning or _kind(alias, named=False)}"
    yield "\n## What all share\n"
    for kind in _classes(message):
        yield from _message(kind)


def _service(service: str) -> Iterator[str]:
    module = CONTRACTS[service]
    events = [kind for kind in messages(service) if issubclass(kind, Event)]
    commands = [kind for kind in messages(service) if issubclass(kind, Command)]
    others = [
        kind for room in rooms(module) for kind in _classes(room) if not issubclass(kind, Event | Command)
    ]
    questions = [kind for kind in others if kind.__name__.startswith("Ask") or kind.__name__ == "Rebuild"]
    rest = [kind for kind in others if kind not in questions]
    yield f"## {service}\n"
    yield f"{_first_line(module)}\n"
    calls = ", ".join(f"`{call}`" for call in RPC_ACCESS if call.startswith(f"{service}."))
    yield f"RPC methods: {calls}.\n"
    chapters = {"Events": events, "Commands": commands, "Questions": questions, "Answers and parts": rest}
    for title, kinds in chapters.items():
        if kinds:
            yield f"### {service}: {title.lower()}\n"
        for kind in kinds:
            yield from _message(kind)


def _message(kind: type[BaseModel]) -> Iterator[str]:
    yield f"#### {kind.__name__.partition('[')[0]}\n"
    if issubclass(kind, Event | Command) and isinstance(kind.model_fields["type"].default, str):
        secret = " · confidential: stays among services" if type_of(kind) in CONFIDENTIAL else ""
        version = f" · version {version_of(kind)}" if issubclass(kind, Event) else ""
        yield f"`{type_of(kind)}`{version}{secret}\n"
    yield f"{_first_line(kind)}\n"
    hints = typing.get_type_hints(kind, include_extras=True)
    fields = {name: field for name, field in kind.model_fields.items() if name not in ("type", "version")}
    if fields:
        yield "| field | value | default |"
        yield "| --- | --- | --- |"
        for name, field in fields.items():
            default = "" if field.is_required() else f"`{field.get_default(call_default_factory=True)!r}`"
            yield f"| `{name}` | {_kind(hints[name])} | {default} |"
        yield ""


def _first_line(told: Any) -> str:
    return (inspect.getdoc(told) or "").partition("\n")[0]


def _classes(module: ModuleType) -> list[type[Message]]:
    """The message classes that a module itself defines, in its order; not bases of one purpose."""
    return [
        kind
        for kind in vars(module).values()
        if inspect.isclass(kind)
        and issubclass(kind, Message)
        and kind.__module__ == module.__name__
        and "[" not in kind.__name__
        and not (issubclass(kind, Event | Command) and not isinstance(kind.model_fields["type"].default, str))
        and kind is not Message
    ]


def _aliases() -> dict[str, tuple[Any, str]]:
    """Names of kinds of values in the contract modules, with the sentence below each."""
    found: dict[str, tuple[Any, str]] = {}
    for module in SHARED:
        body = ast.parse(inspect.getsource(module)).body
        for statement, after in zip(body, [*body[1:], ast.Pass()], strict=True):
            if not (isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)):
                continue
            name = statement.targets[0].id
            alias = getattr(module, name)
            if (
                get_origin(alias) is None
                or isinstance(alias, TypeVar)
                or name.endswith(("Event", "Command", "Outcome"))
            ):
                continue
            if name in ("Upcaster",) or isinstance(alias, type):
                continue
            meaning = after.value.value if _is_text(after) else ""  # type: ignore[attr-defined]
            found.setdefault(name, (alias, " ".join(str(meaning).split())))
    return found


def _is_text(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _kind(kind: Any, *, named: bool = True) -> str:
    """A kind of value in words."""
    if named:
        for name, (alias, _) in _ALIASES.items():
            if kind == alias:
                return name
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        limits = _limits(arguments[1:])
        return f"{_kind(arguments[0])}{f' ({limits})' if limits else ''}"
    if origin is Literal:
        return " · ".join(f"`{value}`" for value in arguments)
    if origin in (Union, types.UnionType):
        return " or ".join("none" if a is type(None) else _kind(a) for a in arguments)
    if origin in (tuple, frozenset):
        if origin is tuple and arguments[-1] is not Ellipsis:
            return f"({', '.join(_kind(a) for a in arguments)})"
        return f"list of {_kind(arguments[0])}"
    if origin is dict:
        return f"{_kind(arguments[0])} → {_kind(arguments[1])}"
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return f"[{kind.__name__}](#{kind.__name__.lower()})"
    if isinstance(kind, TypeVar):
        return "as its kind says"
    plain = {
        datetime: "moment",
        date: "day",
        UUID: "UUID",
        str: "text",
        int: "whole number",
        float: "number",
        bool: "true or false",
    }
    return plain.get(kind, getattr(kind, "__name__", str(kind)))


def _limits(told: tuple[Any, ...]) -> str:
    words = {
        Ge: ("at least", "ge"),
        Le: ("at most", "le"),
        MaxLen: ("at most", "max_length"),
        MinLen: ("at least", "min_length"),
    }
    said = []
    for limit in (m for t in told for m in (t.metadata if isinstance(t, FieldInfo) else [t])):
        if type(limit) in words:
            word, attribute = words[type(limit)]
            unit = " long" if attribute.endswith("length") else ""
            said.append(f"{word} {getattr(limit, attribute)}{unit}")
        for attribute, word in (("min_length", "at least"), ("max_length", "at most")):
            if type(limit) not in words and (length := getattr(limit, attribute, None)) is not None:
                said.append(f"{word} {length} long")
    return ", ".join(said)


_ALIASES: dict[str, tuple[Any, str]] = {}
_ALIASES.update(_aliases())


if __name__ == "__main__":
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(text(), encoding="utf-8")
    print(f"wrote {FILE.relative_to(FILE.parents[1])}")  # noqa: T201
