"""What messages say. `python -m tests.unit.scheduling.mail_words` adds new words to the catalogues."""

import sys
from collections.abc import Iterator

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from services.scheduling.mail.texts import FALLBACK, LOCALE, REGIONS, TEMPLATES

OPTIONS = {"trim_blocks": "true", "lstrip_blocks": "true", "trimmed": "true", "silent": "false"}
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}
TRANSLATED = tuple(language for language in REGIONS if language != FALLBACK)


def said() -> Catalog:
    catalog = Catalog()
    for words in _words():
        catalog.add(words)
    return catalog


def _words() -> Iterator[str | tuple[str, ...]]:
    for template in sorted(file for file in TEMPLATES.iterdir() if file.suffix in (".txt", ".part", ".html")):
        with template.open("rb") as opened:
            for _, words, _, _ in extract(babel_extract, opened, KEYWORDS, (), OPTIONS):
                yield words


def written(language: str) -> Catalog:
    file = LOCALE / f"{language}.po"
    if not file.exists():
        return Catalog(locale=REGIONS[language])
    with file.open("rb") as opened:
        return read_po(opened, locale=REGIONS[language], abort_invalid=True)


def update() -> None:
    for language in TRANSLATED:
        known, catalog = written(language), Catalog(locale=REGIONS[language], header_comment="#", fuzzy=False)
        for message in said():
            if message.id:
                old = known.get(message.id)
                catalog.add(message.id, old.string if old is not None else "")
        with (LOCALE / f"{language}.po").open("wb") as opened:
            write_po(opened, catalog, width=110, omit_header=True, sort_output=True)


if __name__ == "__main__":
    sys.exit(update())
