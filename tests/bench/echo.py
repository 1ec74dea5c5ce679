"""The raw limit beside which the relay is measured: an echo over quorum queues with plain aio-pika.

One process publishes (each publish confirmed) and consumes the answers; another consumes, publishes the answer
(confirmed) and acknowledges. Single messages of 1 KB, persistent, ``IN_FLIGHT`` at a time.
"""

import asyncio
import multiprocessing
import os
import time
from dataclasses import dataclass

import aio_pika
from aio_pika.abc import AbstractIncomingMessage
from pamqp.common import FieldTable

IN_FLIGHT = 100
BODY = os.urandom(1024)
QUORUM: FieldTable = {"x-queue-type": "quorum"}
THERE, BACK = "bench.there", "bench.back"


@dataclass(frozen=True, slots=True)
class Echo:
    """Echoes a second, and their latency in ms."""

    per_second: float
    p50_ms: float
    p99_ms: float


async def measure(url: str, seconds: float, *, in_flight: int = IN_FLIGHT) -> Echo:
    """Echo for ``seconds`` after a second of warming up."""
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    partner = context.Process(target=_partner, args=(url, ready), daemon=True)
    partner.start()
    try:
        await asyncio.to_thread(ready.wait, 30)
        return await _drive(url, seconds, in_flight)
    finally:
        partner.terminate()
        await asyncio.to_thread(partner.join, 10)


async def _drive(url: str, seconds: float, in_flight: int) -> Echo:
    connection = await aio_pika.connect(url)
    async with connection:
        channel = await connection.channel(on_return_raises=True)
        await channel.set_qos(prefetch_count=in_flight * 2)
        queue = await channel.declare_queue(BACK, durable=True, arguments=QUORUM)
        sent: dict[str, float] = {}
        latencies: list[float] = []
        turns = asyncio.Semaphore(in_flight)
        counting = False

        async def back(message: AbstractIncomingMessage) -> None:
            await message.ack()
            at = sent.pop(message.correlation_id or "", None)
            if at is not None:
                if counting:
                    latencies.append(time.perf_counter() - at)
                turns.release()

        async def publish(number: int) -> None:
            name = str(number)
            sent[name] = time.perf_counter()
            message = aio_pika.Message(BODY, delivery_mode=2, correlation_id=name)
            await channel.default_exchange.publish(message, THERE, mandatory=True)

        await queue.consume(back)
        publishing: set[asyncio.Task[None]] = set()
        begin = time.perf_counter() + 1.0
        number = 0
        while (now := time.perf_counter()) < begin + seconds:
            counting = now >= begin
            await turns.acquire()
            task = asyncio.create_task(publish(number))
            publishing.add(task)
            task.add_done_callback(publishing.discard)
            number += 1
        counting = False
        await asyncio.gather(*publishing)
    latencies.sort()
    return Echo(len(latencies) / seconds, _rank(latencies, 0.5), _rank(latencies, 0.99))


def _partner(url: str, ready: "multiprocessing.synchronize.Event") -> None:
    asyncio.run(_answer(url, ready))


async def _answer(url: str, ready: "multiprocessing.synchronize.Event") -> None:
    connection = await aio_pika.connect(url)
    channel = await connection.channel(on_return_raises=True)
    await channel.set_qos(prefetch_count=IN_FLIGHT * 2)
    await channel.declare_queue(BACK, durable=True, arguments=QUORUM)
    queue = await channel.declare_queue(THERE, durable=True, arguments=QUORUM)

    async def answer(message: AbstractIncomingMessage) -> None:
        reply = aio_pika.Message(message.body, delivery_mode=2, correlation_id=message.correlation_id)
        await channel.default_exchange.publish(reply, BACK, mandatory=True)
        await message.ack()

    await queue.consume(answer)
    ready.set()
    await asyncio.Event().wait()


def _rank(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000 if ordered else 0.0
