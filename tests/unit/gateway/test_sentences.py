"""A sentence for every rule and problem, in every language, that says nothing the services do not tell."""

import ast
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest

from gateway.errors import OWN_STATUS
from gateway.sentences import LANGUAGES, SENTENCES, language_of, sentence
from services.contracts.rules import Rule
from services.contracts.scheduling.staff_imports import StaffFaultKind

SERVICES = Path(__file__).parents[3] / "services"
OWN_PARAMS = {
    "malformed": {"place", "sentence"},
    "too-large": {"bytes"},
    "unsupported-media-type": {"expected"},
    "internal": {"correlation_id"},
}


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def params_given() -> dict[str, list[set[str]]]:
    """Rule → the params with which services raise it, place by place."""
    found: dict[str, list[set[str]]] = {}
    for file in SERVICES.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "RuleBroken" and node.args:
                rule = node.args[0]
                if isinstance(rule, ast.Attribute) and hasattr(Rule, rule.attr):
                    given = {keyword.arg for keyword in node.keywords if keyword.arg}
                    found.setdefault(Rule[rule.attr].value, []).append(given)
    return found


@pytest.mark.parametrize("key", [*(rule.value for rule in Rule), *OWN_STATUS])
def test_there_is_a_sentence_in_every_language(key: str) -> None:
    assert set(SENTENCES[key]) == set(LANGUAGES)
    for text in SENTENCES[key].values():
        assert text[0].isupper() or text[0] == "{"
        assert text[-1] in ".}"


def test_no_sentence_is_left_over() -> None:
    known = {*(rule.value for rule in Rule), *OWN_STATUS}
    assert {
        key for key in SENTENCES if key not in known and not key.startswith(("value-", "fault-"))
    } == set()


def test_every_fault_of_a_file_of_hr_has_a_sentence_and_no_other() -> None:
    faults = {f"fault-{kind}" for kind in get_args(StaffFaultKind)}
    assert {key for key in SENTENCES if key.startswith("fault-")} == faults
    assert all(set(SENTENCES[key]) == set(LANGUAGES) for key in faults)


@pytest.mark.parametrize("key", list(SENTENCES))
def test_the_languages_have_the_same_places(key: str) -> None:
    assert len({frozenset(places(text)) for text in SENTENCES[key].values()}) == 1


def test_places_are_filled_wherever_a_service_raises_the_rule() -> None:
    given = params_given()
    assert given, "the services are not where this test looks"
    for rule in Rule:
        wanted = places(SENTENCES[rule.value]["en"])
        for params in given.get(rule.value, []):
            assert wanted <= params, f"{rule.value}: raised with {params or 'nothing'}, says {wanted}"


@pytest.mark.parametrize("key", list(OWN_STATUS))
def test_the_gateways_own_places_are_filled(key: str) -> None:
    assert places(SENTENCES[key]["en"]) <= OWN_PARAMS.get(key, set())


def test_a_place_without_a_value_does_not_fail() -> None:
    assert "…" in sentence("module-out-of-order", "fr")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("nl-BE,nl;q=0.9,fr;q=0.8", "nl"),
        ("de,fr;q=0.5,en;q=0.4", "fr"),
        ("fr;q=0.2,nl;q=0.7", "nl"),
        ("fr;q=high,nl", "nl"),
        ("*", "en"),
        ("fr;q=0", "en"),
        ("x" * 10_000, "en"),
    ],
)
def test_the_reader_is_answered_in_their_language(header: str, language: str) -> None:
    assert language_of(header) == language
