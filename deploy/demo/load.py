"""Loads the demo into a running stack, through the public API: accounts, organisation, course."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from deploy.api import Person
from deploy.demo import organisation
from deploy.demo.people import DEMO_PASSWORD, Learner, three_learners
from deploy.demo.story import Cast
from deploy.local.stack import Stack
from gateway.accounts import add_account
from services.content.source import read, zip_folder
from services.contracts.access import Role

COURSE_FOLDER = Path(__file__).parent / "course"
COMMANDS_EACH = 100


def load(stack: Stack) -> None:
    """Make the demo's accounts, organisation and course. Loading twice is loading once."""
    for user_name, person_id, roles in organisation.accounts():
        open_account(stack, user_name, person_id, roles)
    operator = Person(stack.gateway_url, "operator", DEMO_PASSWORD)
    commands = [command.model_dump(mode="json") for command in organisation.commands()]
    for start in range(0, len(commands), COMMANDS_EACH):
        results = operator.post(
            "/organisation/commands", {"commands": commands[start : start + COMMANDS_EACH]}
        )
        if refused := [r for r in results["results"] if r["outcome"] == "refused"]:
            raise RuntimeError(f"the demo's organisation was refused: {refused[0]['sentence']}")
    publish(stack, "centre.noord", DEMO_PASSWORD, COURSE_FOLDER)


def what_to_try(stack: Stack) -> list[str]:
    """What to tell people when the stack is up: where, as whom, and what to begin with."""
    accounts = ", ".join(user for user, _, _ in organisation.accounts())
    return [
        f"Open {stack.gateway_url} in a browser and sign in (the API's documentation: {stack.gateway_url}/docs)",
        f"Demo accounts (password {DEMO_PASSWORD}): {accounts}",
        "Try: a course as learner.a, who needs attention as manager.valclair, /audit as auditor",
        "     ./parcours demo            the main job, played through the API and told as a story",
        "     ./parcours demo load       a simulated service: 35 prisons, 12,000 people, two years of training",
        "     ./parcours history PERSON  one person's history, event by event; the demo ends with an id",
        "     ./parcours mail            what was sent by e-mail; nothing leaves this machine",
        "     ./parcours rebuild         every read model rebuilt beside the live one, with proof",
    ]


def publish(stack: Stack, user: str, password: str, folder: Path) -> dict[str, object]:
    """Zip a course folder and publish it as somebody of a training centre."""
    with tempfile.TemporaryDirectory() as name:
        packed = Path(name) / "course.zip"
        zip_folder(folder, packed)
        answer: dict[str, object] = Person(stack.gateway_url, user, password).upload(
            "/courses", packed.read_bytes(), "application/zip"
        )
        return answer


def open_account(stack: Stack, user_name: str, person_id: UUID, roles: Sequence[Role]) -> None:
    """An account with the demo's password."""
    environment = stack.environment()
    add_account(
        environment["GATEWAY_OWNER_DATABASE_URL"],
        bytes.fromhex(environment["GATEWAY_LOGIN_KEY"]),
        user_name,
        DEMO_PASSWORD,
        person_id,
        roles,
    )


def cast_of(stack: Stack, course_zip: Path) -> Cast:
    """Three new learners in the demo's first prison, and a packed course."""
    zip_folder(COURSE_FOLDER, course_zip)

    def opener(learner: Learner) -> None:
        open_account(stack, learner.user_name, learner.person_id, [Role.LEARNER])

    return Cast(
        three_learners(), str(organisation.PRISON_1), read(COURSE_FOLDER).manifest.course, course_zip, opener
    )
