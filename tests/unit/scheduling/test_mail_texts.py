"""What messages say: in three languages, with nothing of anybody's becoming more than a word in them."""

from datetime import datetime

import pytest

from services.scheduling.mail.texts import REGIONS, TEMPLATES, language_of, write
from tests.unit.scheduling.mail_words import TRANSLATED, said, written

NASTY = '<img src=x onerror=alert(1)> "&\r\nBcc: all@example.org\n- an entry'
VALUES = {
    "name": "Ann",
    "course": "Reconnaître",
    "due_on": "2028-02-29",
    "days": 7,
    "passed": False,
    "half": 1,
    "starts_at": "2026-10-25T00:30:00+00:00",
    "ends_at": "2026-10-25T02:30:00+00:00",
    "place": "Salle 1, Andenne",
    "cause": "closed",
    "dates": [
        {
            "starts_at": datetime.fromisoformat("2026-10-25T08:00:00+00:00"),
            "ends_at": datetime.fromisoformat("2026-10-25T15:00:00+00:00"),
        }
    ],
    "spoken": "nl",
    "state": "seated",
    "had": "seated",
    "attached": True,
    "until": datetime.fromisoformat("2026-10-20T08:00:00+00:00"),
    "reason": "Formateur malade",
    "total": 2,
    "more": 1,
    "lines": [
        {"person": "Bo B", "unit": "A", "course": "C", "due_on": "2026-01-01", "is_new": True},
        {"person": "Cy C", "unit": "A", "course": "C", "due_on": "2026-01-01", "is_new": False},
    ],
}
KINDS = sorted(file.stem for file in TEMPLATES.glob("*.txt"))


@pytest.mark.parametrize("language", TRANSLATED)
def test_everything_is_translated_and_nothing_else(language: str) -> None:
    there = {str(m.id): m.string for m in written(language) if m.id}
    assert set(there) == {str(m.id) for m in said() if m.id}
    assert [id_ for id_, text in there.items() if not (all(text) if isinstance(text, tuple) else text)] == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", list(REGIONS))
def test_text_and_html_say_the_same(kind: str, language: str) -> None:
    text = write(kind, language, VALUES, "https://parcours.example/")
    assert text.subject
    for line in text.plain.splitlines():
        assert line.removeprefix("- ").replace("’", "&#39;")[:9] in text.html.replace("’", "&#39;")


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_put_in_makes_no_line_no_header_and_no_markup_of_its_own(kind: str) -> None:
    nasty = {
        name: NASTY if name in ("name", "course", "place", "reason") else value
        for name, value in VALUES.items()
    }
    nasty["lines"] = [{**line, "person": NASTY, "unit": NASTY, "course": NASTY} for line in VALUES["lines"]]
    plain, text = write(kind, "fr", VALUES, None), write(kind, "fr", nasty, None)
    assert "\n" not in text.subject
    assert "\r" not in text.subject
    assert text.plain.count("\n") == plain.plain.count("\n")
    assert "<img" not in text.html
    assert text.html.count("<") == plain.html.count("<")


def test_days_and_times_are_those_of_brussels_also_when_clocks_change() -> None:
    assert "2:30" in write("booked", "fr", VALUES, None).plain  # summer time, and an hour later winter time
    assert "tot 03:30" in write("booked", "nl", VALUES, None).plain
    assert "29 février 2028" in write("assigned", "fr", VALUES, None).plain


def test_somebody_with_another_language_is_written_to_in_english() -> None:
    assert language_of("de") == "en"
    assert write("overdue", language_of(None), VALUES, None).subject == "Overdue: Reconnaître"


@pytest.mark.parametrize("language", list(REGIONS))
@pytest.mark.parametrize(
    ("cause", "had", "attached"),
    [("cancelled", "asked", False), ("lapsed", "offered", False), ("withdrawn", "seated", True)],
)
def test_only_who_had_a_seat_has_a_change_for_their_calendar(
    language: str, cause: str, had: str, attached: bool
) -> None:
    said = write(
        "class_ended", language, {**VALUES, "cause": cause, "had": had, "attached": attached}, None
    ).plain
    calendar = {"fr": "calendrier", "nl": "agenda", "en": "calendar"}[language]
    assert (calendar in said) is attached
    assert "25 oktober 2026" in said if language == "nl" else "25 oct" in said.lower()


def test_why_a_request_was_refused_is_said_and_is_one_line() -> None:
    assert "Formateur malade" in write("class_refused", "fr", VALUES, None).plain


@pytest.mark.parametrize(
    "end", ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]
)
def test_whatever_ends_a_line_ends_none_of_ours(end: str) -> None:
    plain = write("assigned", "fr", VALUES, None)
    said = write("assigned", "fr", {**VALUES, "course": f"Reconnaître{end}{end} - la suite"}, None)
    assert len(said.plain.splitlines()) == len(plain.plain.splitlines())
    assert len(said.subject.splitlines()) == 1
    assert "Reconnaître - la suite" in said.subject


def test_spaces_that_hold_words_together_stay() -> None:
    assert "«\u00a0Reconnaître\u00a0»" in write("assigned", "fr", VALUES, None).plain
