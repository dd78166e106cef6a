"""An exemption: granted from a day, perhaps long ago; revoked; granted again."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from services.backbone.aggregate import Act
from services.contracts.rules import Rule, RuleBroken
from services.contracts.scheduling.exemptions import GrantExemption, exemption_id_of
from services.scheduling.domain import Exemption
from services.scheduling.domain.due import start_of_day
from tests.support.examples import NOON
from tests.support.given import Given

ANN = UUID(int=1)
TODAY = NOON.date()


def act(days: float = 0) -> Act:
    at = NOON + timedelta(days=days)
    return Act(UUID(int=9), uuid4(), at, at)


def granting(since: date = TODAY, **fields: object) -> GrantExemption:
    usual = {"reason": "tested_out", "sentence": "Passed the test of the academy.", "effective_on": since}
    same = {"command_id": uuid4(), "occurred_at": NOON, "person_id": ANN, "course": "recognising"}
    return GrantExemption.model_validate({**same, **usual, **fields})


def given(*past) -> Given:
    return Given(*past, aggregate=Exemption.grant(granting(), act()))


def grants(since: date, days: float = 0, **fields: object):
    return lambda exemption: exemption.grant_again(granting(since, **fields), act(days))


def revokes(days: float):
    return lambda exemption: exemption.revoke("It was another course.", act(days))


def test_it_holds_from_the_beginning_of_its_day_which_may_lie_in_the_past() -> None:
    long_ago = TODAY - timedelta(days=900)
    exemption = Exemption.grant(granting(long_ago), act())
    (event,) = exemption.collect_events()
    assert event.occurred_at == start_of_day(long_ago)
    assert event.timestamp == NOON
    assert exemption.id == exemption_id_of(ANN, "recognising", 1)


def test_it_never_begins_in_the_future() -> None:
    with pytest.raises(RuleBroken, match=Rule.TIME_IN_FUTURE.value):
        Exemption.grant(granting(TODAY + timedelta(days=1)), act())


def test_the_same_once_more_is_nothing_and_another_is_refused() -> None:
    given().when(grants(TODAY)).then_nothing()
    given().when(grants(TODAY, reason="administrative")).then_refused(Rule.EXEMPTION_STANDS)


def test_it_is_revoked_once() -> None:
    given().when(revokes(1)).then(Exemption.Revoked)
    given(revokes(1)).when(revokes(2)).then_refused(Rule.EXEMPTION_UNKNOWN)


def test_after_it_was_revoked_it_is_granted_again_from_then_on_and_not_before() -> None:
    given(revokes(1)).when(grants(TODAY + timedelta(days=3), 3)).then(Exemption.GrantedAgain)
    given(revokes(1)).when(grants(TODAY, 3)).then_refused(Rule.TIME_TOO_OLD)
    again = given(revokes(1)).when(grants(TODAY + timedelta(days=1), 3))
    (event,) = again.then(Exemption.GrantedAgain)
    assert event.occurred_at == (NOON + timedelta(days=1))  # not before it was revoked on the same day
