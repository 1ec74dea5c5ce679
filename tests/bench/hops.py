"""The raw limit beside which hand-offs are measured: the same durable steps with nothing done between them.

A hand-off's request is published and confirmed, committed, published and confirmed again, committed again, and told to the
agent's screen. Here one process does this with plain aio-pika and asyncpg: two quorum queues, two commits of a row, and one
message that nobody keeps.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

import aio_pika
import asyncpg
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

from tests.bench.echo import BODY, QUORUM

ASKED, DECIDED, TOLD = "bench.asked", "bench.decided", "bench.told"


async def measure(amqp_url: str, database_url: str, count: int) -> list[float]:
    """The seconds of ``count`` trips, one after another."""
    database = await asyncpg.connect(database_url)
    connection = await aio_pika.connect(amqp_url)
    try:
        await database.execute("create table bench_hops (id bigint generated always as identity, body bytea)")
        channel = await connection.channel(on_return_raises=True)
        for name in (ASKED, DECIDED):
            await channel.declare_queue(name, durable=True, arguments=QUORUM)
        await channel.declare_queue(TOLD, exclusive=True)
        arrived = asyncio.Event()

        async def commit() -> None:
            await database.execute("insert into bench_hops (body) values ($1)", BODY)

        async def told() -> None:
            arrived.set()

        await _hop(channel, ASKED, commit, DECIDED)
        await _hop(channel, DECIDED, commit, TOLD)
        await _hop(channel, TOLD, told, "")
        trips: list[float] = []
        for _ in range(count):
            arrived.clear()
            began = time.perf_counter()
            await _publish(channel, ASKED)
            await arrived.wait()
            trips.append(time.perf_counter() - began)
        return trips
    finally:
        await connection.close()
        await database.close()


async def _hop(channel: AbstractChannel, name: str, do: Callable[[], Awaitable[None]], following: str) -> None:
    queue = await channel.get_queue(name)

    async def take(message: AbstractIncomingMessage) -> None:
        await do()
        if following:
            await _publish(channel, following)
        await message.ack()

    await queue.consume(take)


async def _publish(channel: AbstractChannel, name: str) -> None:
    await channel.default_exchange.publish(aio_pika.Message(BODY, delivery_mode=2), name, mandatory=True)
