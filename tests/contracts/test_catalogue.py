"""docs/messages.md says what the contracts say."""

import pytest

from services.contracts import scheduling
from tests.contracts import catalogue
from tests.contracts.golden import all_messages, type_of


def test_the_page_is_what_the_contracts_make_of_it() -> None:
    assert catalogue.FILE.exists(), "python -m tests.contracts.catalogue writes it"
    assert catalogue.FILE.read_text(encoding="utf-8") == catalogue.text(), (
        "the contracts changed: python -m tests.contracts.catalogue writes the page again"
    )


def test_every_event_and_command_stands_on_the_page() -> None:
    page = catalogue.text()
    assert [type_of(kind) for kind in all_messages() if f"`{type_of(kind)}`" not in page] == []


def test_every_message_says_in_a_sentence_what_it_is() -> None:
    for kind in all_messages():
        sentence = catalogue._first_line(kind)
        assert sentence.endswith((".", ";", "?", ":")) and not sentence.startswith("Usage"), kind


def test_a_changed_contract_is_another_page(monkeypatch: pytest.MonkeyPatch) -> None:
    before = catalogue.text()
    monkeypatch.setattr(scheduling.WithdrawPerson, "__doc__", "Somebody left for good.")
    assert catalogue.text() != before
