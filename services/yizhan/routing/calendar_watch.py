"""Watches for days soon whose holidays are not arranged yet: a promise that falls on one may be reckoned wrongly."""

import asyncio
from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

import structlog
from prometheus_client import Gauge

from yizhan.contract.arrangements import unconfirmed
from yizhan.contract.contract import Contract
from yizhan.core.runtime.clock import Clock
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.store.database import Database
from yizhan.core.store.errors import StoreUnavailable
from yizhan.routing import store
from yizhan.routing.terms import TermsBook, TermsLost, calendars_used

log = structlog.get_logger(__name__)

HOUR_SECONDS = 3600.0
AGAIN_SECONDS = 30.0
"""After the database was away."""


def unconfirmed_gauge(metrics: Metrics) -> Gauge:
    return metrics.gauge(
        "yizhan_calendar_unconfirmed_days",
        "Days of calendars in use, within the next 60, whose arrangement of holidays is not known yet.",
    )


async def watch_calendars(database: Database, terms: TermsBook, clock: Clock, gauge: Gauge) -> None:
    """Keeps the gauge, once an hour; runs as long as the service does. Replicas show the same."""
    while True:
        try:
            gauge.set(await count_unconfirmed(database, terms, clock))
            wait = HOUR_SECONDS
        except StoreUnavailable as error:
            log.warning("calendar_watch_waits", reason=error.reason)
            wait = AGAIN_SECONDS
        await asyncio.sleep(wait)


async def count_unconfirmed(database: Database, terms: TermsBook, clock: Clock) -> int:
    """The days of all workspaces' calendars together. Raises StoreUnavailable."""
    now, total = clock(), 0
    async with database.read() as tx:
        for workspace in await store.workspaces(tx):
            try:
                contract = (await terms.current(tx, workspace, now)).contract
            except TermsLost:
                log.warning("contract_lost", workspace=workspace)
                continue
            kept = await store.load_overrides(tx, workspace)
            total += _unconfirmed(contract, kept, now.astimezone(ZoneInfo(contract.zone)).date())
    return total


def _unconfirmed(contract: Contract, kept: Sequence[store.KeptOverride], today: date) -> int:
    return sum(
        len(unconfirmed(plan, [one.override for one in kept if one.calendar == plan.name], today))
        for plan in calendars_used(contract)
    )
