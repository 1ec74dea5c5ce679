"""Brings the groups of a workspace up to date when somebody looks at them: outside the writer, and with a bound."""

import asyncio
from dataclasses import dataclass

import structlog

from yizhan.core.messages.ids import NewId
from yizhan.core.runtime.clock import Clock
from yizhan.core.store.database import Database
from yizhan.dialogue.misses.grouping import MOST_GROUPS, OPEN_FOR, Grouping
from yizhan.dialogue.store import misses as store

log = structlog.get_logger(__name__)

PORTION = 500
"""So many misses are read, and written in one transaction."""

MOST_AT_ONCE = 5_000
"""So many are grouped while somebody waits."""

TRIES = 5


@dataclass(slots=True)
class _Known:
    """What misses are compared with, as it was at ``version``."""

    version: int
    grouping: Grouping


class Groups:
    """Grouping for every workspace that this process is asked about."""

    def __init__(self, database: Database, *, clock: Clock, new_id: NewId) -> None:
        self._database = database
        self._clock = clock
        self._new_id = new_id
        self._known: dict[str, _Known] = {}
        self._one_at_a_time = asyncio.Lock()

    async def catch_up(self, workspace: str) -> int:
        """Group at most ``MOST_AT_ONCE`` misses; how many are left. Raises StoreUnavailable."""
        async with self._one_at_a_time:
            for _ in range(MOST_AT_ONCE // PORTION):
                if not await self._portion(workspace):
                    break
        async with self._database.read() as tx:
            return await store.count_ungrouped(tx, workspace)

    async def _portion(self, workspace: str) -> bool:
        """Whether there may be more."""
        for _ in range(TRIES):
            async with self._database.read() as tx:
                waiting = await store.ungrouped(tx, workspace, PORTION)
                version = await store.version(tx, workspace)
            if not waiting:
                return False
            known = await self._read(workspace, version)
            joined = await asyncio.to_thread(known.grouping.join, waiting)
            async with self._database.begin() as tx:
                done = await store.join(tx, workspace, joined, seen=version)
            if done:
                known.version = version + 1
                return len(waiting) == PORTION
            self._known.pop(workspace, None)  # another process has grouped meanwhile
        log.info("misses_grouped_elsewhere", workspace=workspace)
        return False

    async def _read(self, workspace: str, version: int) -> _Known:
        known = self._known.pop(workspace, None)
        if known is None or known.version != version or known.grouping.full:
            async with self._database.read() as tx:
                leaders = await store.leaders(tx, workspace, self._clock() - OPEN_FOR, MOST_GROUPS)
            known = _Known(version, await asyncio.to_thread(Grouping.of, leaders, self._new_id))
        self._known[workspace] = known
        return known
