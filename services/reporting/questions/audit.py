"""One person's history, event by event."""

from uuid import UUID

from services.contracts.reporting.audit import AskHistory, History, HistoryLine
from services.contracts.rules import Rule, RuleBroken
from services.reporting.projections import transcript
from services.reporting.questions.state import State


def events_of(state: State, person_id: UUID) -> list[transcript.Line]:
    """A person's events, for those who may see them. Raises RuleBroken: NOT_YOURS, PERSON_UNKNOWN."""
    state.care.admit_to_person(person_id)
    found = transcript.history(state.tx, person_id, state.moment)
    if not found and not transcript.is_known(state.tx, person_id):
        raise RuleBroken(Rule.PERSON_UNKNOWN)
    return found


def history(state: State, asked: AskHistory) -> History:
    """Every event about one person, in the order in which they happened."""
    return History(
        person_id=asked.person_id,
        lines=tuple(
            HistoryLine(
                feed=line.feed,
                position=line.position,
                stream_id=line.stream_id,
                stream_version=line.stream_version,
                occurred_at=line.occurred_at,
                recorded_at=line.recorded_at,
                actor=line.actor,
                command_id=line.command_id,
                digest=line.digest,
                type=line.body["type"],
                event=line.body,
            )
            for line in events_of(state, asked.person_id)
        ),
        as_of=state.moment.as_of,
        known_at=state.moment.known_at,
        positions=state.positions,
    )
