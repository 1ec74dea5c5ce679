"""The real bus with switches, as the channel's service gets it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from yizhan.core.bus.interface import (
    Bus,
    BusUnavailable,
    Consumer,
    DeadLetter,
    Depth,
    Handler,
    LiveHandler,
    Publication,
)
from yizhan.pb.v1.envelope_pb2 import Envelope


class FaultyBus:
    """``away``: publishing fails, as with a broker that cannot be reached. ``hold``: it takes until ``release``."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._free = asyncio.Event()
        self._free.set()
        self.away = False

    def hold(self) -> None:
        self._free.clear()

    def release(self) -> None:
        self._free.set()

    async def publish(self, publications: Sequence[Publication]) -> None:
        await self._free.wait()
        if self.away:
            raise BusUnavailable("away")
        await self._bus.publish(publications)

    async def announce(self, key: str, envelopes: Sequence[Envelope]) -> None:
        await self._bus.announce(key, envelopes)

    async def consume(self, queues: Sequence[str], handler: Handler, **options: Any) -> Consumer:
        return await self._bus.consume(queues, handler, **options)

    async def listen(
        self, keys: Sequence[str], handler: LiveHandler, *, on_gap: Callable[[], Awaitable[None]] | None = None
    ) -> Consumer:
        return await self._bus.listen(keys, handler, on_gap=on_gap)

    async def depths(self) -> Sequence[Depth]:
        return await self._bus.depths()

    async def dead_letters(self, queue: str | None = None, *, limit: int = 100) -> Sequence[DeadLetter]:
        return await self._bus.dead_letters(queue, limit=limit)

    async def discard(self, letter_id: str) -> bool:
        return await self._bus.discard(letter_id)

    async def waiting(self, queues: Sequence[str], concerns: Callable[[Envelope], bool]) -> int:
        return await self._bus.waiting(queues, concerns)

    async def replay(self, letter_id: str) -> bool:
        return await self._bus.replay(letter_id)

    @property
    def connected(self) -> bool:
        return self._bus.connected

    @property
    def blocked(self) -> bool:
        return self._bus.blocked
