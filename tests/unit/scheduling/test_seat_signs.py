"""Signs of a learner are kept by the quarter of an hour, in whatever zone their clock was set."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from services.scheduling.policies.seats import quarter_of

INDIA = timezone(timedelta(hours=5, minutes=30))
NEPAL = timezone(timedelta(hours=5, minutes=45))


@pytest.mark.parametrize("zone", [UTC, INDIA, NEPAL, timezone(-timedelta(hours=3, minutes=30))])
@pytest.mark.parametrize("minute", [0, 14, 15, 40, 59])
def test_a_quarter_is_the_same_in_every_zone(zone: timezone, minute: int) -> None:
    moment = datetime(2026, 3, 1, 10, minute, 59, tzinfo=UTC)
    assert quarter_of(moment.astimezone(zone)) == datetime(2026, 3, 1, 10, minute // 15 * 15, tzinfo=UTC)
