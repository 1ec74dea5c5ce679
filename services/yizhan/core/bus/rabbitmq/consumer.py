"""Consuming queues, each through a channel of its own.

A queue is handed over by closing its channel: only then the broker puts back what was not acknowledged and chooses
the next active consumer in one step. Cancelling the consumer instead would let the next one start while deliveries
are still in hand here, and order would be lost. What the broker pushed after the hand-over began is left untouched
and goes back with the channel.
"""

import asyncio
from typing import Any, Final

import structlog
from aiormq.abc import DeliveredMessage
from aiormq.channel import Channel

from yizhan.core.bus.intake import Arrival, Intake, Lease
from yizhan.core.bus.interface import BusUnavailable
from yizhan.core.bus.rabbitmq.connection import RPC_SECONDS, Link, Session, broker_errors, close_channel, keep

log = structlog.get_logger(__name__)

_READY_SECONDS: Final = 5.0


class _ChannelLease(Lease):
    """A queue as long as one channel lives."""

    def __init__(self, queue: str) -> None:
        super().__init__(queue)
        self.channel: Channel | None = None
        self.lost = asyncio.Event()

    async def acknowledge(self, tag: int) -> None:
        if self.channel is None:
            return
        try:
            with broker_errors():
                await self.channel.basic_ack(tag, multiple=True, wait=False)
        except BusUnavailable:
            log.info("bus_acknowledgement_lost", queue=self.queue)

    def give_back(self) -> None:
        self.lost.set()


class RabbitSlot:
    """One queue of one consumer: opens it on every session, until closed."""

    def __init__(self, link: Link, intake: Intake, queue: str, prefetch: int) -> None:
        self._link = link
        self._intake = intake
        self._queue = queue
        self._prefetch = prefetch
        self._lease: _ChannelLease | None = None
        self._attempted = asyncio.Event()
        self._task = asyncio.create_task(keep(link, self._serve, what=queue), name=f"bus-queue-{queue}")

    @property
    def lease(self) -> Lease | None:
        return self._lease

    async def ready(self) -> None:
        if self._link.session is None:
            return
        try:
            async with asyncio.timeout(_READY_SECONDS):
                await self._attempted.wait()
        except TimeoutError:
            log.warning("bus_queue_not_ready", queue=self._queue)

    async def close(self, *, drained: bool) -> None:  # noqa: ARG002 - the broker puts back what was not acknowledged
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _serve(self, session: Session) -> None:
        lease = _ChannelLease(self._queue)
        channel = await session.channel(prefetch=self._prefetch, on_closed=lease.lost.set)
        try:
            lease.channel = channel
            self._lease = lease
            await self._consume(channel, lease)
            self._attempted.set()
            await lease.lost.wait()
        finally:
            self._attempted.set()
            self._lease = None
            self._intake.lost(lease)
            await close_channel(channel)

    async def _consume(self, channel: Channel, lease: _ChannelLease) -> None:
        intake = self._intake

        async def take(message: DeliveredMessage) -> None:
            earlier = _earlier(message.header.properties.headers)
            tag, again = message.delivery_tag or 0, bool(message.redelivered)
            intake.arrived(Arrival(lease, tag, message.body, again, earlier))

        with broker_errors():
            channel.on_consumer_cancel_callbacks.add(lambda _: lease.lost.set())
            await channel.basic_consume(self._queue, take, timeout=RPC_SECONDS)


def _earlier(headers: dict[str, Any] | None) -> int:
    """How often the broker took the message back; it says so from the second delivery on."""
    count = (headers or {}).get("x-delivery-count", 0)
    return count if isinstance(count, int) else 0
