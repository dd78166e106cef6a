"""RPC entry points of progress: parse, call, reply."""

from services.backbone.feed import FeedSource, Page
from services.backbone.rpc import RpcService, question
from services.backbone.seal.sealer import notes_after
from services.contracts.access import Actor
from services.contracts.message import Batch, Notes, Outcomes, ReadFeed, ReadNotes, Signed
from services.contracts.progress import AskRecord, ProgressCommand, RecordView


class ProgressService(RpcService):
    """What was learned."""

    name = "progress"

    @question(Batch[ProgressCommand], signed=False)
    def execute(self, batch: Batch[ProgressCommand]) -> Outcomes:
        """Carry out learners' commands; each item is signed by its own person."""
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

    @question(Signed[AskRecord])
    def record(self, actor: Actor, asked: AskRecord) -> RecordView:
        """Where one's own record stands."""
        view: RecordView = self.application.record(actor, asked.record_id)
        return view

    @property
    def _source(self) -> FeedSource:
        source: FeedSource = self.application.source
        return source
