"""Agents' heartbeats: every open screen says a few times a minute that somebody is there.

With hundreds of screens that is many a second, and nearly all of them change nothing but a moment. They do not take the
desk's lock, for which whoever asks for a human would wait.
"""

from datetime import datetime, timedelta

from yizhan.core.runtime.clock import Clock
from yizhan.core.store.database import Database
from yizhan.routing import store
from yizhan.routing.desk import Agent
from yizhan.routing.looked_up import agent_of
from yizhan.routing.matching.facts import Presence
from yizhan.routing.switchboard import Switchboard

LOOK_EVERY = timedelta(seconds=1)
"""How often heartbeats alone make those who wait be looked at again: what they are told changes with time."""


class Heartbeats:
    """Of all workspaces that this process hears of."""

    def __init__(self, switchboard: Switchboard, database: Database, clock: Clock) -> None:
        self._switchboard = switchboard
        self._database = database
        self._clock = clock
        self._looked_at: dict[str, datetime] = {}

    async def hear(self, workspace: str, agent_id: str) -> tuple[Agent, int]:
        """The agent and their load now. Who counts as offline stays so: a screen left open is no sign of anybody.

        Raises RpcProblem for an unknown agent, and StoreUnavailable.
        """
        now = self._clock()
        async with self._database.begin() as tx:
            heard_since = now - self._switchboard.finding.heard_within
            agent = await store.hear_again(tx, workspace, agent_id, now, heard_since)
            waiting, load = await store.waiting_and_load(tx, workspace, agent_id)
        if agent is None:
            return await self._back(workspace, agent_id), load
        if waiting and self._is_due(workspace, now):
            async with self._switchboard.shift(workspace) as shift:
                await self._switchboard.dispatch(shift)
        return agent, load

    async def _back(self, workspace: str, agent_id: str) -> Agent:
        """Nothing was offered to somebody who was silent for so long: now something may be."""
        async with self._switchboard.shift(workspace) as shift:
            agent = await agent_of(shift.tx, workspace, agent_id)
            if agent.presence is Presence.OFFLINE:
                return agent
            return await self._switchboard.set_presence(shift, agent, None)

    def _is_due(self, workspace: str, now: datetime) -> bool:
        before = self._looked_at.get(workspace)
        if before is not None and now - before < LOOK_EVERY:
            return False
        self._looked_at[workspace] = now
        return True
