"""Exchanges, queues and bindings as the broker gets them. Declaring what exists already changes nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from aiormq.channel import Channel

from yizhan.core.bus.rabbitmq.connection import RPC_SECONDS, Session, broker_errors, close_channel
from yizhan.core.bus.topology import DELIVERY_LIMIT, Exchange, Queue, dead_queue, queues

EXCHANGE_TYPES: Final = {
    Exchange.INBOUND: "direct",
    Exchange.OUTBOUND: "direct",
    Exchange.EVENTS: "topic",
    Exchange.LIVE: "topic",
    Exchange.DEAD: "direct",
}

DEAD_ARGUMENTS: Final[dict[str, Any]] = {
    "x-queue-type": "quorum",
    # Looking at letters hands them out and takes them back; newer brokers would drop them after 20 looks.
    "x-delivery-limit": 1_000_000_000,
}

_CHANNELS: Final = 8
_SECONDS: Final = 60.0

Step = Callable[[Channel], Awaitable[None]]


def queue_arguments(queue: str) -> dict[str, Any]:
    """What a durable queue is declared with."""
    return {
        "x-queue-type": "quorum",
        "x-single-active-consumer": True,
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-dead-letter-exchange": Exchange.DEAD.value,
        "x-dead-letter-routing-key": queue,
        # Moving to the dead-letter queue is confirmed too; the broker asks for reject-publish to allow that.
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }


async def declare(session: Session, partitions: int) -> None:
    """Declare everything. Raises BusUnavailable, also when something exists with other arguments."""
    with broker_errors():
        async with asyncio.timeout(_SECONDS):
            await _share(session, [_exchange(exchange) for exchange in Exchange], channels=1)
            await _share(session, [_queue(queue) for queue in queues(partitions)], channels=_CHANNELS)


def _exchange(exchange: Exchange) -> Step:
    async def step(channel: Channel) -> None:
        await channel.exchange_declare(
            exchange.value, exchange_type=EXCHANGE_TYPES[exchange], durable=True, timeout=RPC_SECONDS
        )

    return step


def _queue(queue: Queue) -> Step:
    async def step(channel: Channel) -> None:
        dead = dead_queue(queue.name)
        await channel.queue_declare(dead, durable=True, arguments=DEAD_ARGUMENTS, timeout=RPC_SECONDS)
        await channel.queue_bind(dead, Exchange.DEAD.value, queue.name, timeout=RPC_SECONDS)
        arguments = queue_arguments(queue.name)
        await channel.queue_declare(queue.name, durable=True, arguments=arguments, timeout=RPC_SECONDS)
        for key in queue.keys:
            await channel.queue_bind(queue.name, queue.exchange.value, key, timeout=RPC_SECONDS)

    return step


async def _share(session: Session, steps: Sequence[Step], *, channels: int) -> None:
    """Do the steps over a few channels at once: each answer takes the broker a while, most of it waiting."""
    left = list(reversed(steps))

    async def work() -> None:
        channel = await session.channel()
        while left:
            await left.pop()(channel)
        await close_channel(channel)

    ends = await asyncio.gather(*(work() for _ in range(min(channels, len(steps)))), return_exceptions=True)
    for error in ends:
        if error is not None:
            raise error
