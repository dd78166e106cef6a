"""The words of the pages in fr and nl: gettext catalogues, one file per room, read when the gateway starts.

English is the language of the templates themselves. A room's catalogue (`locale/fr/learner.po`) holds
what its templates and its module say; what several rooms say stands in `common.po`.
"""

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from gateway.sentences import LANGUAGES

LOCALE: Final = Path(__file__).parent / "locale"
WRITTEN_IN: Final = "en"
TRANSLATED: Final = tuple(language for language in LANGUAGES if language != WRITTEN_IN)
REGIONS: Final = {"fr": "fr_BE", "nl": "nl_BE", "en": "en_GB"}
"""Whose customs dates and numbers follow."""


def translations(language: str) -> NullTranslations:
    """All rooms' words in one language."""
    if language == WRITTEN_IN:
        return NullTranslations()
    whole = Catalog(locale=REGIONS[language])
    for file in sorted((LOCALE / language).glob("*.po")):
        for message in read(file, language):
            if message.id:
                whole.add(message.id, message.string, context=message.context)
    binary = BytesIO()
    write_mo(binary, whole)
    binary.seek(0)
    return Translations(binary)


def retold(words: NullTranslations, text: str | None, params: Mapping[str, str]) -> str | None:
    """A sentence of a service, told in English with {places}, in the language of `words`; None when it is not known.

    What fills it may be words of ours too ("the clip"), and is said in the same language then.
    """
    said = words.gettext(text) if text else ""
    if not said or (said == text and isinstance(words, Translations)):
        return None
    told = {name: words.gettext(value) if value else value for name, value in params.items()}
    try:
        return said.format_map(told)
    except (KeyError, ValueError, IndexError):
        return None


def read(file: Path, language: str) -> Catalog:
    """One room's words."""
    with file.open("rb") as opened:
        return read_po(opened, locale=REGIONS[language], abort_invalid=True)
