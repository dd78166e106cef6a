"""What messages say, in three languages: templates of plain text, from which the HTML is made.

A template's first line is the subject; a paragraph is a line, a line that begins with "- " an entry of
a list. Whatever is put into a template loses its line breaks, so that no name and no title makes a
paragraph, a list or a header of its own; in the HTML everything is escaped.
"""

import re
from datetime import date, datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, Final, NamedTuple

from babel.dates import format_date, format_datetime, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from services.scheduling.domain.due import LOCAL, local_day

HERE: Final = Path(__file__).parent
TEMPLATES: Final = HERE / "templates"
LOCALE: Final = HERE / "locale"
REGIONS: Final = {"fr": "fr_BE", "nl": "nl_BE", "en": "en_GB"}
"""Whose customs dates follow."""

FALLBACK: Final = "en"

BREAKS: Final = re.compile(r" *[\x00-\x1f\x7f-\x9f\u2028\u2029][ \x00-\x1f\x7f-\x9f\u2028\u2029]*")
"""Whatever a mail program or we could take for the end of a line; spaces that hold words together are none."""


class Text(NamedTuple):
    """A message as people read it."""

    subject: str
    plain: str
    html: str


def language_of(language: str | None) -> str:
    """The language that somebody is written to."""
    return language if language in REGIONS else FALLBACK


def write(kind: str, language: str, values: dict[str, Any], address: str | None) -> Text:
    """A message of this kind; a value that is missing is an error, never an empty place."""
    said = _environment(language).get_template(f"{kind}.txt").render(values)
    subject, *lines = [line.strip() for line in said.splitlines() if line.strip()]
    plain = "\n".join(line if line.startswith("- ") else f"\n{line}" for line in lines).strip() + "\n"
    if address:
        plain += f"\n{address}\n"
    paragraphs: list[str | list[str]] = []
    for line in lines:
        if not line.startswith("- "):
            paragraphs.append(line)
        elif paragraphs and isinstance(paragraphs[-1], list):
            paragraphs[-1].append(line[2:])
        else:
            paragraphs.append([line[2:]])
    page = _environment(language).get_template("letter.html")
    html = page.render(subject=subject, paragraphs=paragraphs, address=address, lang=language)
    return Text(subject, plain, html)


def localised(texts: dict[str, str] | None, language: str) -> str:
    """A text in this language, or in the first there is."""
    return (texts.get(language) or next(iter(texts.values()), "")) if texts else ""


@lru_cache(maxsize=len(REGIONS))
def _environment(language: str) -> Environment:
    region = REGIONS[language]
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"], default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_one_line,
        extensions=["jinja2.ext.i18n"],
    )
    env.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    env.policies["ext.i18n.trimmed"] = True
    env.filters.update(
        day=lambda day: format_date(_day(day), "EEEE d MMMM y", region),
        brief_day=lambda day: format_date(_day(day), "d MMM y", region),
        moment=lambda at: format_datetime(_local(at), "EEEE d MMMM y, HH:mm", locale=region),
        span=lambda day: span(day["starts_at"], day["ends_at"], language),
        clock=lambda at: format_time(_local(at), "HH:mm", locale=region),
    )
    return env


def span(since: datetime, until: datetime, language: str) -> str:
    """A day and its hours, on the clocks here."""
    region = REGIONS[language]
    hours = [format_time(at.astimezone(LOCAL), "HH:mm", locale=region) for at in (since, until)]
    return f"{format_date(since.astimezone(LOCAL), 'EEEE d MMMM y', region)}, {hours[0]}–{hours[1]}"


def _day(day: str | datetime) -> date:
    return local_day(day) if isinstance(day, datetime) else date.fromisoformat(day)


def _local(at: str | datetime) -> datetime:
    return (at if isinstance(at, datetime) else datetime.fromisoformat(at)).astimezone(LOCAL)


def _one_line(value: Any) -> Any:
    """Texts without line breaks; markup stays markup."""
    if isinstance(value, str) and BREAKS.search(value):
        return type(value)(BREAKS.sub(" ", value).strip())
    return value


def translations(language: str) -> NullTranslations:
    """The words of one language; English is the language of the templates themselves."""
    file = LOCALE / f"{language}.po"
    if not file.exists():
        return NullTranslations()
    with file.open("rb") as opened:
        catalog = read_po(opened, locale=REGIONS[language], abort_invalid=True)
    binary = BytesIO()
    write_mo(binary, catalog)
    binary.seek(0)
    return Translations(binary)
