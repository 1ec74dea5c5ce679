"""Tells our own messages, which platforms push back to us, from what was written in the platform's own console."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from yizhan.channels.contract import RetryLater
from yizhan.channels.store import sends as store
from yizhan.channels.store.sends import SendRow, SendState
from yizhan.core.messages.address import Address
from yizhan.core.runtime.clock import Clock
from yizhan.core.store.database import Database
from yizhan.core.store.errors import StoreError

log = structlog.get_logger(__name__)

IN_FLIGHT = timedelta(seconds=25)
"""Longer than a call takes: what began before that and has no answer will get none."""
WAIT_SECONDS = 3.0
"""For calls without an answer yet: platforms push a message back before they answer the call that sent it."""
POLL_SECONDS = 0.1
_POLLS = round(WAIT_SECONDS / POLL_SECONDS)


class OwnSends:
    """As ``platform.Ours``, by the ledger of sends, which other replicas write as well."""

    def __init__(
        self, database: Database, clock: Clock, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._database = database
        self._clock = clock
        self._sleep = sleep

    async def __call__(self, address: Address, external_id: str) -> str:
        """Raises RetryLater."""
        if not external_id:
            return ""  # as it stands in the ledger where a platform gave none
        for _ in range(_POLLS):
            rows = await self._rows(address)
            found = next((row.message_id for row in rows if external_id in row.external_id.split(",")), "")
            if found or not any(self._in_flight(row) for row in rows):
                return found
            await self._sleep(POLL_SECONDS)
        return ""

    async def _rows(self, address: Address) -> list[SendRow]:
        try:
            return await store.newest_to(self._database, address.key())
        except StoreError as error:
            log.warning("sends_not_read", channel=address.channel, error=type(error).__name__)
            raise RetryLater from None

    def _in_flight(self, row: SendRow) -> bool:
        return row.state is SendState.CALLING and self._clock() - row.began_at < IN_FLIGHT
