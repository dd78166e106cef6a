"""One person's history as a table: nothing summed up, nothing named that an event does not name."""

import json
from typing import Final

from gateway.export.table import Cell, Column, Table, words
from gateway.times import BRUSSELS
from services.contracts.reporting.audit import History, HistoryLine

_SAID_BESIDE: Final = frozenset({"type", "version", "occurred_at"})


def _body(line: HistoryLine, _: str) -> Cell:
    said = {name: value for name, value in line.event.items() if name not in _SAID_BESIDE}
    return json.dumps(said, ensure_ascii=False, sort_keys=True)


# Moments stand to the microsecond, which no cell with a date would show.
HISTORY: Final = Table(
    "history",
    words("Historique", "Geschiedenis", "History"),
    "reporting.history",
    History,
    lambda told: told.lines,
    (
        Column[HistoryLine](
            words("Arrivé", "Gebeurd", "Happened"),
            lambda line, _: line.occurred_at.astimezone(BRUSSELS).isoformat(),
            34,
        ),
        Column[HistoryLine](
            words("Enregistré", "Geregistreerd", "Recorded"),
            lambda line, _: line.recorded_at.astimezone(BRUSSELS).isoformat(),
            34,
        ),
        Column[HistoryLine](words("Événement", "Gebeurtenis", "Event"), lambda line, _: line.type, 34),
        Column[HistoryLine](words("Données", "Gegevens", "Data"), _body, 80),
        Column[HistoryLine](words("Par", "Door", "By"), lambda line, _: str(line.actor), 38),
        Column[HistoryLine](words("Flux", "Feed", "Feed"), lambda line, _: line.feed),
        Column[HistoryLine](words("Position", "Positie", "Position"), lambda line, _: line.position),
        Column[HistoryLine](words("Fil", "Stroom", "Stream"), lambda line, _: str(line.stream_id), 38),
        Column[HistoryLine](
            words("Place dans le fil", "Plaats in de stroom", "Place in the stream"),
            lambda line, _: line.stream_version,
        ),
        Column[HistoryLine](
            words("Commande", "Opdracht", "Command"), lambda line, _: str(line.command_id), 38
        ),
        Column[HistoryLine](
            words("Empreinte (SHA-256)", "Vingerafdruk (SHA-256)", "Digest (SHA-256)"),
            lambda line, _: line.digest,
            66,
        ),
    ),
)
