"""Tables of people: how each stands, what is due, what somebody must decide, and by which orders."""

from collections.abc import Iterable
from typing import Final

from gateway.export.table import Cell, Column, Table, in_language, words
from gateway.export.words import (
    COURSE,
    DUE_ON,
    FIRST_NAME,
    FROM_ON,
    HINDRANCES,
    IDENTIFIER,
    LAST_NAME,
    STAFF_NUMBER,
    STATUS,
    STATUSES,
    TO_ON,
    UNIT,
    YES_NO,
)
from services.contracts.reporting.due import Due
from services.contracts.reporting.duties import HindranceLine, Hindrances, OrderLine, Orders
from services.contracts.reporting.people import Staff, StaffLine

_STANDING: Final = (
    Column[StaffLine](LAST_NAME, lambda line, _: line.family_name, 20),
    Column[StaffLine](FIRST_NAME, lambda line, _: line.given_name, 16),
    Column[StaffLine](STAFF_NUMBER, lambda line, _: line.staff_number, 16),
    Column[StaffLine](UNIT, lambda line, language: in_language(line.unit_name, language), 28),
    Column[StaffLine](STATUS, lambda line, language: STATUSES[line.status][language], 18),
    Column[StaffLine](DUE_ON, lambda line, _: line.due_on),
    Column[StaffLine](words("Statut depuis", "Status sinds", "Status since"), lambda line, _: line.since, 18),
    Column[StaffLine](words("Expire le", "Verloopt op", "Expires on"), lambda line, _: line.expires_on),
    Column[StaffLine](IDENTIFIER, lambda line, _: str(line.person_id), 38),
)


def _staff_lines(told: Staff | Due) -> Iterable[StaffLine]:
    return told.lines


STAFF: Final = Table(
    "staff", words("Personnel", "Personeel", "Staff"), "reporting.staff", Staff, _staff_lines, _STANDING
)
DUE: Final = Table(
    "due",
    words("Échéancier", "Lijst van uiterste datums", "Due list"),
    "reporting.due",
    Due,
    _staff_lines,
    _STANDING,
)

EXCEPTIONS: Final = Table(
    "exceptions",
    words("À décider", "Te beslissen", "To decide"),
    "reporting.hindrances",
    Hindrances,
    lambda told: told.lines,
    (
        Column[HindranceLine](LAST_NAME, lambda line, _: line.family_name, 20),
        Column[HindranceLine](FIRST_NAME, lambda line, _: line.given_name, 16),
        Column[HindranceLine](STAFF_NUMBER, lambda line, _: line.staff_number, 16),
        Column[HindranceLine](UNIT, lambda line, language: in_language(line.unit_name, language), 28),
        Column[HindranceLine](COURSE, lambda line, _: line.course, 28),
        Column[HindranceLine](words("Période", "Periode", "Period"), lambda line, _: line.period),
        Column[HindranceLine](
            words("Raison", "Reden", "Cause"), lambda line, language: HINDRANCES[line.kind][language], 30
        ),
        Column[HindranceLine](DUE_ON, lambda line, _: line.due_on),
        Column[HindranceLine](
            words("Autre date", "Andere datum", "Other date"), lambda line, _: line.held_on
        ),
        Column[HindranceLine](
            words("Constaté le", "Vastgesteld op", "Found on"), lambda line, _: line.found_at, 18
        ),
        Column[HindranceLine](IDENTIFIER, lambda line, _: str(line.person_id), 38),
    ),
)


def _again(line: OrderLine, language: str) -> Cell:
    return YES_NO[line.recurrence is not None][language]


ORDERS: Final = Table(
    "orders",
    words("Règles d’attribution", "Toewijzingsregels", "Standing orders"),
    "reporting.orders",
    Orders,
    lambda told: told.orders,
    (
        Column[OrderLine](COURSE, lambda line, _: line.course, 28),
        Column[OrderLine](UNIT, lambda line, language: in_language(line.unit_name, language), 28),
        Column[OrderLine](words("Fonction", "Functie", "Function"), lambda line, _: line.function, 20),
        Column[OrderLine](DUE_ON, lambda line, _: line.due_on),
        Column[OrderLine](
            words("Jours après l’arrivée", "Dagen na de komst", "Days after joining"),
            lambda line, _: line.after_days,
            20,
        ),
        Column[OrderLine](words("À renouveler", "Te hernieuwen", "Renewed"), _again),
        Column[OrderLine](
            words("Valable (mois)", "Geldig (maanden)", "Valid (months)"),
            lambda line, _: line.recurrence.months if line.recurrence else None,
            16,
        ),
        Column[OrderLine](
            words("Ouvre (jours avant)", "Opent (dagen vooraf)", "Opens (days before)"),
            lambda line, _: line.recurrence.window_days if line.recurrence else None,
            20,
        ),
        Column[OrderLine](
            words("Délai (jours après)", "Uitstel (dagen nadien)", "Grace (days after)"),
            lambda line, _: line.recurrence.grace_days if line.recurrence else None,
            20,
        ),
        Column[OrderLine](FROM_ON, lambda line, _: line.from_on),
        Column[OrderLine](TO_ON, lambda line, _: line.to_on),
        Column[OrderLine](words("Donnée le", "Gegeven op", "Given on"), lambda line, _: line.given_at, 18),
        Column[OrderLine](
            words("Terminée le", "Beëindigd op", "Ended on"), lambda line, _: line.ended_at, 18
        ),
        Column[OrderLine](IDENTIFIER, lambda line, _: str(line.order_id), 38),
    ),
)
