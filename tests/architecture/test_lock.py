"""The lock is a whole list: what it names is installed without asking what else would be needed."""

import re
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REQUIREMENTS = Path(__file__).parents[2] / "requirements"
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)


def pinned(lock: str) -> dict[str, str]:
    return {canonicalize_name(name): version for name, version in PINNED.findall(lock)}


def missing(lock: dict[str, str]) -> list[str]:
    """What packages of the lock need on this Python and do not find in it, in the version that they ask for."""
    found = []
    for package in distributions():
        if canonicalize_name(package.name) not in lock:
            continue
        for line in package.requires or ():
            needed = Requirement(line)
            if needed.marker is not None and not needed.marker.evaluate({"extra": ""}):
                continue
            version = lock.get(canonicalize_name(needed.name))
            if version is None or not needed.specifier.contains(version, prereleases=True):
                found.append(f"{package.name} needs {needed.name}{needed.specifier}")
    return sorted(found)


@pytest.mark.parametrize("name", ["runtime.lock", "dev.lock"])
def test_what_the_lock_names_needs_nothing_else(name: str) -> None:
    text = (REQUIREMENTS / name).read_text()
    assert missing(pinned(text)) == []
    assert "://" not in text


def test_the_check_notices() -> None:
    lock = pinned((REQUIREMENTS / "dev.lock").read_text())
    del lock["anyio"]
    assert any("anyio" in fault for fault in missing(lock))
