"""A whole prison service with two years behind it: simulated, seeded, and added to the demo's small one.

35 prisons, 12,000 people and their training. It is made through the domain code and written into the
logs with the times at which it would have been recorded: the public API rightly refuses to write in
the past. No place and no person is real.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final
from unicodedata import combining, normalize
from uuid import UUID, uuid5

from deploy.demo import organisation
from deploy.demo.load import COURSE_FOLDER, open_account
from deploy.local.stack import Stack
from deploy.simulation import training
from deploy.simulation.log_writer import LogWriter
from deploy.simulation.organisation import OrganisationMaker, Unit
from deploy.simulation.training import Scale
from deploy.telling import Telling
from services.backbone.log import EventLog
from services.content.source import read
from services.contracts.access import Role
from services.contracts.message import Language, Localised
from services.contracts.scheduling import UnitKind
from services.scheduling.domain import ORGANISATION, Organisation

SEED: Final = 2024
YEARS: Final = timedelta(days=730)
STEPS_EACH: Final = 42
"""Steps of training a person: about six in ten have finished then, and some have not begun."""

TEAMS_EACH: Final = 6
FIRST_VERSION: Final = 1
DIRECTION: Final = "direction"
"""The account of somebody who is responsible for the whole service."""

DIRECTOR: Final = uuid5(organisation.DEMO, f"person/{DIRECTION}")

SOUTH: Final = (
    *("Bois-Mairin", "Clairfontenelle", "Grand-Verdier", "Hautecombelle", "La Brisée", "Malpertelle"),
    *("Montrivage", "Pont-à-Ligneux", "Prés-Cornus", "Rivelaine", "Sart-Belleau", "Trois-Fosses"),
    *("Val-Dormant", "Vieux-Corteil", "Aubrelle", "Longue-Sente"),
)
NORTH: Final = (
    *("Bremersvelde", "Dennenkouter", "Grachtenhove", "Hazelbeemd", "Kortewater", "Leeuwerikdal"),
    *("Meerschhoek", "Nieuwerdamme", "Oeverzande", "Puttendreef", "Ravelinge", "Steenakkerhove"),
    *("Torenbeke", "Veldekensdam", "Wolvenheide"),
)
TEAMS: Final = (("section", "afdeling"), ("équipe de nuit", "nachtploeg"), ("accueil", "onthaal"))
GIVEN: Final[dict[Language, tuple[str, ...]]] = {
    "fr": (
        *("Adrien", "Amélie", "Bruno", "Chloé", "Damien", "Estelle", "Fabrice", "Gaëlle", "Hakim", "Inès"),
        *(
            "Jérôme",
            "Laura",
            "Mathieu",
            "Nora",
            "Pauline",
            "Rachid",
            "Sabine",
            "Thibault",
            "Virginie",
            "Yves",
        ),
    ),
    "nl": (
        *("Annelies", "Bram", "Charlotte", "Daan", "Evelien", "Femke", "Gert", "Hanne", "Ibrahim", "Jana"),
        *("Kobe", "Leen", "Maarten", "Noor", "Peter", "Rik", "Silke", "Toon", "Veerle", "Yasmina"),
    ),
}
FAMILY: Final[dict[Language, tuple[str, ...]]] = {
    "fr": (
        *(
            "Baudoux",
            "Cornélis",
            "Delcourt",
            "Fontenelle",
            "Gaspard",
            "Henin",
            "Joris",
            "Lambiotte",
            "Marlier",
        ),
        *(
            "Noël",
            "Piron",
            "Rensonnet",
            "Simonart",
            "Toussaint",
            "Vanhamme",
            "Wauthier",
            "Zerouali",
            "Bastin",
        ),
    ),
    "nl": (
        *(
            "Adriaens",
            "Boonen",
            "Ceulemans",
            "De Wilde",
            "Engelen",
            "Franssen",
            "Geerts",
            "Hoste",
            "Janssens",
        ),
        *("Lambrechts", "Naessens", "Peeters", "Reyniers", "Symons", "Thys", "Van Loon", "Wuyts", "Yildirim"),
    ),
}


class AlreadyLoaded(Exception):
    """The service is there, or a part of it."""


def units() -> list[Unit]:
    """31 prisons beside the demo's four, each with its teams, below the demo's two regions."""
    made: list[Unit] = []
    for region, prisons in (("sud", SOUTH), ("noord", NORTH)):
        for name in prisons:
            told: Localised = {"fr": f"Prison de {name}", "nl": f"Gevangenis {name}"}
            code = code_of(name)
            prison = _unit("prison", name, told, organisation.unit_id(region), code)
            made.append(prison)
            for number in range(TEAMS_EACH):
                french, dutch = TEAMS[max(0, number - TEAMS_EACH + len(TEAMS))]
                letter = f" {chr(65 + number)}" if (french, dutch) == TEAMS[0] else ""
                told = {"fr": f"{name}, {french}{letter}", "nl": f"{name}, {dutch}{letter}"}
                made.append(_unit("team", f"{name}/{number}", told, prison.id, f"{code}-{number + 1}"))
    return made


def load_years(stack: Stack, telling: Telling, people: int) -> None:
    """Add the service to a running stack that has the demo. Raises AlreadyLoaded."""
    settings = stack.environment()
    until = datetime.now(UTC)
    since = until - YEARS
    course = read(COURSE_FOLDER).manifest.course
    outline = training.outline_of(settings["PROGRESS_DATABASE_URL"], course, FIRST_VERSION)
    telling.step("Simulating an organisation, through the domain code")
    for made in add_organisation(settings["SCHEDULING_DATABASE_URL"], course, people, since, until):
        telling.track("people", made, people)
    telling.step("Simulating two years of training, through the domain code")
    scale = Scale(people, people * STEPS_EACH, since, until, SEED)
    with LogWriter(settings["PROGRESS_DATABASE_URL"]) as writer:
        for events in training.fill(writer, outline, scale):
            telling.track("events", events, scale.events)
    open_account(stack, DIRECTION, DIRECTOR, [Role.MANAGER])


def add_organisation(
    database_url: str, course: str, people: int, since: datetime, until: datetime
) -> Iterator[int]:
    """Add the prisons and their people to the organisation in this log; yields how many people are there."""
    with LogWriter(database_url) as writer:
        maker = OrganisationMaker(writer, since, until, SEED, units(), _name)
        maker.found([(organisation.SERVICE, DIRECTOR)], _standing(database_url, maker.units[0].id))
        yield from maker.people(people, course)


def _standing(database_url: str, unit_id: UUID) -> Organisation:
    log = EventLog("scheduling", database_url)
    try:
        organisation = log.load([ORGANISATION]).get(ORGANISATION)
    finally:
        log.close()
    if not isinstance(organisation, Organisation):
        raise LookupError("there is no organisation to add to")
    if unit_id in organisation.parents:
        raise AlreadyLoaded
    return organisation


def code_of(name: str) -> str:
    """What HR calls a prison: its name in plain capitals (`PONT-A-LIGNEUX`)."""
    plain = "".join(each for each in normalize("NFKD", name) if not combining(each))
    return plain.replace(" ", "-").upper()


def _unit(kind: UnitKind, name: str, told: Localised, parent_id: UUID, code: str) -> Unit:
    return Unit(organisation.unit_id(f"years/{name}"), kind, told, parent_id, code)


def _name(chance: random.Random) -> tuple[str, str, Language]:
    language: Language = chance.choice(("fr", "nl"))
    return chance.choice(GIVEN[language]), chance.choice(FAMILY[language]), language
