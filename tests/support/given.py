"""Given, when, then, for aggregates: the past, one decision, and what it recorded or which rule refused it."""

from collections.abc import Callable
from typing import Any

from services.backbone.aggregate import Aggregate, Fact
from services.contracts.rules import Rule, RuleBroken


class Given:
    """An aggregate after its past."""

    def __init__(self, *past: Callable[[Any], None], aggregate: Aggregate) -> None:
        self.aggregate = aggregate
        for decision in past:
            decision(aggregate)
        aggregate.collect_events()
        self._broken: Rule | None = None
        self._events: list[Fact] = []

    def when(self, decision: Callable[[Any], None]) -> "Given":
        """Let the aggregate decide."""
        try:
            decision(self.aggregate)
        except RuleBroken as broken:
            self._broken = broken.rule
        self._events = list(self.aggregate.collect_events())  # type: ignore[arg-type]
        return self

    def then(self, *kinds: type[Fact]) -> list[Fact]:
        """These events were recorded, in this order, and nothing else."""
        assert self._broken is None, f"refused by {self._broken}"
        assert [type(e) for e in self._events] == list(kinds)
        return self._events

    def then_nothing(self) -> None:
        """Accepted, and nothing had to be recorded: it stood already."""
        self.then()

    def then_refused(self, rule: Rule) -> None:
        """Refused by this rule, and nothing was recorded."""
        assert self._broken == rule, f"not refused by {rule}: {self._broken}, {self._events}"
        assert self._events == []
