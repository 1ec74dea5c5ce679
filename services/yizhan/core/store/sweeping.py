"""Deleting what has been kept long enough: now and then, in small transactions, so that nobody waits for it."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

import structlog

from yizhan.core.runtime.metrics import Metrics
from yizhan.core.store.database import Database, Transaction
from yizhan.core.store.errors import StoreUnavailable

log = structlog.get_logger(__name__)

EVERY_SECONDS = 3600.0
BATCH = 500
MOST_BATCHES = 200
"""In one sweep and of one kind: what is left over goes with the next."""

Drop = Callable[[Transaction, int], Awaitable[int]]
"""Deletes at most so many rows; how many it did."""


class Broom:
    """One service's. Several replicas may sweep at once: what one deletes the other does not find."""

    def __init__(self, database: Database, metrics: Metrics, *, batch: int = BATCH) -> None:
        self._database = database
        self._batch = batch
        self._removed = metrics.counter(
            "yizhan_retention_removed_total", "What was deleted because it had been kept long enough.", ("what",)
        )
        self._failed = metrics.counter("yizhan_retention_failures_total", "Sweeps that the database did not let end.")

    async def run(self, sweep: Callable[[], Awaitable[Counter[str]]], *, every: float = EVERY_SECONDS) -> None:
        """Sweep now and then, until cancelled."""
        while True:
            await asyncio.sleep(every)
            try:
                await sweep()
            except StoreUnavailable as error:
                self._failed.inc()
                log.warning("sweep_broken_off", reason=error.reason)

    async def drop(self, gone: Counter[str], what: str, drop: Drop, *, batch: int = 0) -> None:
        """Batch after batch until one is not full. ``what`` is what it counts as; empty: it is not counted.

        Raises StoreUnavailable; what went before that is gone.
        """
        size = batch or self._batch
        for _ in range(MOST_BATCHES):
            async with self._database.begin() as tx:
                count = await drop(tx, size)
            self.count(gone, what, count)
            if count < size:
                return
            await asyncio.sleep(0)

    def count(self, gone: Counter[str], what: str, count: int) -> None:
        """Add to what went, here and in the metric."""
        if count and what:
            gone[what] += count
            self._removed.labels(what).inc(count)
