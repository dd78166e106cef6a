"""The part of the story that is not at a PC: two seats in a training centre, three people who want one."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from deploy.api import Person
from deploy.demo.people import Learner

COURSE: Final = "radicalisation-in-depth"
TITLE: Final = {
    "fr": "Radicalisation : formation approfondie",
    "nl": "Radicalisering: verdiepende opleiding",
    "en": "Radicalisation in depth",
}
DAYS_AHEAD: Final = 200
OFFER_SECONDS_MAX: Final = 30.0
LOOK_SECONDS: Final = 0.2


class InPerson:
    """A session of two days with two seats, through the API; each step answers with what is seen of it."""

    def __init__(self, centre: Person, manager: Person) -> None:
        """`centre` holds it, `manager` decides."""
        self._centre, self._manager = centre, manager
        self.session = str(uuid4())
        self.first_day = (datetime.now(UTC) + timedelta(days=DAYS_AHEAD)).replace(
            hour=8, minute=0, second=0, microsecond=0
        )

    def hold(self) -> None:
        """Name the course and hold a session of it, in the first centre there is."""
        where = self._centre.get("/sessions")["centres"][0]["unit_id"]
        days = [
            {
                "starts_at": (self.first_day + timedelta(days=n)).isoformat(),
                "ends_at": (self.first_day + timedelta(days=n, hours=7)).isoformat(),
            }
            for n in (0, 1)
        ]
        said = {"language": "fr", "centre_id": where, "room": "B1", "days": days, "seats": 2}
        self._say(
            self._centre,
            "/sessions",
            _told("name_class_course", course=COURSE, title=TITLE, validity_months=60),
            _told("publish_class", class_id=self.session, course=COURSE, **said),
        )

    def ask(self, person: Person, learner: Learner) -> str:
        """Somebody asks, their manager approves; what they have now."""
        about = {"class_id": self.session, "person_id": str(learner.person_id)}
        self._say(person, "/requests", _told("request_class", **about))
        decided = _told("decide_class_request", **about, approve=True)
        return self._state(person, self._say(self._manager, "/requests", decided))

    def give_back(self, person: Person, learner: Learner) -> None:
        """Somebody cannot come."""
        about = {"class_id": self.session, "person_id": str(learner.person_id)}
        self._say(person, "/requests", _told("give_up_class_place", **about))

    def accept(self, person: Person, learner: Learner) -> tuple[str, str]:
        """Wait for the offer and take it; what was offered, and what they have now."""
        deadline = time.monotonic() + OFFER_SECONDS_MAX
        while (offered := self._state(person)) == "waiting" and time.monotonic() < deadline:
            time.sleep(LOOK_SECONDS)
        about = {"class_id": self.session, "person_id": str(learner.person_id)}
        position = self._say(person, "/requests", _told("accept_class_seat", **about))
        return offered, self._state(person, position)

    def _state(self, person: Person, position: int = 0) -> str:
        told = person.get("/sessions", at_least=f"scheduling:{position}" if position else None)
        mine = next(line["mine"] for line in told["sessions"] if line["class_id"] == self.session)
        return str(mine["state"]) if mine else "nothing"

    @staticmethod
    def _say(who: Person, path: str, *commands: dict[str, Any]) -> int:
        results = who.post(path, {"commands": list(commands)})["results"]
        return int(results[-1]["position"])


def _told(kind: str, **body: Any) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat()
    return {"command_id": str(uuid4()), "type": f"scheduling.{kind}", "occurred_at": now, **body}
