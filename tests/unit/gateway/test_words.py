"""Every page speaks every language: no word is missing, none is left over, and none loses what it shall show."""

import re

import pytest
from babel.messages.catalog import Catalog

from gateway.export.words import STATUSES
from gateway.sentences import LANGUAGES
from gateway.web.catalogue import LOCALE, TRANSLATED, read, retold, translations
from gateway.web.rendering import environment
from tests.unit.gateway.words import file_of, keys, said

SAID = said()
PLACES = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")


def forms(text: object) -> list[str]:
    return (
        [text]
        if isinstance(text, str)
        else [str(each) for each in text]
        if isinstance(text, tuple | list)
        else []
    )


def faults(told: Catalog, catalog: Catalog) -> list[str]:
    found = [f"missing: {key}" for key in sorted(map(str, keys(told) - keys(catalog)))]
    found += [f"left over: {key}" for key in sorted(map(str, keys(catalog) - keys(told)))]
    for message in catalog:
        if not message.id:
            continue
        strings = forms(message.string)
        if not strings or not all(strings) or message.fuzzy:
            found.append(f"not translated: {message.id}")
        wanted = set(PLACES.findall(forms(message.id)[-1]))
        found += [f"other places: {text}" for text in strings if text and set(PLACES.findall(text)) != wanted]
    return found


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize("room", sorted(SAID))
def test_all_is_translated(room: str, language: str) -> None:
    assert faults(SAID[room], read(file_of(language, room), language)) == []


def test_no_catalogue_is_left_over() -> None:
    files = {file.relative_to(LOCALE).as_posix() for file in LOCALE.rglob("*.po")}
    assert files == {f"{language}/{room}.po" for language in TRANSLATED for room in SAID}


def test_what_is_wrong_with_a_folder_is_told_in_the_readers_language() -> None:
    text, params = (
        "The file {name} is missing: add {what}, or correct the page.",
        {"name": "a.webm", "what": "the clip"},
    )
    assert retold(translations("nl"), text, params) == (
        "Het bestand a.webm ontbreekt: voeg het filmpje toe, of verbeter de pagina."
    )
    assert retold(translations("en"), text, params) == (
        "The file a.webm is missing: add the clip, or correct the page."
    )
    for unknown in ("What an older or newer service says.", "", None):
        assert retold(translations("fr"), unknown, {}) is None, "then it is shown as it was told, in English"
    assert retold(translations("fr"), text, {"name": ""}) is None
    assert "{name}" in (retold(translations("fr"), text, {"name": "{name}", "what": "x"}) or "")


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_word_means_one_thing_in_all_rooms(language: str) -> None:
    told: dict[tuple[str | None, str], object] = {}
    for room in SAID:
        for message in read(file_of(language, room), language):
            if message.id:
                key = (message.context, forms(message.id)[0])
                assert told.setdefault(key, message.string) == message.string, f"{room}: {key}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_file_for_a_spreadsheet_says_the_words_of_the_pages(language: str) -> None:
    pieces = environment(language).get_template("components/base.html").make_module({})
    told = {status: pieces.status_word(status).strip().casefold() for status in STATUSES}
    assert told == {status: words[language] for status, words in STATUSES.items()}


def test_the_check_notices() -> None:
    told, catalog = Catalog(locale="fr_BE"), Catalog(locale="fr_BE")
    for words in ("Yes", "No", "%(n)s people"):
        told.add(words)
    catalog.add("Yes", "")
    catalog.add("%(n)s people", "%(m)s personnes")
    catalog.add("Perhaps", "Peut-être")
    assert faults(told, catalog) == [
        "missing: (None, 'No')",
        "left over: (None, 'Perhaps')",
        "not translated: Yes",
        "other places: %(m)s personnes",
    ]


def test_words_are_found_in_the_language() -> None:
    assert translations("fr").gettext("Sign in") == "Se connecter"
    assert translations("nl").gettext("Sign in") == "Aanmelden"
    assert translations("en").gettext("Sign in") == "Sign in"
