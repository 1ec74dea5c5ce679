"""Makes identities of conversations: behind the writer's back, so that no message waits for it.

The conversation is the only source: an identity follows from its address, and whatever is written here could be thrown away
and made again from ``conversations`` and the links. That is why the writer does not do it. In its transaction it would
cost every message a look-up, for something that nobody needs before a person opens a screen. Instead a task looks
now and then for conversations that are new, in the order of their ids; and who asks for a customer by a conversation
that was not reached yet makes that one at once.

Ids are made before they are committed, by several processes whose clocks differ: what is a little older than the last one
seen is looked through again.
"""

import asyncio

import structlog

from yizhan.core.store.database import Database
from yizhan.core.store.errors import StoreUnavailable
from yizhan.dialogue.store import customers as store

log = structlog.get_logger(__name__)

EVERY_SECONDS = 15.0
PORTION = 500
MOST_PORTIONS = 100
"""In one go: what is left over is for the next."""

OVERLAP_MS = 600_000
"""Clocks of two processes do not differ by more, and no transaction takes longer."""


class Following:
    """``run`` as long as the service does. Several replicas may do so at once: identities have the ids that follow from them."""

    def __init__(self, database: Database, *, portion: int = PORTION) -> None:
        self._database = database
        self._portion = portion

    async def run(self, *, every: float = EVERY_SECONDS) -> None:
        """Catch up now and then, until cancelled."""
        while True:
            try:
                await self.catch_up()
            except StoreUnavailable as error:
                log.warning("customers_wait", reason=error.reason)
            await asyncio.sleep(every)

    async def catch_up(self) -> int:
        """How many conversations were new. Raises StoreUnavailable; what went before that is kept."""
        total = 0
        for _ in range(MOST_PORTIONS):
            count = await self._take()
            total += count
            if count < self._portion:
                break
        return total

    async def _take(self) -> int:
        async with self._database.read() as tx:
            seen = await store.followed(tx)
            found = await store.unfollowed(tx, before_overlap(seen), self._portion)
        if found:
            async with self._database.begin() as tx:
                await store.add(tx, found)
                await store.follow(tx, max(seen, found[-1].conversation_id))
        return len(found)


def before_overlap(conversation_id: str) -> str:
    """The least id of a time a little before that of a UUIDv7; empty, and so before all, for any other id."""
    try:
        made = int(conversation_id[:8] + conversation_id[9:13], 16)
    except ValueError:
        return ""
    text = f"{max(0, made - OVERLAP_MS):012x}"
    return f"{text[:8]}-{text[8:]}"
