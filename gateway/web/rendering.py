"""Templates in three languages, and what they may say: words, dates, numbers. No I/O after the first use."""

import hashlib
import math
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from babel.dates import (
    format_date,
    format_datetime,
    format_skeleton,
    format_time,
    format_timedelta,
    get_day_names,
)
from babel.numbers import format_decimal, format_percent
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.ext import do as do_extension
from markdown_it import MarkdownIt
from markupsafe import Markup
from pydantic_core import to_json

from gateway.sentences import LANGUAGES
from gateway.times import BRUSSELS
from gateway.web import charts
from gateway.web.catalogue import REGIONS, retold, translations

HERE: Final = Path(__file__).parent
TEMPLATES: Final = HERE / "templates"
STATIC: Final = HERE / "static"

LANGUAGE_NAMES: Final = {"fr": "Français", "nl": "Nederlands", "en": "English", "de": "Deutsch"}
"""Each language by its own name."""

TICKS: Final = {"minute": "HH:mm", "hour": "d MMM HH:mm", "day": "d MMM", "month": "MMM y", "date": "d MMM y"}
"""What is said of a moment on an axis, by the unit between ticks."""


@lru_cache(maxsize=len(LANGUAGES))
def environment(language: str) -> Environment:
    """The templates in one language."""
    region = REGIONS[language]
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", do_extension],
    )
    words = translations(language)
    env.install_gettext_translations(words, newstyle=True)  # type: ignore[attr-defined]
    env.globals.update(
        lang=language,
        language_names=LANGUAGE_NAMES,
        static=static,
        charts=charts,
        new_id=lambda: str(uuid4()),
    )
    env.filters.update(
        retold=lambda fault: retold(words, fault.get("text"), fault.get("params") or {}),
        localised=lambda texts: localised(texts, language),
        markdown=markdown,
        stored=stored,
        day=lambda day: format_date(day, "d MMMM y", region),
        local_day=local_day,
        last_day=lambda until: local_day(until - timedelta(microseconds=1)),
        month=lambda day: format_skeleton("yMMM", day, locale=region),
        brief_day=lambda day: format_date(day, "d MMM y", region),
        begins=lambda at: format_datetime(at.astimezone(BRUSSELS), "EEE d MMM HH:mm", locale=region),
        short_day=lambda day: format_date(day, "short", region),
        moment=lambda at: format_datetime(at.astimezone(BRUSSELS), _moment_pattern(region), locale=region),
        instant=lambda at: at.astimezone(BRUSSELS).isoformat(timespec="microseconds"),
        full_day=lambda day: format_date(day, "EEEE d MMMM y", region),
        day_of_week=lambda day: format_date(day, "EEE d MMM", region),
        dated_weekday=lambda day: format_date(day, "EEE d MMM y", region),
        weekday=lambda number: get_day_names("wide", "stand-alone", region)[number - 1],
        hour=lambda at: format_time(at.astimezone(BRUSSELS), "HH:mm", locale=region),
        clock=lambda at: format_time(at.astimezone(BRUSSELS), "HH:mm:ss", locale=region),
        as_day=lambda text: format_date(date.fromisoformat(text), "d MMMM y", region),
        as_moment=lambda text: format_datetime(
            datetime.fromisoformat(text).astimezone(BRUSSELS), "d MMM y HH:mm", locale=region
        ),
        tick=lambda at, unit: format_datetime(at.astimezone(BRUSSELS), TICKS[unit], locale=region),
        span=lambda delta: format_timedelta(delta, locale=region),
        lapse=lambda delta: lapse(delta, region),
        exact=lambda at: format_datetime(
            at.astimezone(BRUSSELS),
            _moment_pattern(region) + (".SSSSSS" if at.microsecond else ""),
            locale=region,
        ),
        number=lambda number: format_decimal(number, locale=region),
        share=lambda part: format_percent(part, "0 %" if language == "fr" else "0%", region),
    )
    return env


def render(template: str, language: str, values: Mapping[str, Any]) -> str:
    """A template with its values. A value that is missing is an error, never an empty place."""
    return environment(language).get_template(template).render(values)


def localised(texts: Mapping[Any, str] | None, language: str) -> str:
    """A text in this language, or in the first there is."""
    if not texts:
        return ""
    return texts.get(language) or next(iter(texts.values()))


def lapse(delta: timedelta, region: str) -> str:
    """A stretch of time in days, hours or minutes: 40 days are not a month."""
    if abs(delta) >= timedelta(days=1):
        return format_timedelta(delta, "day", threshold=math.inf, locale=region)
    if abs(delta) >= timedelta(hours=1):
        return format_timedelta(delta, "hour", threshold=math.inf, locale=region)
    return format_timedelta(delta, "minute", threshold=math.inf, locale=region)


def _moment_pattern(region: str) -> str:
    return "d MMM y, HH:mm:ss" if region == "en_GB" else "d MMM y HH:mm:ss"


_MARKDOWN: Final = MarkdownIt("commonmark", {"html": False, "typographer": False}).enable("table")
# A wide table is moved sideways on a narrow screen, also by keyboard.
_MARKDOWN.add_render_rule("table_open", lambda *_: '<div class="scroll" tabindex="0"><table>\n')
_MARKDOWN.add_render_rule("table_close", lambda *_: "</table></div>\n")


def markdown(text: str) -> Markup:
    """Course text as HTML. Raw HTML in it is shown as text, and links lead only where the library lets them."""
    return Markup(_MARKDOWN.render(text))  # noqa: S704 - escaped by the renderer, html is off


def stored(event: Mapping[str, Any]) -> Markup:
    """An event as it was told. Within a text quotation marks need no escape, and there are many."""
    return Markup(escape(to_json(event, indent=1).decode(), quote=False))  # noqa: S704


def local_day(at: datetime) -> date:
    """The day in Brussels."""
    return at.astimezone(BRUSSELS).date()


@lru_cache(maxsize=1)
def static_version() -> str:
    """Changes whenever one of the static files does: their addresses may be kept for ever."""
    digest = hashlib.sha256()
    for file in sorted(STATIC.iterdir()):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:12]


def static(name: str) -> str:
    """The address of a static file. Raises ValueError for one that is not there."""
    if not (STATIC / name).is_file():
        raise ValueError(f"there is no static file {name}")
    return f"/static/{static_version()}/{name}"
