"""How long routing keeps what nobody needs any more, and the sweeper that deletes the rest."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog

from yizhan.core.runtime.clock import Clock
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.runtime.settings import RoutingSettings
from yizhan.core.store.database import Database, Transaction
from yizhan.core.store.sweeping import BATCH, EVERY_SECONDS, Broom
from yizhan.routing import store
from yizhan.routing.attending.carrying_out import KEPT_FOR
from yizhan.routing.store import retention
from yizhan.routing.terms import TermsBook, TermsLost

log = structlog.get_logger(__name__)

LARGE = 100
"""Rows of tens of kilobytes that are deleted in one transaction."""


@dataclass(frozen=True, slots=True)
class Keep:
    """``decisions``: why agents were chosen, and what they were: a past day is recorded from both. ``events``: what own agent systems were told and did not acknowledge, their old
    tokens, and hand-overs that nobody came for. Cases, and how customers of tickets were reached, are kept as long as their
    workspace's contract says.
    """

    decisions: timedelta = timedelta(days=90)
    events: timedelta = timedelta(days=30)


def keep_of(settings: RoutingSettings) -> Keep:
    return Keep(
        timedelta(days=settings.keep_routing_decisions_days),
        timedelta(days=settings.keep_events_days),
    )


class Sweeper:
    """``run`` as long as the service does."""

    def __init__(
        self,
        database: Database,
        keep: Keep,
        terms: TermsBook,
        clock: Clock,
        metrics: Metrics,
        *,
        batch: int = BATCH,
    ) -> None:
        self._database = database
        self._keep = keep
        self._terms = terms
        self._clock = clock
        self._large = min(batch, LARGE)
        self._broom = Broom(database, metrics, batch=batch)

    async def run(self, *, every: float = EVERY_SECONDS) -> None:
        """Sweep now and then, until cancelled."""
        await self._broom.run(self.sweep, every=every)

    async def sweep(self) -> Counter[str]:
        """How many of each kind went. Raises StoreUnavailable; what went before that is gone."""
        now = self._clock()
        gone: Counter[str] = Counter()
        drop, old = self._broom.drop, now - self._keep.events
        decided = _before(retention.drop_decisions, now - self._keep.decisions)
        await drop(gone, "routing_decisions", decided, batch=self._large)
        await drop(gone, "agent_history", _before(retention.drop_agent_history, now - self._keep.decisions))
        await drop(gone, "transfers", _before(retention.drop_transfers, old))
        await drop(gone, "attend_events", partial(_events, now - KEPT_FOR, old))
        await drop(gone, "attend_requests", _before(retention.drop_requests, now - KEPT_FOR))
        await drop(gone, "attend_readable", _before(retention.drop_readable, now))
        await drop(gone, "webhook_reading", retention.drop_reading)
        await drop(gone, "system_tokens", _before(retention.drop_tokens, old))
        await self._by_contract(gone, now)
        if gone:
            log.info("swept", **gone)
        return gone

    async def _by_contract(self, gone: Counter[str], now: datetime) -> None:
        async with self._database.read() as tx:
            workspaces = await store.workspaces(tx)
        for workspace in workspaces:
            try:
                async with self._database.read() as tx:
                    contract = (await self._terms.current(tx, workspace, now)).contract
            except TermsLost:
                log.warning("cases_kept", workspace=workspace, reason="terms_lost")
                continue
            kept = contract.retention
            await self._broom.drop(gone, "cases", partial(_cases, workspace, now - kept.responses))
            await self._broom.drop(gone, "ticket_contacts", partial(_contacts, workspace, now - kept.tickets))


def _before(
    drop: Callable[[Transaction, datetime, int], Awaitable[int]], before: datetime
) -> Callable[[Transaction, int], Awaitable[int]]:
    async def dropped(tx: Transaction, limit: int) -> int:
        return await drop(tx, before, limit)

    return dropped


async def _events(acknowledged_before: datetime, before: datetime, tx: Transaction, limit: int) -> int:
    return await retention.drop_events(tx, acknowledged_before, before, limit)


async def _cases(workspace: str, before: datetime, tx: Transaction, limit: int) -> int:
    return await retention.drop_cases(tx, workspace, before, limit)


async def _contacts(workspace: str, before: datetime, tx: Transaction, limit: int) -> int:
    return await retention.drop_contacts(tx, workspace, before, limit)
