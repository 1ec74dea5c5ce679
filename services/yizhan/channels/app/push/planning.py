"""Notes durably that a customer's devices are to be told of a message, unless it is seen before."""

from collections.abc import Sequence
from datetime import timedelta

import structlog
from aiohttp import web

from yizhan.channels.contract import Abilities, RetryLater, Sent
from yizhan.channels.screens.channel import ScreenChannel
from yizhan.channels.store import devices, pushes
from yizhan.channels.store.pushes import PushRow, PushState
from yizhan.core.messages.message import Message
from yizhan.core.runtime.clock import Clock
from yizhan.core.store.database import Database
from yizhan.core.store.errors import StoreError

log = structlog.get_logger(__name__)

AGAIN_SECONDS = 2.0


class Planner:
    """``after``: how long a message may be unseen."""

    def __init__(self, database: Database, clock: Clock, after: timedelta) -> None:
        self._database = database
        self._clock = clock
        self._after = after

    async def plan(self, message: Message) -> None:
        """Once per message and device, however often the message is handed over. Raises StoreError."""
        key = message.address.key()
        found = await devices.of(self._database, key)
        if not found:
            return
        now = self._clock()
        rows = [
            PushRow(
                message_id=message.id,
                device=device.device,
                address_key=key,
                seq=message.seq,
                platform=device.platform,
                state=PushState.PLANNED,
                tries=0,
                reason="",
                due_at=now + self._after,
                planned_at=now,
            )
            for device in found
        ]
        async with self._database.begin() as tx:
            await pushes.plan(tx, rows)


class AppChannel:
    """Customers' own screens, and the plan to tell those who have none open."""

    def __init__(self, screens: ScreenChannel, planner: Planner) -> None:
        self._screens = screens
        self._planner = planner

    @property
    def name(self) -> str:
        return self._screens.name

    def abilities(self, account: str) -> Abilities:
        return self._screens.abilities(account)

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        return self._screens.routes()

    async def send(self, message: Message, part: int) -> Sent:
        """Raises RetryLater while the database is away: screens have the message, devices must not be forgotten."""
        sent = await self._screens.send(message, part)
        try:
            await self._planner.plan(message)
        except StoreError as error:
            log.warning("push_not_planned", message_id=message.id, error=type(error).__name__)
            raise RetryLater(AGAIN_SECONDS) from error
        return sent
