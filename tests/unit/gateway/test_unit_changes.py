"""What a form about a unit says is taken as it was meant, or asked about."""

from datetime import UTC, datetime

from gateway.web.unit_changes import Draft

NOW = datetime(2026, 5, 4, 10, tzinfo=UTC)


def test_a_last_day_said_together_with_at_once_is_asked_about() -> None:
    draft = Draft({"ends": "now", "until_on": "2026-06-30"}, NOW)
    draft.end()
    assert draft.wrong == {"until_on": "unclear"}


def test_a_term_ends_at_once_or_when_its_last_day_is_over() -> None:
    at_once, with_a_day = (
        Draft({"ends": "now"}, NOW),
        Draft({"ends": "day", "until_on": "2026-06-30"}, NOW),
    )
    assert at_once.end() == NOW
    assert with_a_day.end() == datetime(2026, 6, 30, 22, tzinfo=UTC)
    assert at_once.wrong == with_a_day.wrong == {}
