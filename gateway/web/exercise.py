"""An exercise and what somebody made of it. Practice only: the answer travels in the address, and is kept nowhere.

The form of an exercise asks for the same page again (GET), so it works without scripts; with scripts
the page is asked for in the background, and only the exercise is put in its place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from services.contracts.content import ExerciseView

Answers = Sequence[tuple[str, str]]
"""The query of the address, in its order."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """How an exercise is shown: in which order, what was chosen, and whether that is right, once it was checked."""

    exercise: ExerciseView
    checked: bool = False
    solved: bool = False
    unanswered: bool = False
    """It was to be checked, and nothing was answered: then nothing is given away."""
    chosen: frozenset[str] = frozenset()
    order: tuple[dict[str, str], ...] = ()
    rights: tuple[dict[str, str], ...] = ()
    joined: Mapping[str, str] = field(default_factory=dict)
    moved: str | None = None

    def in_place(self, item: dict[str, str]) -> bool:
        """Whether a thing that was ordered stands where it belongs."""
        return self.order.index(item) == self.exercise.items.index(item)


def attempt_at(exercise: ExerciseView, answers: Answers, seed: str) -> Attempt:
    """What an address says of an exercise. What does not fit is passed over, as if it were not there."""
    checked = ("check", "1") in answers
    if exercise.kind == "ordering":
        return _ordered(exercise, answers, checked, seed)
    if exercise.kind == "matching":
        ids = {pair["id"] for pair in exercise.pairs}
        joined = {
            key.removeprefix("pair-"): value
            for key, value in answers
            if key.startswith("pair-") and value in ids
        }
        return Attempt(
            exercise,
            checked=checked and bool(joined),
            solved=checked and all(joined.get(each) == each for each in ids),
            unanswered=checked and not joined,
            rights=tuple(_shuffled(exercise.pairs, seed)),
            joined=joined,
        )
    chosen = frozenset(value for key, value in answers if key == "answer")
    right = frozenset(option["id"] for option in exercise.options if option["right"])
    return Attempt(
        exercise,
        checked=checked and bool(chosen),
        solved=checked and chosen == right,
        unanswered=checked and not chosen,
        chosen=chosen,
    )


def _ordered(exercise: ExerciseView, answers: Answers, checked: bool, seed: str) -> Attempt:
    known = {item["id"]: item for item in exercise.items}
    told = [value for key, value in answers if key == "order"]
    order = [known[id_] for id_ in told] if sorted(told) == sorted(known) else _shuffled(exercise.items, seed)
    moved, _, way = next((value for key, value in answers if key == "move"), "").partition(":")
    if moved in known and not checked:
        place = order.index(known[moved])
        to = min(max(place + {"up": -1, "down": 1}.get(way, 0), 0), len(order) - 1)
        order.insert(to, order.pop(place))
    return Attempt(
        exercise,
        checked=checked,
        solved=checked and order == list(exercise.items),
        order=tuple(order),
        moved=moved if moved in known else None,
    )


def _shuffled(things: Sequence[dict[str, str]], seed: str) -> list[dict[str, str]]:
    """In an order that stays the same for somebody and a page, and is never the right one."""
    order = sorted(things, key=lambda thing: sha256(f"{seed}/{thing['id']}".encode()).digest())
    return order if order != list(things) else [*order[1:], order[0]]
