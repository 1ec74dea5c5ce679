"""Customers on WebSockets, as the widget talks: each asks, waits for the answer and acknowledges what it got."""

import asyncio
import contextlib
import itertools
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import orjson

from tests.services.deployment import ACCOUNT

QUESTIONS = ("怎么下单购买", "什么时候发货", "支持七天无理由退货吗", "怎么开发票", "预售商品什么时候发货")
ANSWER_SECONDS = 30.0


@dataclass(slots=True, eq=False)
class Seat:
    """One customer. ``latencies``: seconds from the customer's send to the answer's arrival."""

    socket: aiohttp.ClientWebSocketResponse
    latencies: list[float] = field(default_factory=list)
    _sent_at: float = 0.0
    _mine: int = 0
    _answered: asyncio.Event = field(default_factory=asyncio.Event)

    async def ask(self, question: str) -> None:
        """Ask and wait for the answer. Raises TimeoutError."""
        self._answered.clear()
        self._mine = 0
        self._sent_at = time.perf_counter()
        await self.say(question)
        async with asyncio.timeout(ANSWER_SECONDS):
            await self._answered.wait()

    async def say(self, text: str) -> None:
        """Send, and wait for nothing."""
        content = {"type": "text", "text": text}
        await self._write({"type": "send", "client_id": uuid.uuid4().hex, "content": content})

    async def read(self) -> None:
        async for raw in self.socket:
            frame = orjson.loads(raw.data)
            if frame["type"] != "message":
                continue
            message = frame["message"]
            if message["author"]["kind"] == "customer":
                self._mine = message["seq"]
            elif self._mine and message["seq"] == self._mine + 1:
                self.latencies.append(time.perf_counter() - self._sent_at)
                self._answered.set()
            await self._write({"type": "delivered", "seq": message["seq"]})

    async def _write(self, frame: dict[str, object]) -> None:
        await self.socket.send_str(orjson.dumps(frame).decode())


@dataclass(frozen=True, slots=True)
class Load:
    """What was measured: answers a second, and latency in ms."""

    per_second: float
    p50_ms: float
    p90_ms: float
    p99_ms: float
    answers: int


@asynccontextmanager
async def seats(website: str, count: int) -> AsyncIterator[list[Seat]]:
    """Connected customers."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        taken: list[Seat] = []
        for _ in range(count):
            async with http.post(f"{website}/website/{ACCOUNT}/session", json={}) as answer:
                answer.raise_for_status()
                token = (await answer.json())["token"]
            socket = await http.ws_connect(f"{website}/website/{ACCOUNT}/ws")
            await socket.send_json({"type": "hello", "token": token, "after": 0})
            taken.append(Seat(socket))
        reading = [asyncio.create_task(seat.read()) for seat in taken]
        try:
            await asyncio.sleep(2.0)  # greetings arrive
            yield taken
        finally:
            for task in reading:
                task.cancel()
            await asyncio.gather(*reading, return_exceptions=True)
            for seat in taken:
                with contextlib.suppress(Exception):
                    await seat.socket.close()


async def saturate(taken: Sequence[Seat], seconds: float) -> Load:
    """Every customer asks again as soon as the answer is there."""
    stop = time.perf_counter() + seconds

    async def keep_asking(seat: Seat) -> None:
        for question in itertools.cycle(QUESTIONS):
            if time.perf_counter() >= stop:
                return
            await seat.ask(question)

    return await _measured(taken, seconds, asyncio.gather(*(keep_asking(seat) for seat in taken)))


async def at_rate(taken: Sequence[Seat], per_second: float, seconds: float) -> Load:
    """Customers ask in turn at a fixed rate, whether or not the gateway keeps up."""
    loop = asyncio.get_running_loop()

    async def spread() -> None:
        began = loop.time()
        async with asyncio.TaskGroup() as group:
            for number in range(int(per_second * seconds)):
                await asyncio.sleep(max(0.0, began + number / per_second - loop.time()))
                seat = taken[number % len(taken)]
                group.create_task(seat.ask(QUESTIONS[number // len(taken) % len(QUESTIONS)]))

    return await _measured(taken, seconds, spread())


async def _measured(taken: Sequence[Seat], seconds: float, work: "asyncio.Future[object] | object") -> Load:
    for seat in taken:
        seat.latencies.clear()
    began = time.perf_counter()
    await work  # type: ignore[misc]
    took = max(seconds, time.perf_counter() - began)
    found = sorted(latency for seat in taken for latency in seat.latencies)

    def rank(share: float) -> float:
        return found[min(len(found) - 1, int(share * len(found)))] * 1000 if found else 0.0

    return Load(len(found) / took, rank(0.5), rank(0.9), rank(0.99), len(found))
