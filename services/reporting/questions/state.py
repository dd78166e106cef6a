"""One state of all read models, with whoever asks, when, and about which moment."""

from dataclasses import dataclass

from services.contracts.access import Actor
from services.contracts.reporting.moments import Positions
from services.reporting.care import Care
from services.reporting.moments import Moment
from services.reporting.read_model import Tx


@dataclass(frozen=True, slots=True)
class State:
    """What an answer is made from. `moment` is the one asked about: now, where a question does not say."""

    tx: Tx
    positions: Positions
    actor: Actor
    care: Care
    now: Moment
    moment: Moment
