"""Consuming queues, each through a channel of its own.

A queue is handed over by closing its channel: only then the broker puts back what was not acknowledged and chooses
the next active consumer in one step. Cancelling the consumer instead would let the next one start while deliveries
are still in hand here, and order would be lost. What the broker pushed after the hand-over began is left untouched
and goes back with the channel.
"""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

import structlog
from aiormq.abc import DeliveredMessage
from aiormq.channel import Channel

from yizhan.core.bus.intake import Arrival, Intake, Lease
from yizhan.core.bus.interface import BusUnavailable
from yizhan.core.bus.rabbitmq.connection import RPC_SECONDS, Link, Session, broker_errors, close_channel, keep

log = structlog.get_logger(__name__)

_DRAIN_SECONDS: Final = 30.0
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


class _Slot:
    """One queue of one consumer: opens it on every session, until closed."""

    def __init__(self, link: Link, intake: Intake, queue: str, prefetch: int) -> None:
        self._intake = intake
        self._queue = queue
        self._prefetch = prefetch
        self.lease: _ChannelLease | None = None
        self.attempted = asyncio.Event()
        """Set after the first try to consume the queue."""
        self._task = asyncio.create_task(keep(link, self._serve, what=queue), name=f"bus-queue-{queue}")

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _serve(self, session: Session) -> None:
        lease = _ChannelLease(self._queue)
        channel = await session.channel(prefetch=self._prefetch, on_closed=lease.lost.set)
        try:
            lease.channel = channel
            self.lease = lease
            await self._consume(channel, lease)
            self.attempted.set()
            await lease.lost.wait()
        finally:
            self.attempted.set()
            self.lease = None
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


class RabbitConsumer:
    """See ``Consumer``."""

    def __init__(self, link: Link, intake: Intake, *, known: Collection[str], prefetch: int) -> None:
        self._link = link
        self._intake = intake
        self._known = known
        self._prefetch = prefetch
        self._slots: dict[str, _Slot] = {}
        self._changing = asyncio.Lock()
        self._stopped = False
        self._task = asyncio.create_task(intake.run(), name="bus-consumer")

    @property
    def active(self) -> frozenset[str]:
        return frozenset(self._slots)

    async def assign(self, queues: Sequence[str]) -> None:
        unknown = set(queues).difference(self._known)
        if unknown:
            raise ValueError(f"no such queue: {min(unknown)}")
        async with self._changing:
            if self._stopped:
                raise RuntimeError("the consumer was stopped")
            await self._leave([name for name in self._slots if name not in queues], _DRAIN_SECONDS)
            joining = [name for name in dict.fromkeys(queues) if name not in self._slots]
            for name in joining:
                self._slots[name] = _Slot(self._link, self._intake, name, self._prefetch)
            if self._link.session is not None:
                await _ready([self._slots[name] for name in joining])

    async def stop(self, within: float = 10.0) -> None:
        self._intake.stop()
        async with self._changing:
            if self._stopped:
                return
            self._stopped = True
            await self._leave(list(self._slots), within)
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _leave(self, names: Iterable[str], within: float) -> None:
        slots = {name: self._slots[name] for name in names}
        leases = [slot.lease for slot in slots.values() if slot.lease is not None]
        self._intake.leave(leases)
        if not await self._intake.finished(leases, within):
            log.warning("bus_drain_timed_out", queues=len(slots), seconds=within)
        for name in slots:
            del self._slots[name]
        await asyncio.gather(*(slot.close() for slot in slots.values()))


async def _ready(slots: Sequence[_Slot]) -> None:
    """Until each was tried once; a queue that cannot be had now is tried on in the background."""
    try:
        async with asyncio.timeout(_READY_SECONDS):
            for slot in slots:
                await slot.attempted.wait()
    except TimeoutError:
        log.warning("bus_queues_not_ready", queues=len(slots))


def _earlier(headers: dict[str, Any] | None) -> int:
    """How often the broker took the message back; it says so from the second delivery on."""
    count = (headers or {}).get("x-delivery-count", 0)
    return count if isinstance(count, int) else 0
