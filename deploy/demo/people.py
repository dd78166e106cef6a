"""Who signs in during the demo: the accounts of the organisation, and three new learners for each telling."""

from dataclasses import dataclass
from uuid import UUID, uuid4

DEMO_PASSWORD = "wachtwoord-mot-de-passe"  # noqa: S105 - printed for everybody who tries the demo
"""The one password of all demo accounts. A demo only: real accounts come from the organisation's sign-on."""


@dataclass(frozen=True)
class Learner:
    """Somebody of the story: a new person for each telling, so that every telling starts afresh."""

    letter: str
    given_name: str
    family_name: str
    language: str
    person_id: UUID
    user_name: str
    staff_number: str

    @property
    def name(self) -> str:
        """As one says it."""
        return f"{self.given_name} {self.family_name}"


def three_learners() -> tuple[Learner, Learner, Learner]:
    """A who passes, B who stops in the middle, C who never starts."""
    telling = uuid4().hex[:6]

    def learner(letter: str, given: str, family: str, language: str) -> Learner:
        return Learner(
            letter, given, family, language, uuid4(), f"{letter.lower()}-{telling}", f"D{telling}{letter}"
        )

    return (
        learner("A", "Amélie", "Verstraete", "fr"),
        learner("B", "Bram", "Lejeune", "nl"),
        learner("C", "Chantal", "De Wilde", "fr"),
    )
