"""What tests of scheduling say: who acts, what they ask for, and how it was answered."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from services.backbone.log import StoreAway
from services.contracts.access import Actor, Role
from services.contracts.message import Done, Outcome, Refused
from services.contracts.scheduling import (
    AssignCourse,
    CreateUnit,
    DirectoryEntry,
    RegisterPerson,
    SchedulingCommand,
    assignment_id_of,
)
from services.scheduling.application import Application

COURSE = "recognising"
NEXT_YEAR = (datetime.now(UTC) + timedelta(days=365)).date()


def actor(*roles: Role, person_id: UUID | None = None) -> Actor:
    return Actor(
        person_id=person_id or uuid4(),
        roles=frozenset(roles),
        expires_at=datetime.now(UTC) + timedelta(hours=1),
    )


OPERATOR = actor(Role.OPERATOR)


def told() -> dict[str, object]:
    return {"command_id": uuid4(), "occurred_at": datetime.now(UTC)}


def unit(below: UUID | None = None) -> CreateUnit:
    return CreateUnit(**told(), unit_id=uuid4(), kind="team", name={"fr": "Équipe"}, parent_id=below)


def joining(unit_id: UUID, **of_entry: object) -> RegisterPerson:
    person_id = uuid4()
    entry = {
        "person_id": person_id,
        "given_name": "Ann",
        "family_name": "Peeters",
        "staff_number": person_id.hex,
        "language": "nl",
        **of_entry,
    }
    return RegisterPerson(**told(), entry=DirectoryEntry(**entry), unit_id=unit_id)


def assigning(**to: object) -> AssignCourse:
    return AssignCourse(**{**told(), "course": COURSE, "due_on": NEXT_YEAR, **to})


def done(application: Application, *commands: SchedulingCommand, by: Actor = OPERATOR) -> list[Done]:
    outcomes = application.desk.execute([(by, command) for command in commands])
    assert all(isinstance(outcome, Done) for outcome in outcomes), outcomes
    return outcomes


def refused(application: Application, command: SchedulingCommand, by: Actor = OPERATOR) -> str:
    (outcome,) = application.desk.execute([(by, command)])
    assert isinstance(outcome, Refused), outcome
    return outcome.rule


def events_of(application: Application, stream_id: UUID) -> list[str]:
    rows = application.log.select(
        "SELECT topic FROM stored_events WHERE originator_id = %s ORDER BY originator_version", (stream_id,)
    )
    return [row[0].rsplit(".", 1)[1] for row in rows]


def join(application: Application, unit_id: UUID) -> UUID:
    person = joining(unit_id)
    done(application, person)
    return person.entry.person_id


def assigned(person_id: UUID) -> UUID:
    return assignment_id_of(person_id, COURSE)


def at_once(
    make: Callable[[], Application], requests: list[tuple[Actor, SchedulingCommand]], copies: int = 2
) -> list[Outcome]:
    """Send these commands all at once to several copies of the service, each until it is answered."""
    services = [make() for _ in range(copies)]
    answers: list[Outcome] = []
    start = threading.Barrier(len(requests))

    def send(number: int) -> None:
        start.wait()
        while True:
            try:
                answers.extend(services[number % copies].desk.execute([requests[number]]))
                return
            except StoreAway:  # lost too many races: a client sends the same command again
                continue

    threads = [threading.Thread(target=send, args=(n,)) for n in range(len(requests))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(answers) == len(requests)
    return answers


def interfering(application: Application, rival: Callable[[], None]) -> list[None]:
    """Let `rival` act once, after the next decision and before it is committed."""
    original, interfered = application.log.append, []

    def append_after_the_rival(*args: object, **kwargs: object) -> list[int]:
        if not interfered:
            interfered.append(rival())
        return original(*args, **kwargs)

    application.log.append = append_after_the_rival
    return interfered
