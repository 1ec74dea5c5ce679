"""微信客服 as one thing: what the channel needs of it in both directions."""

import asyncio

import structlog

from yizhan.channels.contract import Abilities, Pulled, Sent
from yizhan.channels.turns import Turns
from yizhan.channels.wechat import events
from yizhan.channels.wechat.kf.customers import Customers
from yizhan.channels.wechat.kf.outgoing import abilities_of
from yizhan.channels.wechat.kf.pull import KfPull
from yizhan.channels.wechat.kf.send import KfSend
from yizhan.channels.wechat.kf.sources import Sources
from yizhan.channels.wechat.settings import KfSettings
from yizhan.core.messages.message import Message
from yizhan.core.store.errors import StoreError

log = structlog.get_logger(__name__)

FORGET_SECONDS = 3600.0


class KfDesk:
    """``run`` belongs beside it for as long as the process lives."""

    def __init__(self, sources: Sources, turns: Turns, pulling: KfPull, sending: KfSend, customers: Customers) -> None:
        self._sources = sources
        self._turns = turns
        self._pulling = pulling
        self._sending = sending
        self._customers = customers

    def abilities(self, settings: KfSettings) -> Abilities:
        return abilities_of(settings)

    async def hinted(self, account: str, hint: events.KfHint) -> None:
        """A callback came: durable when this returns. Raises StoreError."""
        await self._sources.hinted(account, hint.open_kfid, hint.token)

    def sources(self) -> frozenset[str]:
        return self._sources.names()

    async def pull(self, source: str) -> Pulled:
        """Raises RetryLater and StoreError."""
        return await self._pulling.pull(source)

    async def send(self, account: str, settings: KfSettings, message: Message, part: int) -> Sent:
        """Raises a SendError."""
        return await self._sending.send(account, message, part, take_over=settings.take_over)

    async def run(self) -> None:
        """Look which accounts there are, and forget what is over; until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._sources.run())
            group.create_task(self._forget())

    async def close(self) -> None:
        """At the end, after the last pull. Raises nothing."""
        await self._pulling.close()
        await self._turns.close()

    async def _forget(self) -> None:
        while True:
            await asyncio.sleep(FORGET_SECONDS)
            try:
                await self._customers.forget()
            except StoreError as error:
                log.warning("kf_state_not_forgotten", error=type(error).__name__)
