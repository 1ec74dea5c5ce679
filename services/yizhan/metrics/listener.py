"""The bus handler of the metrics service: a batch of events becomes one transaction, and figures."""

from collections.abc import Sequence

import structlog

from yizhan.core.bus.interface import Delivery, RetryLater
from yizhan.core.store.database import Database
from yizhan.core.store.errors import StoreUnavailable
from yizhan.core.store.inbox import Claim, Inbox
from yizhan.metrics import store
from yizhan.metrics.facts import gather
from yizhan.metrics.figures import Figures

log = structlog.get_logger(__name__)


class Listener:
    """Counts every event once, however often it is delivered."""

    def __init__(self, database: Database, inbox: Inbox, figures: Figures, workspace: str) -> None:
        self._database = database
        self._inbox = inbox
        self._figures = figures
        self._workspace = workspace

    async def handle(self, deliveries: Sequence[Delivery]) -> None:
        """Raises RetryLater while the database is away; nothing is counted then."""
        events = [item.envelope.event for item in deliveries if item.envelope.WhichOneof("payload") == "event"]
        try:
            async with self._database.begin() as tx:
                claims = await self._inbox.claim(tx, [(event.id, event.id) for event in events])
                new = [event for event, claim in zip(events, claims.each, strict=True) if claim is Claim.NEW]
                facts = gather(new, self._workspace)
                written = await store.write(tx, self._database.dialect, facts, self._workspace)
        except StoreUnavailable as error:
            log.warning("store_unavailable", batch=len(events), reason=error.reason)
            raise RetryLater(0.5) from error
        self._figures.count(facts, written)
