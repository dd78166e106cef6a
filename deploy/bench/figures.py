"""Figures: what was measured, beside its reference and its target."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

ROUNDING = 1e-9
"""So that 0.99 of 100 values are 99 of them, whatever floating point makes of it."""


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of all values do not exceed (nearest rank)."""
    if not values:
        raise ValueError("nothing was measured")
    ordered = sorted(values)
    rank = math.ceil(len(ordered) * share - ROUNDING)
    return ordered[max(rank, 1) - 1]


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure must reach."""

    bound: float
    better: Literal["higher", "lower"]

    def reached(self, value: float) -> bool:
        """Whether a value is good enough; the bound itself is."""
        return value >= self.bound if self.better == "higher" else value <= self.bound

    def __str__(self) -> str:
        return f"{'≥' if self.better == 'higher' else '≤'} {self.bound:,g}"


def at_least(bound: float) -> Target:
    """More is better."""
    return Target(bound, "higher")


def at_most(bound: float) -> Target:
    """Less is better."""
    return Target(bound, "lower")


@dataclass(frozen=True, slots=True)
class Figure:
    """One number. `reference` is another way to do the like, measured in the same run on the same machine."""

    name: str
    value: float
    unit: str
    target: Target | None = None
    reference: float | None = None
    reference_is: str = ""

    @property
    def ratio(self) -> float | None:
        """The figure as a multiple of its reference."""
        return self.value / self.reference if self.reference else None

    @property
    def reached(self) -> bool | None:
        """Whether the target was reached; None without one."""
        return self.target.reached(self.value) if self.target else None

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            **asdict(self),
            "target": str(self.target) if self.target else None,
            "ratio": self.ratio,
            "reached": self.reached,
        }


@dataclass(slots=True)
class Result:
    """What one bench found; `notes` say under which conditions."""

    bench: str
    figures: list[Figure] = field(default_factory=list)
    notes: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {"bench": self.bench, "figures": [f.as_json() for f in self.figures], "notes": self.notes}


def latencies(
    name: str,
    seconds: Sequence[float],
    p50: Target | None,
    p99: Target | None,
    reference_ms: float | None = None,
    reference_is: str = "",
) -> list[Figure]:
    """p50 and p99 in milliseconds."""
    return [
        Figure(f"{name} p50".strip(), percentile(seconds, 0.5) * 1000, "ms", p50, reference_ms, reference_is),
        Figure(f"{name} p99".strip(), percentile(seconds, 0.99) * 1000, "ms", p99),
    ]
