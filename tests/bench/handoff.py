"""Hand-offs beside agents at work: from the customer's word to the offer on the agent's screen, over the whole way.

Customers write 转人工 over the website's WebSocket, the agent is told over the console's; in between run website, dialogue,
routing and console as processes of their own.
"""

import asyncio
import os
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.bench import hops, load
from tests.bench.screens import Screen, screens
from tests.bench.usage import Usage, sampled
from tests.services.deployment import Deployment, apart
from tests.services.postgres import PostgresServer
from tests.services.rabbitmq import RabbitServer

PER_MINUTE = 50.0
IDLE_SECONDS = 20.0
ARRIVE_SECONDS = 60.0
STAY_SECONDS = 10.0
SEED = 11


@dataclass(slots=True)
class Book:
    """Who asked when, and when the first offer of it was on a screen; by the customer's words."""

    asked: dict[str, float] = field(default_factory=dict)
    arrived: dict[str, float] = field(default_factory=dict)

    def note(self, words: str, at: float) -> None:
        self.arrived.setdefault(words, at)

    def trips(self) -> list[float]:
        return [self.arrived[words] - at for words, at in self.asked.items()]


@dataclass(frozen=True, slots=True)
class Handoffs:
    """Latencies in ms, from the customer's send to the agent's screen. ``ratio``: how many times the bare steps' p50.

    ``cpu_ms`` of each process for one hand-off with all that follows (accept, answer, close), beyond what it uses while
    nobody asks; ``idle_percent`` is that.
    """

    agents: int
    handoffs: int
    p50_ms: float
    p99_ms: float
    hops_p50_ms: float
    hops_p99_ms: float
    ratio: float
    cpu_ms: Mapping[str, float]
    idle_percent: Mapping[str, float]
    cpu_percent: Mapping[str, float]
    rss_mib: Mapping[str, float]
    load_average: float


async def measure(
    rabbit: RabbitServer, postgres: PostgresServer, agents: int, count: int, limits: Mapping[str, Any]
) -> Handoffs:
    """``count`` hand-offs at ``PER_MINUTE`` with so many agents online. Raises TimeoutError when an offer does not come."""
    bare = sorted(await hops.measure(rabbit.new_vhost(), postgres.new_database(), count))
    vhost, database = rabbit.new_vhost(), postgres.new_database()
    # The sign-ins of all agents come from one machine: as behind a proxy, each names an address of its own.
    deployment = await asyncio.to_thread(lambda: apart(vhost, database, YIZHAN_TRUSTED_PROXIES="1", **limits))
    try:
        servers = {"rabbitmq": rabbit.node.pid, "postgresql": postgres.cluster.pid}
        pids = {name: process.pid for name, process in deployment.processes.items()} | servers
        return await _measured(deployment, pids, agents, count, bare)
    finally:
        await asyncio.to_thread(deployment.close)


async def _measured(
    deployment: Deployment, pids: Mapping[str, int], agents: int, count: int, bare: Sequence[float]
) -> Handoffs:
    book = Book()
    async with screens(deployment.console, deployment.logins["admin"], agents, book.note) as opened:
        _, idle = await sampled(pids, asyncio.sleep(IDLE_SECONDS))
        began = time.perf_counter()
        _, busy = await sampled(pids, _ask(deployment.website, count, opened, book))
        took = time.perf_counter() - began
    trips = sorted(book.trips())
    return Handoffs(
        agents=agents,
        handoffs=count,
        p50_ms=_rank(trips, 0.5),
        p99_ms=_rank(trips, 0.99),
        hops_p50_ms=_rank(bare, 0.5),
        hops_p99_ms=_rank(bare, 0.99),
        ratio=round(_rank(trips, 0.5) / _rank(bare, 0.5), 1),
        cpu_ms={name: _for_each(busy[name], idle[name], took, count) for name in busy},
        idle_percent={name: use.cpu_percent for name, use in idle.items()},
        cpu_percent={name: use.cpu_percent for name, use in busy.items()},
        rss_mib={name: use.rss_mib for name, use in busy.items()},
        load_average=round(os.getloadavg()[0], 1),
    )


async def _ask(website: str, count: int, opened: Sequence[Screen], book: Book) -> None:
    """So many customers, each once, at random moments as customers come; until all were served."""
    chance = random.Random(SEED)
    async with asyncio.TaskGroup() as group:
        for number in range(count):
            await asyncio.sleep(chance.expovariate(PER_MINUTE / 60))
            group.create_task(_come(website, f"转人工 {number:04}", book))
    async with asyncio.timeout(ARRIVE_SECONDS):
        while sum(one.served for one in opened) < count:
            await asyncio.sleep(0.2)


async def _come(website: str, words: str, book: Book) -> None:
    """One customer opens the page, is greeted, asks, and stays for a while."""
    async with load.seats(website, 1) as [customer]:
        book.asked[words] = time.perf_counter()
        await customer.say(words)
        await asyncio.sleep(STAY_SECONDS)


def _for_each(busy: Usage, idle: Usage, seconds: float, count: int) -> float:
    return round((busy.cpu_percent - idle.cpu_percent) / 100 * seconds / count * 1000, 1)


def _rank(ordered: Sequence[float], share: float) -> float:
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000, 1)
