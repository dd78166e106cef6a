"""RPC entry points of scheduling: parse, call, reply."""

from services.backbone.feed import FeedSource, Page
from services.backbone.rpc import RpcService, question
from services.backbone.seal.sealer import notes_after
from services.contracts.access import Actor
from services.contracts.message import Batch, Notes, Outcomes, ReadFeed, ReadNotes, Signed
from services.contracts.scheduling import DirectoryPage, SchedulingCommand
from services.contracts.scheduling.fits import AskFit, Fit
from services.contracts.scheduling.messages import (
    AskMailQueue,
    AskMyCalendar,
    AskReminders,
    MailQueue,
    MyCalendar,
    Reminders,
)
from services.contracts.scheduling.proposals import (
    AskProposal,
    AskProposals,
    PlanProposal,
    PlanProposals,
    ProposePlan,
)
from services.contracts.scheduling.staff_imports import (
    AskStaffImport,
    AskStaffImports,
    ConfirmStaffImport,
    DiscardStaffImport,
    SendStaffFile,
    StaffImport,
    StaffImports,
)
from services.scheduling.mail.desk import MailDesk
from services.scheduling.proposals.desk import ProposalDesk
from services.scheduling.staff_files import StaffFiles


class SchedulingService(RpcService):
    """Who must learn what, by when."""

    name = "scheduling"

    @question(Batch[SchedulingCommand], signed=False)
    def execute(self, batch: Batch[SchedulingCommand]) -> Outcomes:
        """Carry out commands of managers and operators; each item is signed by its own person."""
        return self._execute(self.application.desk, batch)

    @question(ReadFeed, signed=False)
    def read_feed(self, asked: ReadFeed) -> Page:
        """A page of the feed, for followers."""
        return self._source.page(asked.after, asked.limit)

    @question(ReadNotes, signed=False)
    def read_notes(self, asked: ReadNotes) -> Notes:
        """The notes that were signed about the log, for witnesses."""
        return notes_after(self.application.log, asked.after)

    @question(Signed[ReadFeed])
    def audit_feed(self, actor: Actor, asked: ReadFeed) -> Page:
        """A page of the feed, for auditors."""
        return self._source.page(asked.after, asked.limit)

    @question(ReadFeed, signed=False)
    def read_directory(self, asked: ReadFeed) -> DirectoryPage:
        """Who people are at present, for followers."""
        page: DirectoryPage = self.application.read_directory(asked.after, asked.limit)
        return page

    # --- files of HR ---

    @question(Signed[SendStaffFile])
    def send_staff_file(self, actor: Actor, sent: SendStaffFile) -> StaffImport:
        """Take a file of HR in; `work` reads it."""
        return self._files.receive(actor, sent)

    @question(Signed[AskStaffImport])
    def staff_import(self, actor: Actor, asked: AskStaffImport) -> StaffImport:
        """How far a file is, and what it would change."""
        return self._files.of(asked.import_id)

    @question(Signed[AskStaffImports])
    def staff_imports(self, actor: Actor, asked: AskStaffImports) -> StaffImports:
        """The last files."""
        return self._files.newest(asked.limit)

    @question(Signed[ConfirmStaffImport])
    def confirm_staff_import(self, actor: Actor, asked: ConfirmStaffImport) -> StaffImport:
        """Have a file applied."""
        return self._files.confirm(actor, asked)

    @question(Signed[DiscardStaffImport])
    def discard_staff_import(self, actor: Actor, asked: DiscardStaffImport) -> StaffImport:
        """Give a file up."""
        return self._files.discard(asked.import_id)

    @property
    def _files(self) -> StaffFiles:
        files: StaffFiles = self.application.staff_files
        return files

    # --- seats ---

    @question(Signed[AskFit])
    def fit(self, actor: Actor, asked: AskFit) -> Fit:
        """What booking or moving would be answered, before it is done."""
        told: Fit = self.application.fit(actor, asked)
        return told

    # --- plan proposals ---

    @question(Signed[ProposePlan])
    def propose(self, actor: Actor, asked: ProposePlan) -> PlanProposal:
        """Have a plan proposed; `work` makes it."""
        return self._proposals.propose(actor, asked)

    @question(Signed[AskProposal])
    def proposal(self, actor: Actor, asked: AskProposal) -> PlanProposal:
        """How far a proposal is, and what it says."""
        return self._proposals.proposal(actor, asked.proposal_id)

    @question(Signed[AskProposals])
    def proposals(self, actor: Actor, asked: AskProposals) -> PlanProposals:
        """What a manager asked for last."""
        return self._proposals.proposals(actor, asked)

    @property
    def _proposals(self) -> ProposalDesk:
        desk: ProposalDesk = self.application.proposals
        return desk

    # --- messages and calendars ---

    @question(Signed[AskMyCalendar])
    def my_calendar(self, actor: Actor, asked: AskMyCalendar) -> MyCalendar:
        """When whoever asks is expected."""
        return self._mail.my_calendar(actor)

    @question(Signed[AskMailQueue])
    def mail_queue(self, actor: Actor, asked: AskMailQueue) -> MailQueue:
        """What waits to be sent, and what became of the rest."""
        return self._mail.queue()

    @question(Signed[AskReminders])
    def reminders(self, actor: Actor, asked: AskReminders) -> Reminders:
        """Of what a unit's people were told, and will be."""
        return self._mail.reminders(actor, asked)

    @property
    def _mail(self) -> MailDesk:
        desk: MailDesk = self.application.mail
        return desk

    @property
    def _source(self) -> FeedSource:
        source: FeedSource = self.application.source
        return source
