"""What scheduling answers: commands at its desk, its feed, and who people are at present."""

from collections.abc import Callable
from pathlib import Path

from services.backbone.actor import TokenVerifier
from services.backbone.clock import Clock, utc_now
from services.backbone.commands import CommandDesk
from services.backbone.feed import FeedSource
from services.backbone.log import EventLog
from services.contracts.access import Actor
from services.contracts.scheduling import (
    DirectoryPage,
    SchedulingCommand,
)
from services.contracts.scheduling.fits import AskFit, Fit
from services.scheduling import store
from services.scheduling.decisions import Decisions
from services.scheduling.feed import to_contract
from services.scheduling.fits import fit_of
from services.scheduling.mail.desk import MailDesk
from services.scheduling.proposals.desk import ProposalDesk
from services.scheduling.staff_files import StaffFiles


class Application:
    """One for the process; `serve` hands it to every call."""

    def __init__(
        self,
        database_url: str,
        actor_public_key: Path,
        on_commit: Callable[[int], None],
        clock: Clock = utc_now,
    ) -> None:
        self._clock = clock
        self.log = EventLog("scheduling", database_url)
        self.verifier = TokenVerifier(actor_public_key, clock)
        self.source = FeedSource(self.log, to_contract)
        self.desk: CommandDesk[SchedulingCommand] = CommandDesk(
            self.log, Decisions(self.log), on_commit, clock
        )
        self.staff_files = StaffFiles(database_url, clock)
        self.mail = MailDesk(database_url, self.log, clock)
        self.proposals = ProposalDesk(database_url, self.log, clock)

    def fit(self, actor: Actor, asked: AskFit) -> Fit:
        """Where somebody could sit."""
        return fit_of(self.log, self._clock, actor, asked)

    def read_directory(self, after: int, limit: int) -> DirectoryPage:
        """Who people are at present, in the order of the last change to each."""
        return store.directory_page(self.log.select, after, limit)
