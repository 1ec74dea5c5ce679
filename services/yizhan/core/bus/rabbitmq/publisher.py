"""Publishing with confirms. Envelopes for the same exchange and key that wait together travel as one AMQP message.

There is no timer: the first envelope goes at the end of the loop's turn. While a batch is on its way to the broker,
what comes for the same key gathers and goes next, so batches grow exactly as far as the broker is slower than the
callers. One batch per key is on its way at a time; that keeps order even where the broker refuses one and takes the
next. Keys do not wait for each other.
"""

import asyncio
import itertools
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import structlog
from aiormq import spec
from aiormq.channel import Channel
from aiormq.exceptions import DeliveryError, PublishError

from yizhan.core.bus.batch import CONTENT_TYPE, MOST_BYTES, MOST_ENVELOPES, pack
from yizhan.core.bus.figures import BusFigures
from yizhan.core.bus.interface import BusError, BusUnavailable, Publication, Unroutable
from yizhan.core.bus.rabbitmq.connection import Link, Session, broker_errors, close_channel, keep
from yizhan.core.bus.topology import Exchange
from yizhan.core.runtime.clock import Monotonic, monotonic

log = structlog.get_logger(__name__)

_PERSISTENT: Final = 2
_RENEW_AFTER: Final = 2
"""How old a publishing channel is at least, in time limits, before an overdue confirmation ends it."""


class _Call:
    """One caller's ``publish``: done when all its envelopes are."""

    __slots__ = ("done", "open")

    def __init__(self, done: asyncio.Future[None], envelopes: int) -> None:
        self.done = done
        self.open = envelopes

    def confirm(self) -> None:
        self.open -= 1
        if not self.open and not self.done.done():
            self.done.set_result(None)

    def fail(self, kind: type[BusError], reason: str) -> None:
        if not self.done.done():
            self.done.set_exception(kind(reason))


_Waiting = tuple[bytes, _Call]


@dataclass(slots=True, eq=False)
class _Lane:
    """Everything for one exchange and key, in order."""

    exchange: Exchange
    key: str
    waiting: deque[_Waiting] = field(default_factory=deque)
    under_way: list[_Waiting] = field(default_factory=list)
    task: asyncio.Task[None] | None = None

    def take(self) -> list[_Waiting]:
        """The next batch; callers that gave up are left out."""
        taken: list[_Waiting] = []
        size = 0
        while self.waiting and len(taken) < MOST_ENVELOPES:
            envelope, call = self.waiting[0]
            size += len(envelope)
            if taken and size > MOST_BYTES:
                break
            self.waiting.popleft()
            if call.done.done():
                size -= len(envelope)
                continue
            taken.append((envelope, call))
        return taken


class Publisher:
    """Publishes while there is a session; without one ``publish`` raises BusUnavailable at once."""

    def __init__(
        self,
        link: Link,
        *,
        producer: str,
        figures: BusFigures,
        seconds: float = 10.0,
        monotonic: Monotonic = monotonic,
    ) -> None:
        self._link = link
        self._producer = producer
        self._figures = figures
        self._seconds = seconds
        self._monotonic = monotonic
        self._numbers = itertools.count(1)
        self._lanes: dict[tuple[Exchange, str], _Lane] = {}
        self._ready: list[_Lane] = []
        self._channel: Channel | None = None
        self._opened = asyncio.Event()
        self._opened_at = 0.0
        self._lost = asyncio.Event()

    @property
    def open(self) -> bool:
        return self._channel is not None

    async def opened(self) -> None:
        """Wait until publishing works."""
        while self._channel is None:
            await self._opened.wait()
            self._opened.clear()

    async def publish(self, publications: Sequence[Publication]) -> None:
        """See ``Bus.publish``."""
        if not publications:
            return
        if self._channel is None:
            raise BusUnavailable("not connected")
        loop = asyncio.get_running_loop()
        call = _Call(loop.create_future(), len(publications))
        for publication in publications:
            if not publication.envelope.producer:
                publication.envelope.producer = self._producer
            self._enter(publication.exchange, publication.key, publication.envelope.SerializeToString(), call)
        try:
            async with asyncio.timeout(self._seconds):
                await call.done
        except TimeoutError:
            self._figures.refused.labels("timeout").inc(call.open)
            self._renew()
            raise BusUnavailable("not confirmed in time") from None

    async def send(self, exchange: str, key: str, body: bytes, headers: Mapping[str, Any] | None = None) -> None:
        """One AMQP message by itself, confirmed. Raises BusUnavailable or Unroutable."""
        channel = self._channel
        if channel is None:
            raise BusUnavailable("not connected")
        try:
            with broker_errors():
                async with asyncio.timeout(self._seconds):
                    await channel.basic_publish(
                        body,
                        exchange=exchange,
                        routing_key=key,
                        properties=self._properties(headers),
                        mandatory=True,
                        wait=False,
                    )
        except BusUnavailable as error:
            if isinstance(error.__cause__, PublishError):
                raise Unroutable(f"{exchange} {key}") from error
            raise

    async def run(self) -> None:
        """Until cancelled."""
        try:
            await keep(self._link, self._serve, what="publisher")
        finally:
            self._fail_all("closed")

    async def _serve(self, session: Session) -> None:
        lost = self._lost = asyncio.Event()
        channel = await session.channel(confirms=True, on_closed=lost.set)
        self._channel = channel
        self._opened_at = self._monotonic()
        self._opened.set()
        try:
            await lost.wait()
        finally:
            self._channel = None
            self._fail_all("connection lost")
            await close_channel(channel)

    def _renew(self) -> None:
        """A confirmation is overdue. After a queue changed its leader one can be lost for good, and with it everything
        that this channel sends to that queue; a new channel starts afresh. Not too often: the other keys pay for it.
        """
        session = self._link.session
        if session is not None and session.blocked:
            return  # it is not the channel
        if self._channel is not None and self._monotonic() - self._opened_at > _RENEW_AFTER * self._seconds:
            log.warning("bus_publishing_channel_renewed")
            self._lost.set()

    def _enter(self, exchange: Exchange, key: str, envelope: bytes, call: _Call) -> None:
        lane = self._lanes.get((exchange, key))
        if lane is None:
            lane = self._lanes[exchange, key] = _Lane(exchange, key)
        if not lane.waiting and lane.task is None:
            if not self._ready:
                asyncio.get_running_loop().call_soon(self._start)
            self._ready.append(lane)
        lane.waiting.append((envelope, call))

    def _start(self) -> None:
        """The end of the loop's turn: everything that gathered in it goes."""
        ready, self._ready = self._ready, []
        channel = self._channel
        if channel is None:
            return
        for lane in ready:
            if lane.waiting and lane.task is None:
                lane.task = asyncio.create_task(self._drain(lane, channel))

    async def _drain(self, lane: _Lane, channel: Channel) -> None:
        """Batch after batch until nothing waits."""
        try:
            while taken := lane.take():
                lane.under_way = taken
                error = await self._deliver(lane, taken, channel)
                lane.under_way = []
                for _, call in taken:
                    if error is None:
                        call.confirm()
                    else:
                        call.fail(type(error), str(error))
        finally:
            lane.task = None

    async def _deliver(self, lane: _Lane, taken: Sequence[_Waiting], channel: Channel) -> BusError | None:
        started = self._monotonic()
        body = pack([envelope for envelope, _ in taken])
        try:
            with broker_errors():
                await channel.basic_publish(
                    body,
                    exchange=lane.exchange.value,
                    routing_key=lane.key,
                    properties=self._properties(None),
                    mandatory=True,
                    wait=False,
                )
        except BusUnavailable as error:
            return self._judged(error, lane, len(taken))
        self._figures.confirm_seconds.observe(self._monotonic() - started)
        self._figures.publish_batch.observe(len(taken))
        self._figures.published.labels(lane.exchange.value).inc(len(taken))
        return None

    def _judged(self, error: BusUnavailable, lane: _Lane, envelopes: int) -> BusError:
        cause = error.__cause__
        if isinstance(cause, PublishError):
            self._figures.refused.labels("unroutable").inc(envelopes)
            log.error("bus_unroutable", exchange=lane.exchange.value, key=lane.key, envelopes=envelopes)
            return Unroutable(f"{lane.exchange.value} {lane.key}")
        self._figures.refused.labels("refused" if isinstance(cause, DeliveryError) else "lost").inc(envelopes)
        return BusUnavailable(str(error))

    def _fail_all(self, reason: str) -> None:
        """Whoever waits is told; what was on its way may have arrived, so they publish all again."""
        lanes, self._lanes = self._lanes, {}
        self._ready = []
        for lane in lanes.values():
            for _, call in (*lane.under_way, *lane.waiting):
                call.fail(BusUnavailable, reason)
            lane.waiting.clear()
            if lane.task is not None:
                lane.task.cancel()

    def _properties(self, headers: Mapping[str, Any] | None) -> spec.Basic.Properties:
        return spec.Basic.Properties(
            content_type=CONTENT_TYPE,
            delivery_mode=_PERSISTENT,
            message_id=f"{self._producer}-{next(self._numbers)}",
            headers=dict(headers) if headers else None,
        )
