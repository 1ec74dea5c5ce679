"""Deletes what has been kept long enough: now and then, in small transactions, so that no conversation waits for it."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial

import structlog

from yizhan.core.runtime.clock import Clock
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.store.database import Database, Transaction
from yizhan.core.store.errors import StoreUnavailable
from yizhan.dialogue.retention.outdated import outdated
from yizhan.dialogue.retention.policy import Keep
from yizhan.dialogue.search.place import first_of
from yizhan.dialogue.store import retention as store
from yizhan.dialogue.store.search_index import drop_searchable

log = structlog.get_logger(__name__)

EVERY_SECONDS = 3600.0
BATCH = 500
MOST_BATCHES = 200
"""In one sweep and of one kind: what is left over goes with the next."""

PIECES = 8
"""Deleted in one transaction, of a megabyte each."""

Drop = Callable[[Transaction, int], Awaitable[int]]


class Sweeper:
    """``run`` as long as the service does. Several replicas may sweep at once: what one deletes the other does not find."""

    def __init__(self, database: Database, keep: Keep, clock: Clock, metrics: Metrics, *, batch: int = BATCH) -> None:
        self._database = database
        self._keep = keep
        self._clock = clock
        self._batch = batch
        self._removed = metrics.counter(
            "yizhan_retention_removed_total", "What was deleted because it had been kept long enough.", ("what",)
        )
        self._failed = metrics.counter("yizhan_retention_failures_total", "Sweeps that the database did not let end.")

    async def run(self, *, every: float = EVERY_SECONDS) -> None:
        """Sweep now and then, until cancelled."""
        while True:
            await asyncio.sleep(every)
            try:
                await self.sweep()
            except StoreUnavailable as error:
                self._failed.inc()
                log.warning("sweep_broken_off", reason=error.reason)

    async def sweep(self) -> Counter[str]:
        """How many of each kind went. Raises StoreUnavailable; what went before that is gone."""
        now = self._clock()
        gone: Counter[str] = Counter()
        learned = now - self._keep.learning
        await self._drop(gone, "decisions", partial(_dropped, store.drop_decisions, now - self._keep.decisions))
        await self._drop(gone, "misses", partial(_dropped, store.drop_misses, learned))
        await self._drop(gone, "miss_groups", partial(_dropped, store.drop_empty_groups, learned))
        await self._drop(gone, "suggestions", partial(_dropped, store.drop_suggestions, learned))
        await self._drop(gone, "searchable", partial(_unfound, first_of(now - self._keep.search)))
        await self._releases(gone, now)
        if gone:
            log.info("swept", **gone)
        return gone

    async def _drop(self, gone: Counter[str], what: str, drop: Drop, *, batch: int = 0) -> None:
        size = batch or self._batch
        for _ in range(MOST_BATCHES):
            async with self._database.begin() as tx:
                count = await drop(tx, size)
            self._count(gone, what, count)
            if count < size:
                return
            await asyncio.sleep(0)

    async def _releases(self, gone: Counter[str], now: datetime) -> None:
        keep = self._keep
        async with self._database.read() as tx:
            lives, needed = await store.release_lives(tx), await store.releases_needed(tx)
        for life in outdated(lives, needed, now - keep.releases, keep.last_releases):
            async with self._database.begin() as tx:
                if await store.decided_with(tx, life.id) or not await store.remove_release(tx, life.id, now):
                    continue
            self._count(gone, "releases", 1)
            log.info("release_removed", workspace=life.workspace, release=life.id, number=life.number)
        await self._drop(Counter(), "", store.drop_removed_pieces, batch=PIECES)

    def _count(self, gone: Counter[str], what: str, count: int) -> None:
        if count and what:
            gone[what] += count
            self._removed.labels(what).inc(count)


async def _dropped(
    drop: Callable[[Transaction, datetime, int], Awaitable[int]], before: datetime, tx: Transaction, limit: int
) -> int:
    return await drop(tx, before, limit)


async def _unfound(before: int, tx: Transaction, limit: int) -> int:
    return await drop_searchable(tx, before, limit)
