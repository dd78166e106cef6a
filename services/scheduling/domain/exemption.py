"""Somebody need not follow a course for a period. No I/O, no clock, no chance."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from services.backbone.aggregate import Act, Aggregate, Beginning, Fact
from services.contracts.message import Sha256, Slug
from services.contracts.rules import Rule, RuleBroken
from services.contracts.scheduling.exemptions import ExemptionReason, GrantExemption, exemption_id_of
from services.scheduling.domain.due import local_day, start_of_day


class ExemptionFact(Fact):
    """Every fact says whose it is and of what, so that it can be read alone."""

    person_id: UUID
    course: Slug
    period: int


class Grant(ExemptionFact):
    """What being exempt for the first time and once more have in common."""

    reason: ExemptionReason
    sentence: str
    attachment: Sha256 | None

    def apply(self, aggregate: Any) -> None:
        """From then on."""
        aggregate.granted = (self.occurred_at, self.reason, self.sentence, self.attachment)


class Exemption(Aggregate):
    """Granted, perhaps revoked, perhaps granted again: what held when stays readable."""

    TOPIC: ClassVar[str] = "scheduling.Exemption"

    class Granted(Grant, Beginning):
        """For the first time."""

        TOPIC: ClassVar[str] = "scheduling.Exemption.Granted"

    class GrantedAgain(Grant):
        """After it was revoked."""

        TOPIC: ClassVar[str] = "scheduling.Exemption.GrantedAgain"

    class Revoked(ExemptionFact):
        """It holds no more."""

        TOPIC: ClassVar[str] = "scheduling.Exemption.Revoked"
        sentence: str

        def apply(self, aggregate: Any) -> None:
            """From then on."""
            aggregate.granted = None
            aggregate.revoked_at = self.occurred_at

    def __init__(self, person_id: UUID, course: str, period: int) -> None:
        self.about = {"person_id": person_id, "course": course, "period": period}
        self.granted: tuple[datetime, str, str, str | None] | None = None
        self.revoked_at: datetime | None = None

    @classmethod
    def grant(cls, asked: GrantExemption, act: Act) -> "Exemption":
        """Exempt somebody for the first time."""
        act = _effective(asked.effective_on, act)
        about = {"person_id": asked.person_id, "course": asked.course, "period": asked.period}
        id_ = exemption_id_of(asked.person_id, asked.course, asked.period)
        return cls.begin(cls.Granted, id_, act, **about, **_said(asked))

    def grant_again(self, asked: GrantExemption, act: Act) -> None:
        """Exempt them once more, not before it was revoked; the same that stands changes nothing."""
        act = _effective(asked.effective_on, act)
        said = _said(asked)
        if self.granted is not None:
            if self.granted != (act.occurred_at, *said.values()):
                raise RuleBroken(Rule.EXEMPTION_STANDS)
            return
        assert self.revoked_at is not None
        if local_day(act.occurred_at) < local_day(self.revoked_at):
            raise RuleBroken(Rule.TIME_TOO_OLD, since=self.revoked_at.isoformat())
        act = replace(act, occurred_at=max(act.occurred_at, self.revoked_at))
        self.record(self.GrantedAgain, act, **self.about, **said)

    def revoke(self, sentence: str, act: Act) -> None:
        """End it from now on. Raises RuleBroken(EXEMPTION_UNKNOWN) when there is none."""
        if self.granted is None:
            raise RuleBroken(Rule.EXEMPTION_UNKNOWN)
        act = replace(act, occurred_at=max(act.occurred_at, self.granted[0]))
        self.record(self.Revoked, act, **self.about, sentence=sentence)


def _effective(day: date, act: Act) -> Act:
    """It holds from the beginning of a day, today or earlier. Raises RuleBroken."""
    if day > local_day(act.recorded_at):
        raise RuleBroken(Rule.TIME_IN_FUTURE, occurred_at=day.isoformat())
    return replace(act, occurred_at=start_of_day(day))


def _said(asked: GrantExemption) -> dict[str, Any]:
    return {"reason": asked.reason, "sentence": asked.sentence, "attachment": asked.attachment}
