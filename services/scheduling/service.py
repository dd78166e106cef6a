"""RPC entry points of scheduling: parse, call, reply."""

from services.backbone.feed import FeedSource, Page
from services.backbone.rpc import RpcService, question
from services.contracts.access import Actor
from services.contracts.message import Batch, Outcomes, ReadFeed, Signed
from services.contracts.scheduling import DirectoryPage, SchedulingCommand


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

    @question(Signed[ReadFeed])
    def audit_feed(self, actor: Actor, asked: ReadFeed) -> Page:
        """A page of the feed, for auditors."""
        return self._source.page(asked.after, asked.limit)

    @question(ReadFeed, signed=False)
    def read_directory(self, asked: ReadFeed) -> DirectoryPage:
        """Who people are at present, for followers."""
        page: DirectoryPage = self.application.read_directory(asked.after, asked.limit)
        return page

    @property
    def _source(self) -> FeedSource:
        source: FeedSource = self.application.source
        return source
