"""Deletes what has been kept long enough: now and then, in small transactions, so that no conversation waits for it."""

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial

import structlog

from yizhan.core.runtime.clock import Clock
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.store.database import Database, Transaction
from yizhan.core.store.sweeping import BATCH, EVERY_SECONDS, Broom
from yizhan.dialogue.retention.outdated import outdated
from yizhan.dialogue.retention.policy import Keep
from yizhan.dialogue.search.place import first_of
from yizhan.dialogue.store import retention as store
from yizhan.dialogue.store.search_index import drop_searchable

log = structlog.get_logger(__name__)

PIECES = 8
"""Deleted in one transaction, of a megabyte each."""


class Sweeper:
    """``run`` as long as the service does. Several replicas may sweep at once: what one deletes the other does not find."""

    def __init__(self, database: Database, keep: Keep, clock: Clock, metrics: Metrics, *, batch: int = BATCH) -> None:
        self._database = database
        self._keep = keep
        self._clock = clock
        self._broom = Broom(database, metrics, batch=batch)

    async def run(self, *, every: float = EVERY_SECONDS) -> None:
        """Sweep now and then, until cancelled."""
        await self._broom.run(self.sweep, every=every)

    async def sweep(self) -> Counter[str]:
        """How many of each kind went. Raises StoreUnavailable; what went before that is gone."""
        now = self._clock()
        gone: Counter[str] = Counter()
        learned = now - self._keep.learning
        await self._broom.drop(gone, "decisions", partial(_dropped, store.drop_decisions, now - self._keep.decisions))
        await self._broom.drop(gone, "misses", partial(_dropped, store.drop_misses, learned))
        await self._broom.drop(gone, "miss_groups", partial(_dropped, store.drop_empty_groups, learned))
        await self._broom.drop(gone, "suggestions", partial(_dropped, store.drop_suggestions, learned))
        await self._broom.drop(gone, "searchable", partial(_unfound, first_of(now - self._keep.search)))
        await self._releases(gone, now)
        if gone:
            log.info("swept", **gone)
        return gone

    async def _releases(self, gone: Counter[str], now: datetime) -> None:
        keep = self._keep
        async with self._database.read() as tx:
            lives, needed = await store.release_lives(tx), await store.releases_needed(tx)
        for life in outdated(lives, needed, now - keep.releases, keep.last_releases):
            async with self._database.begin() as tx:
                if await store.decided_with(tx, life.id) or not await store.remove_release(tx, life.id, now):
                    continue
            self._broom.count(gone, "releases", 1)
            log.info("release_removed", workspace=life.workspace, release=life.id, number=life.number)
        await self._broom.drop(Counter(), "", store.drop_removed_pieces, batch=PIECES)


async def _dropped(
    drop: Callable[[Transaction, datetime, int], Awaitable[int]], before: datetime, tx: Transaction, limit: int
) -> int:
    return await drop(tx, before, limit)


async def _unfound(before: int, tx: Transaction, limit: int) -> int:
    return await drop_searchable(tx, before, limit)
