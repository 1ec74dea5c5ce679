"""Short facts about buyers, kept for all replicas."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from yizhan.channels.contract import RetryLater
from yizhan.channels.store import customer_state as store
from yizhan.channels.store.customer_state import StateRow
from yizhan.core.messages.address import Address
from yizhan.core.runtime.clock import Clock
from yizhan.core.store.database import Database
from yizhan.core.store.errors import StoreError

log = structlog.get_logger(__name__)

KEPT = timedelta(days=7)
"""After they have run out: as long as the ledger of sends."""
LONGEST_NAME = 32
LONGEST_VALUE = 300


class BuyerNotes:
    """As ``platform.Notes``."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def known(self, address: Address) -> Mapping[str, str]:
        try:
            rows = await store.read(self._database, address.key())
        except StoreError as error:
            raise _away("notes_not_read", error) from None
        now = self._clock()
        return {name: row.value for name, row in rows.items() if now < row.until}

    async def note(self, address: Address, facts: Mapping[str, str], until: datetime) -> None:
        key = address.key()
        if any(len(name) > LONGEST_NAME or len(value) > LONGEST_VALUE for name, value in facts.items()):
            raise ValueError("a fact is too long to be noted")
        try:
            async with self._database.begin() as tx:
                await store.put(tx, [StateRow(key, name, value, until) for name, value in facts.items()])
        except StoreError as error:
            raise _away("notes_not_kept", error) from None

    async def forget(self) -> int:
        """Remove what ran out long ago; how many. Raises StoreError."""
        async with self._database.begin() as tx:
            return await store.forget(tx, self._clock() - KEPT)


def _away(event: str, error: StoreError) -> RetryLater:
    log.warning(event, channel="ecommerce", error=type(error).__name__)
    return RetryLater()
