"""Forgetting what own agent systems were told and asked for, when nobody can need it any more."""

import asyncio
from datetime import timedelta

import structlog

from yizhan.core.runtime.clock import Clock
from yizhan.core.store.database import Database
from yizhan.core.store.errors import StoreUnavailable
from yizhan.routing.attending.carrying_out import KEPT_FOR
from yizhan.routing.store import attending, systems, webhooks

log = structlog.get_logger(__name__)

EVERY_SECONDS = 3600.0

LONGEST_ABSENCE = timedelta(days=30)
"""What a system did not acknowledge for so long is forgotten too; it is told so when it comes back."""


async def keep_pruning(database: Database, clock: Clock) -> None:
    """Runs as long as the service does."""
    while True:
        try:
            gone = await prune(database, clock)
        except StoreUnavailable as error:
            log.warning("attend_pruning_waits", reason=error.reason)
        else:
            log.info("attend_pruned", events=gone)
        await asyncio.sleep(EVERY_SECONDS)


async def prune(database: Database, clock: Clock) -> int:
    """How many events were forgotten. Raises StoreUnavailable."""
    now = clock()
    async with database.begin() as tx:
        await systems.prune(tx, now, now - LONGEST_ABSENCE)
        await webhooks.prune(tx)
        return await attending.prune(tx, now - KEPT_FOR, now - LONGEST_ABSENCE)
