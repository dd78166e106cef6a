"""Every setting of every process stands in docs/operations.md."""

import importlib
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import AliasChoices

PARTS = ("services.content", "services.progress", "services.scheduling", "services.reporting", "gateway")
PAGE = Path(__file__).parents[2] / "docs" / "operations.md"
IN_A_TABLE = re.compile(r"^\|.*\|$", re.MULTILINE)


def variables(settings: type[Any]) -> dict[str, str]:
    """The environment variable of each field, by field."""
    prefix = settings.model_config["env_prefix"]
    found = {}
    for name, field in settings.model_fields.items():
        alias = field.validation_alias
        first = alias.choices[0] if isinstance(alias, AliasChoices) else alias
        found[name] = str(first) if first else f"{prefix}{name}".upper()
    return found


def documented(page: str) -> set[str]:
    """Variables named in the tables of a page."""
    return {name for row in IN_A_TABLE.findall(page) for name in re.findall(r"`([A-Z][A-Z_]+)`", row)}


def undocumented(settings: type[Any], page: str) -> list[str]:
    return sorted(set(variables(settings).values()) - documented(page))


def settings_of(part: str) -> type[Any]:
    return importlib.import_module(f"{part}.settings").Settings  # type: ignore[no-any-return]


@pytest.mark.parametrize("part", PARTS)
def test_every_setting_is_documented(part: str) -> None:
    assert undocumented(settings_of(part), PAGE.read_text(encoding="utf-8")) == []


def test_every_documented_setting_exists() -> None:
    """A setting of a part that is gone from the code is gone from the page."""
    prefixes = tuple(f"{part.rpartition('.')[2].upper()}_" for part in PARTS)
    real = {name for part in PARTS for name in variables(settings_of(part)).values()}
    named = {name for name in documented(PAGE.read_text(encoding="utf-8")) if name.startswith(prefixes)}
    assert named - real == set()


@pytest.mark.parametrize("part", PARTS)
def test_every_setting_says_what_it_is_for(part: str) -> None:
    assert [name for name, field in settings_of(part).model_fields.items() if not field.description] == []


def test_a_setting_that_is_not_documented_is_caught() -> None:
    page = PAGE.read_text(encoding="utf-8").replace("`PROGRESS_AMQP_URI`", "its URI")
    assert undocumented(settings_of("services.progress"), page) == ["PROGRESS_AMQP_URI"]
    assert undocumented(settings_of("services.progress"), page + "\nsay `PROGRESS_AMQP_URI`\n") != []
