"""What the witness knows of the seals of the logs."""

from services.backbone.seal.trees import HASH_BYTES, WIDTH
from services.contracts.reporting.seals import FalseNote, Seal, Seals
from services.reporting.read_model import Tx


def seals(tx: Tx) -> Seals:
    """Of each log that came here the newest note that was cosigned, and the false one if there was one."""
    rows = tx.execute(_SEALS, {"width": WIDTH, "hash": HASH_BYTES}).fetchall()
    return Seals(
        seals=tuple(
            Seal(
                origin=origin,
                events=events,
                size=size or 0,
                note=note,
                cosigned_at=cosigned_at,
                false_note=FalseNote(note=false, why=why, found_at=found_at) if false else None,
            )
            for origin, events, size, note, cosigned_at, false, why, found_at in rows
        )
    )


_SEALS = (
    "SELECT tree.origin, tree.events, newest.size, newest.note, newest.signed_at,"
    " alarm.note, alarm.why, alarm.found_at"
    " FROM (SELECT DISTINCT ON (origin) origin, number * %(width)s + length(hashes) / %(hash)s AS events"
    "  FROM seal_tile WHERE level = 0 ORDER BY origin, number DESC) AS tree"
    " LEFT JOIN LATERAL (SELECT * FROM seal_note WHERE origin = tree.origin ORDER BY size DESC LIMIT 1)"
    "  AS newest ON true"
    " LEFT JOIN seal_alarm AS alarm ON alarm.origin = tree.origin ORDER BY 1"
)
