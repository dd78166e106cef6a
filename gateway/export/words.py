"""Words that tables show, those of the pages; a test compares those that stand on pages by themselves."""

from typing import Final

from gateway.export.table import Words, words

STATUSES: Final[dict[str, Words]] = {
    "assigned": words("à suivre", "te volgen", "to do"),
    "in_progress": words("en cours", "bezig", "in progress"),
    "passed": words("réussi", "geslaagd", "passed"),
    "failed": words("échoué", "niet geslaagd", "failed"),
    "overdue": words("en retard", "te laat", "overdue"),
    "due_soon": words("échéance proche", "binnenkort te volgen", "due soon"),
    "expiring": words("expire bientôt", "verloopt binnenkort", "expires soon"),
    "expired": words("expiré", "verlopen", "expired"),
    "exempt": words("dispensé", "vrijgesteld", "exempt"),
    "unassigned": words("pas attribué", "niet toegewezen", "not assigned"),
}

SEAT_STATES: Final[dict[str, Words]] = {
    "booked": words("réservée", "geboekt", "booked"),
    "used": words("utilisée", "gebruikt", "used"),
    "missed": words("manquée", "gemist", "missed"),
    "closed": words("supprimée", "geschrapt", "closed"),
}

HALVES: Final[dict[int, Words]] = {
    1: words("première moitié", "eerste helft", "first half"),
    2: words("seconde moitié", "tweede helft", "second half"),
}

HINDRANCES: Final[dict[str, Words]] = {
    "conflict": words(
        "deux règles se contredisent", "twee regels spreken elkaar tegen", "two orders contradict each other"
    ),
    "past": words("le jour était passé", "de dag was voorbij", "the day had passed"),
    "before_joining": words(
        "le jour précède leur arrivée", "de dag ligt voor hun komst", "the day was before they came"
    ),
    "no_version": words("aucune version utilisable", "geen bruikbare versie", "no version in use"),
    "no_language": words("pas dans leur langue", "niet in hun taal", "not in their language"),
}

PLACE_STATES: Final[dict[str, Words]] = {
    "asked": words("demandée", "aangevraagd", "asked for"),
    "seated": words("place attribuée", "plaats toegewezen", "has a seat"),
    "waiting": words("liste d’attente", "wachtlijst", "waiting list"),
    "offered": words("place proposée", "plaats aangeboden", "offered a seat"),
}

UNIT_KINDS: Final[dict[str, Words]] = {
    "service": words("service", "dienst", "service"),
    "region": words("région", "regio", "region"),
    "prison": words("prison", "gevangenis", "prison"),
    "team": words("équipe", "team", "team"),
    "centre": words("centre de formation", "opleidingscentrum", "training centre"),
}

YES_NO: Final[dict[bool, Words]] = {True: words("oui", "ja", "yes"), False: words("non", "nee", "no")}

LAST_NAME: Final = words("Nom", "Naam", "Family name")
FIRST_NAME: Final = words("Prénom", "Voornaam", "Given name")
STAFF_NUMBER: Final = words("Matricule", "Personeelsnummer", "Staff number")
IDENTIFIER: Final = words("Identifiant", "Identificatie", "Identifier")
UNIT: Final = words("Unité", "Eenheid", "Unit")
COURSE: Final = words("Formation", "Opleiding", "Course")
STATUS: Final = words("Statut", "Status", "Status")
DUE_ON: Final = words("Date limite", "Uiterste datum", "Due on")
ROOM: Final = words("Salle", "Lokaal", "Room")
BEGINS: Final = words("Début", "Begin", "Begins")
ENDS: Final = words("Fin", "Einde", "Ends")
HALF: Final = words("Moitié", "Helft", "Half")
SEATS: Final = words("Places", "Plaatsen", "Seats")
LANGUAGE: Final = words("Langue", "Taal", "Language")
PEOPLE: Final = words("Personnes", "Personen", "People")
FROM_ON: Final = words("À partir du", "Vanaf", "From")
TO_ON: Final = words("Jusqu’au", "Tot en met", "To")
