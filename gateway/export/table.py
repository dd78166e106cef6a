"""What a table is: a question, and its answer as lines of cells."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from services.contracts.message import Message

Cell = str | int | date | datetime | None
"""What stands in a cell: a text is never a formula, and a moment is shown in Brussels."""

Words = Mapping[str, str]
"""The same in every language of the pages."""

Told = TypeVar("Told", bound=Message)
Line = TypeVar("Line")


@dataclass(frozen=True)
class Column(Generic[Line]):
    """What a line says under a heading, to whom reads this language. `width` in letters."""

    heading: Words
    cell: Callable[[Line, str], Cell]
    width: int = 12


@dataclass(frozen=True)
class Table(Generic[Told, Line]):
    """What `method` answers, line by line. An answer with a cursor is asked for page by page."""

    name: str
    title: Words
    method: str
    answer: type[Told]
    lines: Callable[[Told], Iterable[Line]]
    columns: tuple[Column[Line], ...]


def in_language(texts: Mapping[Any, str] | None, language: str) -> str:
    """One of the texts: in this language, or else in any."""
    if not texts:
        return ""
    return texts.get(language) or next(iter(texts.values()))


def words(fr: str, nl: str, en: str) -> Words:
    """One meaning in every language of the pages."""
    return {"fr": fr, "nl": nl, "en": en}
