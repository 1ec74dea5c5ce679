"""The dead-letter queues: putting letters in, looking at them, sending them back."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from aiormq.abc import DeliveredMessage
from aiormq.channel import Channel

from yizhan.core.bus.batch import pack, unpack
from yizhan.core.bus.intake import SPENT, Parked
from yizhan.core.bus.interface import BusUnavailable, DeadLetter, Depth
from yizhan.core.bus.letters import letter_id, original_queue, queue_of, told
from yizhan.core.bus.rabbitmq.connection import RPC_SECONDS, Link, broker_errors, close_channel
from yizhan.core.bus.rabbitmq.publisher import Publisher
from yizhan.core.bus.topology import Exchange, dead_queue
from yizhan.core.runtime.clock import Clock
from yizhan.pb.v1.envelope_pb2 import Envelope

_REASON: Final = "reason"
_QUEUE: Final = "queue"
_AT: Final = "at"
_BROKER_REASON: Final = "x-first-death-reason"
_LONGEST_SEARCH: Final = 100_000


@dataclass(frozen=True, slots=True)
class _Found:
    """One AMQP message of a dead-letter queue, and the place of a letter in it."""

    message: DeliveredMessage
    parts: list[Envelope | bytes]
    place: int


class DeadLetters:
    """Letters on RabbitMQ. One AMQP message may hold several: the broker parks whole batches."""

    def __init__(self, link: Link, publisher: Publisher, queues: Sequence[str], clock: Clock) -> None:
        self._link = link
        self._publisher = publisher
        self._queues = queues
        self._clock = clock

    async def park(self, letters: Sequence[Parked]) -> None:
        """Confirmed when it returns; then the events that tell of it are too. Raises BusUnavailable."""
        for letter in letters:
            headers = {
                _REASON: letter.reason,
                "error": letter.reason,
                _QUEUE: letter.queue,
                _AT: self._clock().isoformat(),
            }
            await self._publisher.send(Exchange.DEAD.value, letter.queue, letter.body, headers)
        await self._publisher.publish([event for letter in letters if (event := told(letter)) is not None])

    async def look(self, queue: str | None, limit: int) -> list[DeadLetter]:
        """The oldest letters, of one queue or of all. Raises BusUnavailable."""
        wanted = self._queues if queue is None else [original_queue(queue)]
        letters: list[DeadLetter] = []
        for name in wanted:
            if name not in self._queues:
                raise ValueError(f"no such queue: {name}")
            async with self._hands_off() as channel:
                found: list[DeadLetter] = []
                while len(letters) + len(found) < limit and (message := await _get(channel, name)) is not None:
                    found += _letters(name, message)
            letters += sorted(
                found, key=lambda letter: letter.at
            )  # the broker puts back at the end of what it put back
        return letters[:limit]

    async def replay(self, wanted: str) -> bool:
        """See ``Bus.replay``. Raises BusUnavailable; then the letter is still there (and may be in its queue too)."""
        return await self._take(wanted, back=True)

    async def discard(self, wanted: str) -> bool:
        """See ``Bus.discard``. Raises BusUnavailable; then the letter may still be there."""
        return await self._take(wanted, back=False)

    async def _take(self, wanted: str, *, back: bool) -> bool:
        """Take one letter out; ``back``: into its queue."""
        queue = queue_of(wanted)
        if queue not in self._queues:
            return False
        async with self._hands_off() as channel:
            found = await self._find(channel, queue, wanted)
            if found is None:
                return False
            if back:
                part = found.parts[found.place]
                body = part if isinstance(part, bytes) else pack((part.SerializeToString(),))
                await self._publisher.send("", queue, body)
            rest = [piece for at, piece in enumerate(found.parts) if at != found.place]
            headers = found.message.header.properties.headers
            for piece in rest:
                kept = piece if isinstance(piece, bytes) else pack((piece.SerializeToString(),))
                await self._publisher.send(Exchange.DEAD.value, queue, kept, _kept_headers(queue, headers))
            with broker_errors():
                await channel.basic_ack(found.message.delivery_tag or 0, wait=True)
        return True

    async def depths(self) -> list[Depth]:
        """Every durable queue. Raises BusUnavailable."""
        depths = []
        async with self._hands_off() as channel:
            for name in (*self._queues, *(dead_queue(name) for name in self._queues)):
                with broker_errors():
                    found = await channel.queue_declare(name, passive=True, timeout=RPC_SECONDS)
                depths.append(Depth(name, found.message_count or 0, found.consumer_count or 0))
        return depths

    async def _find(self, channel: Channel, queue: str, wanted: str) -> _Found | None:
        for _ in range(_LONGEST_SEARCH):
            message = await _get(channel, queue)
            if message is None:
                return None
            parts = unpack(message.body)
            for place, part in enumerate(parts):
                if letter_id(queue, part) == wanted:
                    return _Found(message, parts, place)
        return None

    @asynccontextmanager
    async def _hands_off(self) -> AsyncIterator[Channel]:
        """A channel whose end puts back everything that was looked at, in its order."""
        channel = await self._link.need().channel()
        try:
            yield channel
        finally:
            with suppress(BusUnavailable), broker_errors():
                # Closing would do it too, but a little later: whoever looks next would find them missing.
                await channel.basic_nack(0, multiple=True, requeue=True, wait=True)
            await close_channel(channel)


async def _get(channel: Channel, queue: str) -> DeliveredMessage | None:
    with broker_errors():
        message = await channel.basic_get(dead_queue(queue), timeout=RPC_SECONDS)
    return None if message.delivery_tag is None else message


def _letters(queue: str, message: DeliveredMessage) -> list[DeadLetter]:
    headers = message.header.properties.headers or {}
    reason = str(headers.get(_REASON) or _broker_reason(headers))
    at = _moment(headers)
    letters = []
    for part in unpack(message.body):
        envelope = None if isinstance(part, bytes) else part
        body = part if isinstance(part, bytes) else pack((part.SerializeToString(),))
        letters.append(DeadLetter(letter_id(queue, part), queue, reason, at, body, envelope))
    return letters


def _broker_reason(headers: dict[str, Any]) -> str:
    """The broker parks by itself when a message was handed out too often without being acknowledged."""
    reason = headers.get(_BROKER_REASON, "unknown")
    return SPENT if reason == "delivery_limit" else str(reason)


def _moment(headers: dict[str, Any]) -> datetime:
    written = headers.get(_AT)
    if isinstance(written, str):
        return datetime.fromisoformat(written)
    deaths = headers.get("x-death")
    if isinstance(deaths, list) and deaths and isinstance(deaths[0].get("time"), datetime):
        at: datetime = deaths[0]["time"]
        return at if at.tzinfo else at.replace(tzinfo=UTC)
    return datetime.fromtimestamp(0, UTC)


def _kept_headers(queue: str, headers: dict[str, Any] | None) -> dict[str, Any]:
    known = headers or {}
    reason = str(known.get(_REASON) or _broker_reason(known))
    return {_REASON: reason, "error": reason, _QUEUE: queue, _AT: _moment(known).isoformat()}
