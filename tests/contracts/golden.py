"""Golden files: what every message and every stored event looked like when it was first published.

`python -m tests.contracts.golden` writes the files that are missing. It never changes one: a new
shape is a new version with an upcaster, and the old file stays for ever.
"""

import importlib
import inspect
import json
import pkgutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from services.backbone.aggregate import Fact
from services.backbone.log import EventMapper, _codec, _topics
from services.contracts import content, progress, reporting, scheduling
from services.contracts.message import Command, Event, Message
from tests.contracts import specimens

HERE = Path(__file__).parent
PUBLISHED = HERE / "golden"
STORED = HERE / "stored"
CONTRACTS = {"content": content, "progress": progress, "scheduling": scheduling, "reporting": reporting}
LOGS = ("content", "progress", "scheduling")
_MAPPER = EventMapper()


def rooms(module: ModuleType) -> list[ModuleType]:
    """The modules in which contracts are written: of a package each of its files, in the order of their names."""
    names = sorted(found.name for found in pkgutil.iter_modules(getattr(module, "__path__", [])))
    return [importlib.import_module(f"{module.__name__}.{name}") for name in names] or [module]


def messages(service: str) -> list[type[Message]]:
    """Events and commands of a service's contracts, in the order in which they stand there."""
    return [
        kind
        for room in rooms(CONTRACTS[service])
        for kind in vars(room).values()
        if inspect.isclass(kind)
        and issubclass(kind, Event | Command)
        and kind.__module__ == room.__name__
        and kind.model_fields["type"].default
        and isinstance(kind.model_fields["type"].default, str)
    ]


def all_messages() -> list[type[Message]]:
    return [kind for service in CONTRACTS for kind in messages(service)]


def type_of(kind: type[Message]) -> str:
    return str(kind.model_fields["type"].default)


def version_of(kind: type[Any]) -> int:
    """The version that a class stands for; a message or event that does not say is of the first."""
    if issubclass(kind, Message):
        return int(kind.model_fields["version"].default) if "version" in kind.model_fields else 1
    return int(getattr(kind, "class_version", 1))


def stored_events() -> list[type[Fact]]:
    """Every class of stored event of the services that keep a log, by topic."""
    for service in LOGS:
        package = importlib.import_module(f"services.{service}.domain")
        for module in pkgutil.iter_modules(getattr(package, "__path__", [])):
            importlib.import_module(f"{package.__name__}.{module.name}")
    topics = sorted(topic for topic in set(_topics(Fact)) if topic.startswith(tuple(f"{s}." for s in LOGS)))
    return [_codec(topic)[0] for topic in topics]


def published_file(kind: type[Message], folder: Path = PUBLISHED) -> Path:
    return folder / f"{type_of(kind)}.v{version_of(kind)}.json"


def stored_file(kind: type[Any], folder: Path = STORED) -> Path:
    return folder / f"{kind.TOPIC}.v{version_of(kind)}.json"


def published_text(kind: type[Message]) -> str:
    """What a message looks like on the wire: its minimal and its full body."""
    least = specimens.minimal(kind).model_dump(mode="json", exclude_unset=True)
    tags = {"type": type_of(kind)} | ({"version": version_of(kind)} if "version" in kind.model_fields else {})
    return _text(tags | least, specimens.full(kind).model_dump(mode="json"))


def stored_text(kind: type[Any]) -> str:
    """What an event looks like in the log: its minimal and its full body."""
    bodies = (_MAPPER.to_stored_event(make(kind)).state for make in (specimens.minimal, specimens.full))
    return _text(*(json.loads(body) for body in bodies))


def _text(least: dict[str, Any], whole: dict[str, Any]) -> str:
    return json.dumps({"minimal": least, "full": whole}, indent=2, ensure_ascii=False) + "\n"


def fault_of(file: Path, text: str) -> str | None:
    """What is wrong with a golden file when a class now looks like `text`; None when nothing is."""
    if not file.exists():
        return f"{file.name} is missing: python -m tests.contracts.golden writes it, once"
    if file.read_text(encoding="utf-8") != text:
        return f"{file.name} no longer fits its class: publish a new version with an upcaster instead"
    return None


def write_missing() -> list[Path]:
    """Write the golden files that do not exist yet; which they are."""
    pages: list[tuple[Path, Callable[[], str]]] = [
        *((published_file(kind), lambda kind=kind: published_text(kind)) for kind in all_messages()),  # type: ignore[misc]
        *((stored_file(kind), lambda kind=kind: stored_text(kind)) for kind in stored_events()),  # type: ignore[misc]
    ]
    missing = [(file, make) for file, make in pages if not file.exists()]
    for file, make in missing:
        file.parent.mkdir(exist_ok=True)
        file.write_text(make(), encoding="utf-8")
    return [file for file, _ in missing]


if __name__ == "__main__":
    for written in write_missing():
        print(f"wrote {written.parent.name}/{written.name}")  # noqa: T201
