"""``make bench-app``: thousands of idle apps on one process, and what happens when all of them lose their connection at once.

Measured are the memory of a connection, and a storm: while customers write, every connection is cut, and everybody comes
back. Afterwards each screen is held against its conversation: what was sent is there once, and nothing is missing.
"""

import argparse
import asyncio
import json
import os
import random
import resource
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Any

import aiohttp

from tests.bench.machine import ROOT, commit, machine
from tests.bench.usage import Usage, sampled
from tests.services.deployment import Deployment, apart
from tests.services.postgres import PostgresServer
from tests.services.rabbitmq import RabbitServer
from tests.simulators.app_client import AppClient
from tests.simulators.issuer import AUDIENCE, ISSUER, Issuer

ACCOUNT = "bench"
PER_ADDRESS = 2500
"""Connections from one address of this machine: each has its own range of ports."""

AT_ONCE = 200
SETTLE_SECONDS = 10.0
WRITING_SECONDS = 20.0
CUT_AFTER_SECONDS = 5.0
LIMIT_SECONDS = 600.0
SEED = 17


@dataclass(frozen=True, slots=True)
class Found:
    """Times in seconds from the cut. ``lost``, ``doubled``, ``behind``, ``breaches`` count screens, and must be 0."""

    connections: int
    rss_before_mib: float
    rss_connected_mib: float
    kib_per_connection: float
    idle_cpu_percent: float
    connecting_seconds: float
    cut_connections: int
    all_back_seconds: float
    all_answered_seconds: float
    sent: int
    lost: int
    doubled: int
    behind: int
    breaches: int
    rss_after_mib: float
    load_average: float


class Unclean(Exception):
    """A screen does not show what its conversation has."""


async def measure(rabbit: RabbitServer, postgres: PostgresServer, connections: int) -> Found:
    """Raises TimeoutError when not everybody comes back and is answered."""
    vhost, database = rabbit.new_vhost(), postgres.new_database()
    limits: dict[str, Any] = {"YIZHAN_APP_SENDS_PER_MINUTE": "60000", "YIZHAN_LOG_LEVEL": "warning"}
    deployment = await asyncio.to_thread(lambda: apart(vhost, database, **limits))
    try:
        issuer = Issuer()
        await asyncio.to_thread(_add_account, deployment, issuer)
        return await _measured(deployment, issuer, connections)
    finally:
        await asyncio.to_thread(deployment.close)


def _add_account(deployment: Deployment, issuer: Issuer) -> None:
    key = {"algorithm": "ES256", "kid": "k1", "key": issuer.current.as_pem(private=False).decode()}
    given = {"issuer": ISSUER, "audience": AUDIENCE, "algorithms": '["ES256"]', "keys": json.dumps([key])}
    sets = [word for name, value in given.items() for word in ("--set", f"{name}={value}")]
    deployment.yizhan("account", "add", "app", ACCOUNT, *sets)


async def _measured(deployment: Deployment, issuer: Issuer, connections: int) -> Found:
    pid = {"app": deployment.processes["app"].pid}
    _, before = await sampled(pid, asyncio.sleep(SETTLE_SECONDS))
    async with _opened(deployment.app, issuer, connections) as (clients, connecting):
        await asyncio.sleep(SETTLE_SECONDS)  # what came of connecting is over
        _, idle = await sampled(pid, asyncio.sleep(SETTLE_SECONDS))
        print(f"connected {connections} in {connecting:.1f} s: {before} -> {idle}", flush=True)
        (cut, back, answered), after = await sampled(pid, _storm(clients))
        print(f"cut {cut}, all back after {back:.1f} s, all answered after {answered:.1f} s", flush=True)
        wrong = await _compared(clients)
        grown = idle["app"].rss_mib - before["app"].rss_mib
        return Found(
            connections=connections,
            rss_before_mib=before["app"].rss_mib,
            rss_connected_mib=idle["app"].rss_mib,
            kib_per_connection=round(grown * 1024 / connections, 1),
            idle_cpu_percent=_cpu(idle),
            connecting_seconds=round(connecting, 1),
            cut_connections=cut,
            all_back_seconds=round(back, 1),
            all_answered_seconds=round(answered, 1),
            sent=connections,
            rss_after_mib=after["app"].rss_mib,
            load_average=round(os.getloadavg()[0], 1),
            **wrong,
        )


@asynccontextmanager
async def _opened(url: str, issuer: Issuer, connections: int) -> AsyncIterator[tuple[Sequence[AppClient], float]]:
    """So many users, each with a connection; and how long connecting took."""
    async with AsyncExitStack() as stack:
        sessions = [
            await stack.enter_async_context(_session(f"127.0.0.{2 + number}"))
            for number in range(-(-connections // PER_ADDRESS))
        ]
        clients = []
        for number in range(connections):
            client = AppClient(sessions[number // PER_ADDRESS], url, ACCOUNT, _renewal(issuer, f"user-{number}"))
            await client.begin()
            clients.append(client)
        running: list[asyncio.Task[None]] = []
        stack.push_async_callback(_end, running)
        began = time.perf_counter()
        for start in range(0, connections, AT_ONCE):
            some = clients[start : start + AT_ONCE]
            running += [asyncio.create_task(client.run()) for client in some]
            async with asyncio.timeout(LIMIT_SECONDS):
                while not all(client.connected for client in some):
                    await asyncio.sleep(0.05)
        yield clients, time.perf_counter() - began


def _renewal(issuer: Issuer, user: str) -> Any:
    return lambda: issuer.token(user)


def _session(address: str) -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(limit=0, local_addr=(address, 0))
    return aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=None, sock_connect=30.0))


async def _end(running: Sequence[asyncio.Task[None]]) -> None:
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


async def _storm(clients: Sequence[AppClient]) -> tuple[int, float, float]:
    """Everybody writes once; in the middle of it every connection is cut. How many, and when all were back and answered."""
    chance = random.Random(SEED)
    began = time.perf_counter()

    async def write(client: AppClient) -> None:
        await asyncio.sleep(chance.uniform(0, WRITING_SECONDS))
        await client.say("怎么退货")

    writing = [asyncio.create_task(write(client)) for client in clients]
    await asyncio.sleep(CUT_AFTER_SECONDS)
    connected = [client for client in clients if client.connected]
    before = {id(client): client.connections for client in connected}
    cut_at = time.perf_counter()
    for client in connected:
        client.cut()
    async with asyncio.timeout(LIMIT_SECONDS):
        while not all(client.connected and client.connections > before.get(id(client), 0) for client in clients):
            await asyncio.sleep(0.1)
        back = time.perf_counter() - cut_at
        await asyncio.gather(*writing)
        while not all(_answered(client) for client in clients):
            await asyncio.sleep(0.1)
    assert time.perf_counter() > began
    return len(connected), back, time.perf_counter() - cut_at


def _answered(client: AppClient) -> bool:
    """Its message is in the transcript, and somebody has said something after it."""
    kinds = [message["author"]["kind"] for message in client.messages]
    return not client.outbox and "customer" in kinds and kinds[-1] != "customer"


async def _compared(clients: Sequence[AppClient]) -> Mapping[str, int]:
    """Each screen against what dialogue has."""
    wrong = {"lost": 0, "doubled": 0, "behind": 0, "breaches": 0}
    gate = asyncio.Semaphore(20)

    async def look(client: AppClient) -> None:
        async with gate:
            shown = await _standing(client)
        own = sum(message["author"]["kind"] == "customer" for message in client.messages)
        wrong["lost"] += own < 1
        wrong["doubled"] += own > 1
        wrong["behind"] += client.cursor != shown["head"] or len(client.messages) != shown["head"]
        wrong["breaches"] += bool(client.breaches)

    await asyncio.gather(*(look(client) for client in clients))
    return wrong


async def _standing(client: AppClient) -> Mapping[str, Any]:
    """As dialogue has it; "not available at the moment" is asked again."""
    while True:
        try:
            return await client.conversation()
        except aiohttp.ClientResponseError as error:
            if error.status != 503:
                raise
            await asyncio.sleep(1.0)


def _cpu(usage: Mapping[str, Usage]) -> float:
    return usage["app"].cpu_percent


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--connections", type=int, default=5000)
    connections = options.parse_args().connections
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65_536), most))
    with RabbitServer.private(durable=True) as rabbit, PostgresServer.private(durable=True) as postgres:
        found = asyncio.run(measure(rabbit, postgres, connections))
    shown = {**asdict(found), **machine(), "commit": commit()}
    folder = ROOT / "build"
    folder.mkdir(exist_ok=True)
    (folder / "bench-app.json").write_text(json.dumps(shown, indent=2) + "\n", "utf-8")
    for name, value in shown.items():
        print(f"{name:22} {value}")
    if found.lost or found.doubled or found.behind or found.breaches:
        raise Unclean("a screen does not show what its conversation has")


if __name__ == "__main__":
    main()
