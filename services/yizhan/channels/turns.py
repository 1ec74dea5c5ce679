"""A source's turn: one replica at a time reads it, and what was read counts only while its turn lasts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from yizhan.channels.store import cursors
from yizhan.channels.store.cursors import CursorRow, Source
from yizhan.core.runtime.clock import Clock
from yizhan.core.store.database import Database
from yizhan.core.store.errors import StoreError

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=20)
"""Longer than a call may take; the turn of a replica that died lapses after it."""
EXTEND_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Turn:
    """What was known of the source when the turn began, and when that was."""

    source: Source
    row: CursorRow
    began_at: datetime


class Turns:
    """``holder`` is this replica's id, another one for each. Methods raise StoreError where nothing else is said."""

    def __init__(self, database: Database, clock: Clock, holder: str) -> None:
        self._database = database
        self._clock = clock
        self._holder = holder
        self._mine: set[Source] = set()

    async def take(self, source: Source) -> Turn | None:
        """None: it is another replica's turn."""
        now = self._clock()
        async with self._database.begin() as tx:
            row = await cursors.lock(tx, source)
            if self._taken(row, now):
                return None
            await cursors.take_lease(tx, source, self._holder, now + LEASE)
        self._mine.add(source)
        return Turn(source, row, now)

    @asynccontextmanager
    async def kept(self, turn: Turn) -> AsyncIterator[None]:
        """Inside, the turn goes on however long it takes."""
        task = asyncio.create_task(self._extend(turn.source), name=f"keep turn {turn.source.name}")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait({task})

    async def move(self, turn: Turn, position: str, *, more: bool) -> bool:
        """What was read is durable. False: the turn was lost meanwhile, and another replica reads the same."""
        async with self._database.begin() as tx:
            pulled_at = None if more else max(turn.began_at, turn.row.hinted_at or turn.began_at)
            moved = await cursors.move(tx, turn.source, self._holder, turn.row.position, position, pulled_at)
        if not more:
            self._mine.discard(turn.source)
        return moved

    async def release(self, source: Source) -> None:
        """Nothing was read. Where it cannot be noted the turn lapses: nothing is raised."""
        self._mine.discard(source)
        try:
            async with self._database.begin() as tx:
                await cursors.release_lease(tx, source, self._holder)
        except StoreError as error:
            log.warning("turn_not_released", channel=source.channel, source=source.name, error=type(error).__name__)

    async def close(self) -> None:
        """At the end: who comes next need not wait until this replica's turns lapse."""
        for source in tuple(self._mine):
            await self.release(source)

    def _taken(self, row: CursorRow, now: datetime) -> bool:
        """A lease far in the future is of a clock that is wrong, and not believed."""
        if row.lease_until is None or row.lease_holder == self._holder:
            return False
        return now < row.lease_until <= now + 2 * LEASE

    async def _extend(self, source: Source) -> None:
        while True:
            await asyncio.sleep(EXTEND_SECONDS)
            try:
                async with self._database.begin() as tx:
                    await cursors.extend_lease(tx, source, self._holder, self._clock() + LEASE)
            except StoreError as error:
                log.warning("turn_not_extended", channel=source.channel, source=source.name, error=type(error).__name__)
