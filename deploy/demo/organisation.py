"""An invented prison service: units, people, managers, accounts. Plain data; no place and no person is real.

Every identity derives from a fixed string, and every command has a fixed id, so that loading it
twice is loading it once. Dates are fixed too, and lie in the past.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from services.contracts.access import Role
from services.contracts.message import Language
from services.contracts.scheduling import (
    AppointManager,
    CodeUnit,
    CreateUnit,
    DirectoryEntry,
    PlacePerson,
    RegisterPerson,
    RelieveManager,
    SchedulingCommand,
    UnitKind,
    WithdrawPerson,
)

DEMO: Final = UUID("5d5f1c0a-7c7e-5b7e-9e0d-6a1b1f0e2c94")
"""Namespace of everything in this organisation."""

BRUSSELS: Final = ZoneInfo("Europe/Brussels")


def _morning(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 9, tzinfo=BRUSSELS)


OPENED: Final = _morning(2024, 9, 2)
ENROLLED: Final = _morning(2025, 10, 1)


def unit_id(key: str) -> UUID:
    """The identity of a unit of the demo."""
    return uuid5(DEMO, f"unit/{key}")


def person_id(staff_number: str) -> UUID:
    """The identity of somebody in the demo."""
    return uuid5(DEMO, f"person/{staff_number}")


# --- units: key, parent, kind, name in French and in Dutch ----------------------------------------

UNITS: Final[tuple[tuple[str, str | None, UnitKind, str, str], ...]] = (
    ("service", None, "service", "Service pénitentiaire", "Gevangeniswezen"),
    ("sud", "service", "region", "Région Sud", "Regio Zuid"),
    ("noord", "service", "region", "Région Nord", "Regio Noord"),
    ("centre-sud", "sud", "centre", "Centre de formation Sud", "Opleidingscentrum Zuid"),
    ("centre-noord", "noord", "centre", "Centre de formation Nord", "Opleidingscentrum Noord"),
    ("val-clair", "sud", "prison", "Prison du Val-Clair", "Gevangenis Val-Clair"),
    ("val-clair-a", "val-clair", "team", "Val-Clair, section A", "Val-Clair, afdeling A"),
    ("val-clair-b", "val-clair", "team", "Val-Clair, section B", "Val-Clair, afdeling B"),
    (
        "val-clair-greffe",
        "val-clair",
        "team",
        "Val-Clair, accueil et greffe",
        "Val-Clair, onthaal en griffie",
    ),
    ("roche-brune", "sud", "prison", "Prison de Roche-Brune", "Gevangenis Roche-Brune"),
    ("roche-brune-a", "roche-brune", "team", "Roche-Brune, section A", "Roche-Brune, afdeling A"),
    ("roche-brune-nuit", "roche-brune", "team", "Roche-Brune, équipe de nuit", "Roche-Brune, nachtploeg"),
    ("westerdreef", "noord", "prison", "Prison de Westerdreef", "Gevangenis Westerdreef"),
    ("westerdreef-a", "westerdreef", "team", "Westerdreef, section A", "Westerdreef, afdeling A"),
    ("westerdreef-b", "westerdreef", "team", "Westerdreef, section B", "Westerdreef, afdeling B"),
    ("westerdreef-zorg", "westerdreef", "team", "Westerdreef, service de soins", "Westerdreef, zorgdienst"),
    ("elzenhove", "noord", "prison", "Prison d'Elzenhove", "Gevangenis Elzenhove"),
    ("elzenhove-a", "elzenhove", "team", "Elzenhove, section A", "Elzenhove, afdeling A"),
    ("elzenhove-poort", "elzenhove", "team", "Elzenhove, équipe d'accueil", "Elzenhove, portiersploeg"),
)

PRISON_1: Final = unit_id("val-clair")
PRISON_2: Final = unit_id("westerdreef")
SERVICE: Final = unit_id("service")

# --- people: staff number, given name, family name, language, function, unit -----------------------

OFFICER: Final[dict[Language, str]] = {
    "fr": "Assistant de surveillance pénitentiaire",
    "nl": "Penitentiair bewakingsassistent",
}
CHIEF: Final[dict[Language, str]] = {"fr": "Chef d'équipe", "nl": "Ploegchef"}
CLERK: Final[dict[Language, str]] = {"fr": "Assistant administratif", "nl": "Administratief assistent"}
NURSE: Final[dict[Language, str]] = {"fr": "Infirmier", "nl": "Verpleegkundige"}
SOCIAL: Final[dict[Language, str]] = {"fr": "Assistant social", "nl": "Maatschappelijk werker"}
PERSONNEL: Final[dict[Language, str]] = {
    "fr": "Responsable du personnel",
    "nl": "Personeelsverantwoordelijke",
}
TRAINER: Final[dict[Language, str]] = {"fr": "Formateur", "nl": "Opleider"}
AUDITOR: Final[dict[Language, str]] = {"fr": "Auditeur", "nl": "Auditor"}
OPERATOR: Final[dict[Language, str]] = {"fr": "Gestionnaire d'application", "nl": "Applicatiebeheerder"}

PEOPLE: Final[tuple[tuple[str, str, str, Language, dict[Language, str], str], ...]] = (
    ("P0001", "Nathalie", "Collignon", "fr", PERSONNEL, "val-clair"),
    ("P0002", "Alice", "Marchal", "fr", OFFICER, "val-clair-a"),
    ("P0003", "Benoît", "Lambrecht", "fr", OFFICER, "val-clair-a"),
    ("P0004", "Céline", "Wouters", "nl", OFFICER, "val-clair-b"),
    ("P0005", "Olivier", "Delvigne", "fr", CHIEF, "val-clair-a"),
    ("P0006", "Sophie", "Gilsoul", "fr", OFFICER, "val-clair-a"),
    ("P0007", "Karim", "Benali", "fr", OFFICER, "val-clair-a"),
    ("P0008", "Julien", "Thirion", "fr", OFFICER, "val-clair-a"),
    ("P0009", "Aurélie", "Pirson", "fr", CHIEF, "val-clair-b"),
    ("P0010", "Thomas", "Hautier", "fr", OFFICER, "val-clair-b"),
    ("P0011", "Fatima", "El Amrani", "fr", OFFICER, "val-clair-b"),
    ("P0012", "Maxime", "Ronveaux", "fr", OFFICER, "val-clair-b"),
    ("P0013", "Isabelle", "Docquier", "fr", CLERK, "val-clair-greffe"),
    ("P0014", "Bart", "Verhaeghe", "nl", CLERK, "val-clair-greffe"),
    ("P0015", "Laurence", "Petitjean", "fr", SOCIAL, "val-clair-greffe"),
    ("P0016", "Philippe", "Massart", "fr", PERSONNEL, "roche-brune"),
    ("P0017", "Vincent", "Courtois", "fr", CHIEF, "roche-brune-a"),
    ("P0018", "Élodie", "Servais", "fr", OFFICER, "roche-brune-a"),
    ("P0019", "Mehdi", "Ouali", "fr", OFFICER, "roche-brune-a"),
    ("P0020", "Christelle", "Bodart", "fr", OFFICER, "roche-brune-a"),
    ("P0021", "Quentin", "Leroy", "fr", OFFICER, "roche-brune-a"),
    ("P0022", "Giulia", "Ferrante", "fr", SOCIAL, "roche-brune-a"),
    ("P0023", "Pascal", "Noirfalise", "fr", CHIEF, "roche-brune-nuit"),
    ("P0024", "Dorothée", "Lefèvre", "fr", OFFICER, "roche-brune-nuit"),
    ("P0025", "Samuel", "Hanquet", "fr", OFFICER, "roche-brune-nuit"),
    ("P0026", "Yannick", "Tshibangu", "fr", OFFICER, "roche-brune-nuit"),
    ("P0027", "Monika", "Kessler", "fr", OFFICER, "roche-brune-nuit"),
    ("P0028", "Griet", "Van den Eede", "nl", PERSONNEL, "westerdreef"),
    ("P0029", "Joris", "Claeys", "nl", CHIEF, "westerdreef-a"),
    ("P0030", "Lies", "Goethals", "nl", OFFICER, "westerdreef-a"),
    ("P0031", "Wim", "Baeten", "nl", OFFICER, "westerdreef-a"),
    ("P0032", "Ayşe", "Yılmaz", "nl", OFFICER, "westerdreef-a"),
    ("P0033", "Pieter", "Stevens", "nl", OFFICER, "westerdreef-a"),
    ("P0034", "Hilde", "Mertens", "nl", OFFICER, "westerdreef-a"),
    ("P0035", "Koen", "De Backer", "nl", CHIEF, "westerdreef-b"),
    ("P0036", "Sara", "Vermeiren", "nl", OFFICER, "westerdreef-b"),
    ("P0037", "Tom", "Aerts", "nl", OFFICER, "westerdreef-b"),
    ("P0038", "Lotte", "Sterckx", "nl", OFFICER, "westerdreef-b"),
    ("P0039", "Jef", "Coppens", "nl", OFFICER, "westerdreef-b"),
    ("P0040", "Marie", "Dufour", "fr", OFFICER, "westerdreef-b"),
    ("P0041", "Els", "Roelandt", "nl", NURSE, "westerdreef-zorg"),
    ("P0042", "Dirk", "Huybrechts", "nl", NURSE, "westerdreef-zorg"),
    ("P0043", "Nele", "Vandamme", "nl", SOCIAL, "westerdreef-zorg"),
    ("P0044", "Luc", "Segers", "nl", PERSONNEL, "elzenhove"),
    ("P0045", "Katrien", "Dhondt", "nl", CHIEF, "elzenhove-a"),
    ("P0046", "Stijn", "Bogaerts", "nl", OFFICER, "elzenhove-a"),
    ("P0047", "Nadia", "Haddad", "nl", OFFICER, "elzenhove-a"),
    ("P0048", "Ruben", "Lauwers", "nl", OFFICER, "elzenhove-a"),
    ("P0049", "An", "Schepers", "nl", OFFICER, "elzenhove-a"),
    ("P0050", "Jeroen", "Michiels", "nl", OFFICER, "elzenhove-a"),
    ("P0051", "Tine", "Lemmens", "nl", SOCIAL, "elzenhove-a"),
    ("P0052", "Geert", "Moons", "nl", CHIEF, "elzenhove-poort"),
    ("P0053", "Sofie", "Brems", "nl", OFFICER, "elzenhove-poort"),
    ("P0054", "Mohamed", "Aziz", "nl", OFFICER, "elzenhove-poort"),
    ("P0055", "Ilse", "Nackaerts", "nl", OFFICER, "elzenhove-poort"),
    ("P0056", "Caroline", "Van Damme", "nl", TRAINER, "centre-noord"),
    ("P0057", "Hendrik", "Smets", "nl", TRAINER, "centre-noord"),
    ("P0058", "Frédéric", "Jamar", "fr", TRAINER, "centre-sud"),
    ("P0059", "Valérie", "Henrotte", "fr", TRAINER, "centre-sud"),
    ("P0060", "Marc", "Devos", "nl", AUDITOR, "service"),
    ("P0061", "Anne", "Rousseau", "fr", OPERATOR, "service"),
)

# --- what happened since: transfers, a departure, managers ----------------------------------------

TRANSFERS: Final[tuple[tuple[str, str, datetime], ...]] = (
    ("P0012", "val-clair-a", _morning(2026, 1, 12)),
    ("P0021", "roche-brune-nuit", _morning(2025, 12, 1)),
    ("P0040", "val-clair-b", _morning(2026, 2, 2)),
    ("P0050", "westerdreef-b", _morning(2026, 3, 2)),
    ("P0053", "elzenhove-a", _morning(2025, 11, 24)),
)
DEPARTURES: Final[tuple[tuple[str, datetime], ...]] = (("P0025", _morning(2026, 1, 31)),)
APPOINTMENTS: Final[tuple[tuple[str, str, datetime], ...]] = (
    ("val-clair", "P0001", _morning(2025, 10, 1)),
    ("roche-brune", "P0016", _morning(2025, 10, 1)),
    ("westerdreef", "P0028", _morning(2025, 10, 1)),
    ("elzenhove", "P0045", _morning(2025, 10, 1)),
    ("elzenhove", "P0044", _morning(2026, 1, 5)),
)
RELIEFS: Final[tuple[tuple[str, str, datetime], ...]] = (("elzenhove", "P0045", _morning(2026, 1, 5)),)

ACCOUNTS: Final[tuple[tuple[str, str, tuple[Role, ...]], ...]] = (
    ("learner.a", "P0002", (Role.LEARNER,)),
    ("learner.b", "P0003", (Role.LEARNER,)),
    ("learner.c", "P0004", (Role.LEARNER,)),
    ("manager.valclair", "P0001", (Role.LEARNER, Role.MANAGER)),
    ("manager.westerdreef", "P0028", (Role.LEARNER, Role.MANAGER)),
    ("centre.noord", "P0056", (Role.TRAINING_CENTRE,)),
    ("centre.sud", "P0058", (Role.TRAINING_CENTRE,)),
    ("auditor", "P0060", (Role.AUDITOR,)),
    ("operator", "P0061", (Role.OPERATOR,)),
)


def accounts() -> list[tuple[str, UUID, list[Role]]]:
    """Who can sign in: user name, person, roles."""
    return [(user, person_id(number), list(roles)) for user, number, roles in ACCOUNTS]


def commands() -> list[SchedulingCommand]:
    """Everything that made this organisation what it is, in order; an operator gives them."""
    return [*_units(), *_people(), *_changes()]


def _told(key: str, at: datetime) -> tuple[UUID, datetime]:
    return uuid5(DEMO, f"command/{key}"), at


def _units() -> Iterator[SchedulingCommand]:
    for key, parent, kind, french, dutch in UNITS:
        command_id, at = _told(f"create/{key}", OPENED)
        yield CreateUnit(
            command_id=command_id,
            occurred_at=at,
            unit_id=unit_id(key),
            kind=kind,
            name={"fr": french, "nl": dutch},
            parent_id=unit_id(parent) if parent else None,
        )
        command_id, at = _told(f"code/{key}", OPENED)
        yield CodeUnit(command_id=command_id, occurred_at=at, unit_id=unit_id(key), code=key.upper())


def _people() -> Iterator[SchedulingCommand]:
    for number, given, family, language, function, unit in PEOPLE:
        command_id, at = _told(f"register/{number}", ENROLLED)
        yield RegisterPerson(
            command_id=command_id,
            occurred_at=at,
            entry=DirectoryEntry(
                person_id=person_id(number),
                given_name=given,
                family_name=family,
                staff_number=number,
                email=f"{number.lower()}@parcours.example",
                language=language,
                function=function[language],
            ),
            unit_id=unit_id(unit),
        )


def _changes() -> Iterator[SchedulingCommand]:
    for unit, number, day in APPOINTMENTS:
        command_id, at = _told(f"appoint/{unit}/{number}", day)
        yield AppointManager(
            command_id=command_id, occurred_at=at, unit_id=unit_id(unit), person_id=person_id(number)
        )
    for unit, number, day in RELIEFS:
        command_id, at = _told(f"relieve/{unit}/{number}", day)
        yield RelieveManager(
            command_id=command_id, occurred_at=at, unit_id=unit_id(unit), person_id=person_id(number)
        )
    for number, unit, day in TRANSFERS:
        command_id, at = _told(f"place/{number}/{unit}", day)
        yield PlacePerson(
            command_id=command_id, occurred_at=at, person_id=person_id(number), unit_id=unit_id(unit)
        )
    for number, day in DEPARTURES:
        command_id, at = _told(f"withdraw/{number}", day)
        yield WithdrawPerson(command_id=command_id, occurred_at=at, person_id=person_id(number))
