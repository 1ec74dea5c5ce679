"""Live hints: sent without confirms, received through a queue that lives as long as the connection."""

import asyncio
from collections.abc import Sequence

import structlog
from aiormq import spec
from aiormq.abc import DeliveredMessage
from aiormq.channel import Channel

from yizhan.core.bus.batch import CONTENT_TYPE, MOST_ENVELOPES, pack, unpack
from yizhan.core.bus.figures import BusFigures
from yizhan.core.bus.hints import MOST_WAITING, Hints
from yizhan.core.bus.interface import BusUnavailable
from yizhan.core.bus.rabbitmq.connection import RPC_SECONDS, Link, Session, broker_errors, close_channel, keep
from yizhan.core.bus.topology import Exchange
from yizhan.pb.v1.envelope_pb2 import Envelope

log = structlog.get_logger(__name__)


class Announcer:
    """Sends hints while there is a session; drops them otherwise."""

    def __init__(self, link: Link, *, producer: str, figures: BusFigures) -> None:
        self._link = link
        self._producer = producer
        self._figures = figures
        self._waiting: dict[str, list[bytes]] = {}
        self._count = 0
        self._some = asyncio.Event()
        self._open = False
        self.attempted = asyncio.Event()
        """Set after the first try to open the channel."""

    def announce(self, key: str, envelopes: Sequence[Envelope]) -> None:
        if not self._open or self._count + len(envelopes) > MOST_WAITING:
            self._figures.hints_lost.inc(len(envelopes))
            return
        waiting = self._waiting.setdefault(key, [])
        for envelope in envelopes:
            if not envelope.producer:
                envelope.producer = self._producer
            waiting.append(envelope.SerializeToString())
        self._count += len(envelopes)
        self._some.set()

    async def run(self) -> None:
        """Until cancelled."""
        await keep(self._link, self._serve, what="announcer")

    async def _serve(self, session: Session) -> None:
        lost = asyncio.Event()

        def on_closed() -> None:
            lost.set()
            self._some.set()

        try:
            channel = await session.channel(on_closed=on_closed)
        finally:
            self.attempted.set()
        self._open = True
        try:
            while not lost.is_set():
                await self._some.wait()
                self._some.clear()
                await self._flush(channel)
        finally:
            self._open = False
            self._figures.hints_lost.inc(self._count)
            self._waiting, self._count = {}, 0
            await close_channel(channel)

    async def _flush(self, channel: Channel) -> None:
        waiting, self._waiting, self._count = self._waiting, {}, 0
        for key, envelopes in waiting.items():
            for start in range(0, len(envelopes), MOST_ENVELOPES):
                body = pack(envelopes[start : start + MOST_ENVELOPES])
                with broker_errors():
                    await channel.basic_publish(
                        body,
                        exchange=Exchange.LIVE.value,
                        routing_key=key,
                        properties=spec.Basic.Properties(content_type=CONTENT_TYPE, delivery_mode=1),
                        wait=False,
                    )


class RabbitListener:
    """See ``Bus.listen``. Its ``assign`` takes live keys in place of queues."""

    def __init__(self, link: Link, hints: Hints, keys: Sequence[str]) -> None:
        self._link = link
        self._hints = hints
        self._keys = tuple(dict.fromkeys(keys))
        self._served = False
        self._reopen = asyncio.Event()
        self.attempted = asyncio.Event()
        """Set after the first try to listen."""
        self._tasks = [
            asyncio.create_task(hints.run(), name="bus-hints"),
            asyncio.create_task(keep(link, self._serve, what="listener"), name="bus-listener"),
        ]

    @property
    def active(self) -> frozenset[str]:
        return frozenset(self._keys)

    async def assign(self, queues: Sequence[str]) -> None:
        """Listen to these keys from now on; a hint may be lost on the way, which is told as a gap."""
        if set(queues) != set(self._keys):
            self._keys = tuple(dict.fromkeys(queues))
            self.attempted.clear()
            self._reopen.set()
            if self._link.session is not None:
                await self.ready()

    async def ready(self) -> None:
        """Wait until the first try is over."""
        try:
            async with asyncio.timeout(RPC_SECONDS):
                await self.attempted.wait()
        except TimeoutError:
            log.warning("bus_listener_not_ready")

    async def stop(self, within: float = 10.0) -> None:
        listening = self._tasks.pop() if len(self._tasks) > 1 else None
        if listening is not None:
            listening.cancel()
            await asyncio.wait([listening])
        try:
            async with asyncio.timeout(within):
                await self._hints.idle()
        except TimeoutError:
            log.warning("bus_drain_timed_out", queues=0, seconds=within)
        self._tasks[0].cancel()
        await asyncio.wait(self._tasks)

    async def _serve(self, session: Session) -> None:
        self._reopen.clear()
        try:
            channel = await self._open(session)
        finally:
            self.attempted.set()
        try:
            await self._reopen.wait()
        finally:
            await close_channel(channel)

    async def _open(self, session: Session) -> Channel:
        channel = await session.channel(on_closed=self._reopen.set)
        try:
            await self._listen(channel)
        except BaseException:
            await close_channel(channel)
            raise
        return channel

    async def _listen(self, channel: Channel) -> None:
        with broker_errors():
            declared = await channel.queue_declare(exclusive=True, auto_delete=True, timeout=RPC_SECONDS)
            if not declared.queue:
                raise BusUnavailable("the broker named no queue")
            for key in self._keys:
                await channel.queue_bind(declared.queue, Exchange.LIVE.value, key, timeout=RPC_SECONDS)
            # From here the queue misses nothing, and nothing of it was handed over: the place to tell of the gap.
            if self._served:
                self._hints.gap()
            self._served = True
            channel.on_consumer_cancel_callbacks.add(lambda _: self._reopen.set())
            await channel.basic_consume(declared.queue, self._take, no_ack=True, timeout=RPC_SECONDS)

    async def _take(self, message: DeliveredMessage) -> None:
        self._hints.put([part for part in unpack(message.body) if isinstance(part, Envelope)])
