"""One example for each route, shown in the OpenAPI document; tests hold them against the models.

They stand in a file for each of the interface's modules, as `gateway.api` has them.
"""

from typing import Final

from gateway.examples import (
    auditor,
    calendar,
    centre,
    duties,
    interface,
    learner,
    manager,
    media,
    messages,
    operator,
    proposals,
    seats,
    session,
    sessions,
    staff,
    units,
)
from gateway.examples.example import Examples

_ROOMS: Final = (
    session,
    media,
    learner,
    calendar,
    manager,
    duties,
    messages,
    seats,
    proposals,
    sessions,
    centre,
    auditor,
    operator,
    staff,
    units,
    interface,
)

EXAMPLES: Final[Examples] = {route: example for room in _ROOMS for route, example in room.EXAMPLES.items()}
