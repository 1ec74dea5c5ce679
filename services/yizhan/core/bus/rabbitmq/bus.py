"""The bus on RabbitMQ: one connection, a publishing channel, an announcing channel, a channel per consumed queue."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial

import structlog

from yizhan.core.bus.consumer import QueueConsumer
from yizhan.core.bus.figures import BusFigures
from yizhan.core.bus.hints import Hints
from yizhan.core.bus.intake import Intake
from yizhan.core.bus.interface import (
    BusUnavailable,
    Consumer,
    DeadLetter,
    Depth,
    Handler,
    LiveHandler,
    Publication,
)
from yizhan.core.bus.rabbitmq.connection import Link
from yizhan.core.bus.rabbitmq.consumer import RabbitSlot
from yizhan.core.bus.rabbitmq.dead import DeadLetters
from yizhan.core.bus.rabbitmq.declare import declare
from yizhan.core.bus.rabbitmq.live import Announcer, RabbitListener
from yizhan.core.bus.rabbitmq.publisher import Publisher
from yizhan.core.bus.topology import queues
from yizhan.core.runtime.clock import Clock, now
from yizhan.pb.v1.envelope_pb2 import Envelope

log = structlog.get_logger(__name__)

_LAST_MOMENT = 2.0


class RabbitBus:
    """See ``Bus``. Made by ``open_rabbitmq``."""

    def __init__(
        self, link: Link, *, partitions: int, producer: str, figures: BusFigures, clock: Clock, seconds: float
    ) -> None:
        self._link = link
        self._figures = figures
        self._names = [queue.name for queue in queues(partitions)]
        self._publisher = Publisher(link, producer=producer, figures=figures, seconds=seconds)
        self._announcer = Announcer(link, producer=producer, figures=figures)
        self._dead = DeadLetters(link, self._publisher, self._names, clock)
        self._consumers: list[QueueConsumer | RabbitListener] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self, within: float) -> None:
        """Returns when publishing works. Raises BusUnavailable."""
        self._tasks = [
            asyncio.create_task(self._publisher.run(), name="bus-publisher"),
            asyncio.create_task(self._announcer.run(), name="bus-announcer"),
        ]
        try:
            async with asyncio.timeout(within):
                await self._publisher.opened()
                await self._announcer.attempted.wait()
        except TimeoutError:
            raise BusUnavailable("the broker does not answer") from None

    async def close(self) -> None:
        """Leave. Consumers are stopped by their owners; one that still runs gets a moment, then its rest comes again."""
        await asyncio.gather(*(consumer.stop(_LAST_MOMENT) for consumer in self._consumers))
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    @property
    def connected(self) -> bool:
        return self._publisher.open

    @property
    def blocked(self) -> bool:
        session = self._link.session
        return session is not None and session.blocked

    async def publish(self, publications: Sequence[Publication]) -> None:
        await self._publisher.publish(publications)

    async def announce(self, key: str, envelopes: Sequence[Envelope]) -> None:
        self._announcer.announce(key, envelopes)

    async def consume(
        self,
        queues: Sequence[str],
        handler: Handler,
        *,
        batch: int = 200,
        prefetch: int = 100,
        tries: int = 3,
        linger: float = 0.0,
    ) -> Consumer:
        intake = Intake(handler, self._dead.park, batch=batch, tries=tries, linger=linger, figures=self._figures)
        consumer = QueueConsumer(
            intake, lambda queue: RabbitSlot(self._link, intake, queue, prefetch), known=self._names
        )
        self._consumers.append(consumer)
        await consumer.assign(queues)
        return consumer

    async def listen(
        self, keys: Sequence[str], handler: LiveHandler, *, on_gap: Callable[[], Awaitable[None]] | None = None
    ) -> Consumer:
        listener = RabbitListener(self._link, Hints(handler, on_gap, self._figures), keys)
        self._consumers.append(listener)
        if self._link.session is not None:
            await listener.ready()
        return listener

    async def depths(self) -> Sequence[Depth]:
        return await self._dead.depths()

    async def dead_letters(self, queue: str | None = None, *, limit: int = 100) -> Sequence[DeadLetter]:
        return await self._dead.look(queue, limit)

    async def replay(self, letter_id: str) -> bool:
        return await self._dead.replay(letter_id)

    async def discard(self, letter_id: str) -> bool:
        return await self._dead.discard(letter_id)

    async def waiting(self, queues: Sequence[str], _concerns: Callable[[Envelope], bool]) -> int:
        return sum(depth.ready for depth in await self._dead.depths() if depth.queue in set(queues))


@asynccontextmanager
async def open_rabbitmq(
    url: str,
    *,
    partitions: int,
    producer: str,
    figures: BusFigures,
    clock: Clock = now,
    within: float = 30.0,
    publish_seconds: float = 10.0,
) -> AsyncIterator[RabbitBus]:
    """Raises BusUnavailable when the broker cannot be reached ``within`` so many seconds, ValueError for a bad url."""
    link = Link(url, name=producer, declare=partial(declare, partitions=partitions), figures=figures, within=within)
    async with link:
        bus = RabbitBus(
            link, partitions=partitions, producer=producer, figures=figures, clock=clock, seconds=publish_seconds
        )
        try:
            await bus.start(within)
            yield bus
        finally:
            await bus.close()
