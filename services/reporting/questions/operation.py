"""How far behind the read models are, and which of them shall be rebuilt."""

from datetime import datetime

from services.contracts.reporting.operation import FollowerHealth, Health, Rebuild
from services.contracts.rules import Rule, RuleBroken
from services.reporting.models import READ_MODELS
from services.reporting.read_model import Tx
from services.reporting.rebuilder import model_called


def name_of_model(asked: Rebuild) -> str | None:
    """The read model that is meant; None: all. Raises RuleBroken(REBUILD_UNKNOWN)."""
    if asked.read_model is None:
        return None
    model = model_called(asked.read_model, READ_MODELS)
    if model is None:
        raise RuleBroken(Rule.REBUILD_UNKNOWN)
    return model.name


def health(tx: Tx, now: datetime) -> Health:
    """How far each read model is behind each of its feeds."""
    rows = tx.execute(
        "SELECT c.follower, c.feed, c.position, coalesce(h.head, c.position), h.caught_up_at"
        " FROM follower_checkpoint c JOIN read_model_place ON read_model = follower"
        " LEFT JOIN feed_head h USING (feed) ORDER BY 1, 2"
    ).fetchall()
    return Health(
        followers=tuple(
            FollowerHealth(
                read_model=follower,
                feed=feed,
                position=position,
                head=max(head, position),
                lag_seconds=max((now - caught_up_at).total_seconds(), 0.0) if caught_up_at else 0.0,
            )
            for follower, feed, position, head, caught_up_at in rows
        )
    )
